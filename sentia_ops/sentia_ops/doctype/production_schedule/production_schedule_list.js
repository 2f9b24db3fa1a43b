frappe.listview_settings["Production Schedule"] = {
	add_fields: ["status", "outdated"],

	get_indicator({ status, outdated }) {
		if (status === "Published" && outdated) return [__("Published, out of date"), "orange", "status,=,Published"];
		const colours = { Draft: "gray", Published: "green", Superseded: "darkgrey" };
		return [__(status), colours[status], `status,=,${status}`];
	},
};
