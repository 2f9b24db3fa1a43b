frappe.query_reports["Workstation Load"] = {
	filters: [
		{ fieldname: "schedule", label: __("Schedule"), fieldtype: "Link", options: "Production Schedule" },
		{ fieldname: "workstation", label: __("Workstation"), fieldtype: "Link", options: "Workstation" },
	],
	formatter(value, row, column, data, default_formatter) {
		if (value === null || value === undefined) return `<span class="text-muted">${__("closed")}</span>`;
		const shown = default_formatter(value, row, column, data);
		if (column.fieldname !== "load") return shown;
		const colour = value >= 95 ? "var(--red-600)" : value >= 80 ? "var(--orange-600)" : "var(--green-600)";
		return `<span style="color: ${colour}">${shown}</span>`;
	},
};
