frappe.listview_settings["Stock Policy"] = {
	hide_name_column: true,
	formatters: {
		on_hand: (value) => sentia_ops.number(value),
		days_of_cover: (value) => (value >= 0 ? sentia_ops.number(value) : ""), // -1: no demand, no figure
		verdict(value) {
			const colour = { order: "orange", enough: "green", "no forecast": "red", "stock unknown": "red" }[value] || "gray";
			return sentia_ops.pill(__(value), colour);
		},
	},
};
