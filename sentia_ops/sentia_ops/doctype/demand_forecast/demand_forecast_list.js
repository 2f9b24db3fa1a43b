frappe.listview_settings["Demand Forecast"] = {
	add_fields: ["windows"],
	hide_name_column: true,
	formatters: {
		next_28_days: (value) => sentia_ops.number(value),
		mase: (value, df, doc) => (doc.windows ? sentia_ops.number(value, 2) : __("untested")),
	},
	onload(listview) {
		sentia_ops.add_plan_button(listview.page, () => listview.refresh());
	},
};
