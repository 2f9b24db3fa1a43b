frappe.listview_settings["Supplier Performance"] = {
	hide_name_column: true,
	add_fields: ["risk", "on_time_n", "confidence"],
	get_indicator({ risk }) {
		const colours = { "no data": "gray", low: "green", medium: "orange", high: "red" };
		return [risk === "no data" ? __("no data") : __("{0} risk", [__(risk)]), colours[risk], `risk,=,${risk}`];
	},
	formatters: {
		score: (value, df, doc) => (value >= 0 ? `${sentia_ops.number(value, 0)} <span class="text-muted">(${__(doc.confidence)})</span>` : __("no data")),
		on_time: (value, df, doc) => (value >= 0 ? `${sentia_ops.percent(value, 0)} <span class="text-muted">(${sentia_ops.number(doc.on_time_n, 0)})</span>` : __("no data")),
		days_late: (value) => (value >= 0 ? sentia_ops.number(value, 1) : __("no data")),
	},
};
