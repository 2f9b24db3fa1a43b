frappe.listview_settings["Stock Policy"] = {
	add_fields: ["daily_demand"],
	hide_name_column: true,
	formatters: {
		on_hand: (value) => sentia_ops.number(value),
		days_of_cover: (value, df, doc) => (doc.daily_demand ? sentia_ops.number(value) : ""),
		verdict(value) {
			const colour = { order: "orange", enough: "green", "no forecast": "red" }[value] || "gray";
			return sentia_ops.pill(__(value), colour);
		},
	},
};
