frappe.query_reports["Production On Time"] = {
	filters: [
		{ fieldname: "group_by", label: __("Group by"), fieldtype: "Select", options: "Month\nItem\nCustomer\nPriority", default: "Month", reqd: 1 },
		{ fieldname: "from_date", label: __("Due from"), fieldtype: "Date", default: frappe.datetime.add_months(frappe.datetime.get_today(), -6) },
		{ fieldname: "to_date", label: __("to"), fieldtype: "Date" },
		{ fieldname: "company", label: __("Company"), fieldtype: "Link", options: "Company" },
		{ fieldname: "item_code", label: __("Item"), fieldtype: "Link", options: "Item" },
		{ fieldname: "customer", label: __("Customer"), fieldtype: "Link", options: "Customer" },
	],
	formatter(value, row, column, data, default_formatter) {
		if (value === null || value === undefined) return "";
		const shown = default_formatter(value, row, column, data);
		if (column.fieldname !== "on_time") return shown;
		const colour = value >= 95 ? "var(--green-600)" : value >= 85 ? "var(--orange-600)" : "var(--red-600)";
		return `<span style="color: ${colour}">${shown}</span>`;
	},
};
