frappe.listview_settings["Production Job"] = {
	hide_name_column: true,
	add_fields: ["status", "tardiness", "due_at"],

	get_indicator({ status }) {
		const colours = { pending: "gray", scheduled: "blue", "in progress": "purple", completed: "green", late: "red", cancelled: "darkgrey" };
		return [__(status), colours[status], `status,=,${status}`];
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
