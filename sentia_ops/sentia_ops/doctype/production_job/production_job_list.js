frappe.listview_settings["Production Job"] = {
	add_fields: ["status", "tardiness", "due_at"],

	get_indicator({ status }) {
		const colours = { pending: "gray", scheduled: "blue", "in progress": "purple", completed: "green", late: "red", cancelled: "darkgrey" };
		return [__(status), colours[status], `status,=,${status}`];
	},

	formatters: {
		tardiness: (value, df, doc) => (value > 0 && doc.due_at ? `${sentia_ops.number(value, 1)} ${__("hours")}` : ""),
	},
};
