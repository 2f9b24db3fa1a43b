frappe.query_reports["On Time by ERPNext and Sentia"] = {
	filters: [
		{ fieldname: "from_date", label: __("Promised from"), fieldtype: "Date", reqd: 1, default: frappe.datetime.add_months(frappe.datetime.get_today(), -12) },
		{ fieldname: "to_date", label: __("to"), fieldtype: "Date", reqd: 1, default: frappe.datetime.get_today() },
		{ fieldname: "period", label: __("Period"), fieldtype: "Select", options: "Whole\nMonth", default: "Whole", reqd: 1 },
		{ fieldname: "supplier", label: __("Supplier"), fieldtype: "Link", options: "Supplier" },
		{ fieldname: "lines", label: __("Order lines"), fieldtype: "Select", options: "None\nThat differ\nAll", default: "None", reqd: 1 },
	],
	tree: true,
	name_field: "name",
	parent_field: "parent",
	initial_depth: 1,
	formatter(value, row, column, data, default_formatter) {
		const empty = value === null || value === undefined;
		if (empty && data && !data.indent && ["native_share", "share", "days_late"].includes(column.fieldname)) {
			return `<span class="text-muted">${__("no data")}</span>`;
		}
		if (empty) return "";
		return default_formatter(value, row, column, data);
	},
};
