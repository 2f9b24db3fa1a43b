frappe.listview_settings["Forecast Override"] = {
	hide_name_column: true,
	add_fields: ["status", "to_date", "kind", "value"],
	get_indicator(doc) {
		const over = doc.status === "Active" && doc.to_date < frappe.datetime.get_today();
		const status = over ? "Past" : doc.status;
		const colour = { Active: "blue", Past: "gray", Cancelled: "red" }[status];
		return [__(status), colour, `status,=,${doc.status}`];
	},
};
