frappe.query_reports["Plan Against Actual"] = {
	filters: [
		{ fieldname: "group_by", label: __("Group by"), fieldtype: "Select", options: "\nWorkstation\nOperation\nItem" },
		{ fieldname: "from_date", label: __("Started from"), fieldtype: "Date", default: frappe.datetime.add_months(frappe.datetime.get_today(), -1) },
		{ fieldname: "to_date", label: __("to"), fieldtype: "Date" },
		{ fieldname: "workstation", label: __("Workstation"), fieldtype: "Link", options: "Workstation" },
		{ fieldname: "operation", label: __("Operation"), fieldtype: "Link", options: "Operation" },
		{ fieldname: "item_code", label: __("Item"), fieldtype: "Link", options: "Item" },
	],
	formatter(value, row, column, data, default_formatter) {
		if (value === null || value === undefined || value === "") return "";
		const shown = default_formatter(value, row, column, data);
		if (!["start_late", "end_late"].includes(column.fieldname)) return shown;
		return Math.abs(value) > 0.5 ? `<span style="color: var(--orange-600)">${shown}</span>` : shown;
	},
};
