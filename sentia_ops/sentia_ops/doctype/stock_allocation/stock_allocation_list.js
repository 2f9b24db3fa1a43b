frappe.listview_settings["Stock Allocation"] = {
	hide_name_column: true,
	formatters: Object.fromEntries(
		["available", "demand", "allocated", "short"].map((field) => [field, (value) => sentia_ops.number(value)])
	),
};
