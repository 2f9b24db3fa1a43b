frappe.listview_settings["Production Job"] = {
	hide_name_column: true,
	add_fields: ["status", "tardiness", "due_at"],

	get_indicator({ status }) {
		const colours = { pending: "gray", scheduled: "blue", "in progress": "purple", completed: "green", late: "red", cancelled: "darkgrey" };
		return [__(status), colours[status], `status,=,${status}`];
	},

	onload(listview) {
		if (!frappe.model.can_create("Production Job") || !frappe.model.can_read("Work Order")) return;
		listview.page.add_inner_button(__("Make from open Work Orders"), () => make_jobs(listview));
	},

	formatters: {
		due_at: to_the_minute,
		scheduled_end: to_the_minute,
		tardiness: (value, df, doc) => (value > 0 && doc.due_at ? `${sentia_ops.number(value, 1)} ${__("hours")}` : ""),
	},
};

// seconds only take room
function to_the_minute(value) {
	return value ? moment(value).format(`${frappe.datetime.get_user_date_fmt().toUpperCase()} HH:mm`) : "";
}

async function make_jobs(listview) {
	const done = await sentia_ops.post("sentia_ops.api.schedules.make_jobs");
	if (!done) return;
	const left = done.left ? ` ${__("{0} are left: press again.", [done.left])}` : "";
	frappe.show_alert({ message: __("{0} Production Jobs made.", [done.made]) + left, indicator: "green" });
	if (done.refused.length) {
		const rows = done.refused.map(({ work_order, reason }) => `<li>${sentia_ops.link("Work Order", work_order)}: ${sentia_ops.text(reason)}</li>`);
		frappe.msgprint({ title: __("Not made"), indicator: "orange", message: `<ul>${rows.join("")}</ul>` });
	}
	listview.refresh();
}
