frappe.listview_settings["Planning Run"] = {
	add_fields: ["status", "progress"],
	hide_name_column: false,
	get_indicator(doc) {
		const colour = { Running: "blue", Completed: "green", Failed: "red" }[doc.status];
		return [__(doc.status), colour, `status,=,${doc.status}`];
	},
	onload(listview) {
		sentia_ops.add_plan_button(listview.page, () => listview.refresh());
	},
};
