frappe.listview_settings["Demand Factor"] = { hide_name_column: true };
