frappe.listview_settings["Recommendation Outcome"] = {
	hide_name_column: true,
	add_fields: ["qty"],
	formatters: {
		is_good: (value) => sentia_ops.pill(value ? __("good") : __("not good"), value ? "green" : "red"),
		stockout_days: (value) => sentia_ops.number(value),
		excess_qty: (value) => sentia_ops.number(value),
	},
};
