frappe.listview_settings["Demand Forecast"] = {
	hide_name_column: true,
	add_fields: ["drift"],
	get_indicator({ drift }) {
		if (drift) return [__("drifts: {0}", [__(drift)]), "orange", `drift,=,${drift}`];
	},
	formatters: {
		next_28_days: (value) => sentia_ops.number(value),
		mase: (value) => (value >= 0 ? sentia_ops.number(value, 2) : __("untested")),
	},
	onload(listview) {
		sentia_ops.add_plan_button(listview.page, () => listview.refresh());
	},
};
