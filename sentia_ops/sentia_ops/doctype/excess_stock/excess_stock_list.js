frappe.listview_settings["Excess Stock"] = {
	hide_name_column: true,
	formatters: {
		excess_qty: (value) => sentia_ops.number(value),
		// below zero stands for none: no demand is expected, so no number of days
		days_of_cover: (value) => (value < 0 ? __("never sells") : sentia_ops.number(value)),
	},
};
