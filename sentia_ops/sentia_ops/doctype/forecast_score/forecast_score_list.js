frappe.listview_settings["Forecast Score"] = {
	hide_name_column: true,
	add_fields: ["status", "drift"],
	get_indicator({ status, drift }) {
		if (drift) return [__("drifts: {0}", [__(drift)]), "orange", `drift,=,${drift}`];
		return status === "open" ? [__("open"), "gray", "status,=,open"] : [__("scored"), "blue", "status,=,scored"];
	},
	formatters: {
		mase: (value) => (value >= 0 ? sentia_ops.number(value, 2) : ""),
	},
};
