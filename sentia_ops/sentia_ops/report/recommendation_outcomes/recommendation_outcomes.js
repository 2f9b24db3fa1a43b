frappe.query_reports["Recommendation Outcomes"] = {
	filters: [
		{ fieldname: "group_by", label: __("Group by"), fieldtype: "Select", options: "Supplier\nClass\nApprover\nItem\nMonth", default: "Supplier", reqd: 1 },
		{ fieldname: "from_date", label: __("Ordered from"), fieldtype: "Date", default: frappe.datetime.add_months(frappe.datetime.get_today(), -12) },
		{ fieldname: "to_date", label: __("to"), fieldtype: "Date" },
		{ fieldname: "company", label: __("Company"), fieldtype: "Link", options: "Company" },
		{ fieldname: "warehouse", label: __("Warehouse"), fieldtype: "Link", options: "Warehouse" },
		{ fieldname: "supplier", label: __("Supplier"), fieldtype: "Link", options: "Supplier" },
		{ fieldname: "segment", label: __("Service class"), fieldtype: "Data" },
		{ fieldname: "item_code", label: __("Item"), fieldtype: "Link", options: "Item" },
		{ fieldname: "approved_by", label: __("Approved by"), fieldtype: "Link", options: "User" },
		{ fieldname: "only_automatic", label: __("Approved automatically only"), fieldtype: "Check" },
	],
	formatter(value, row, column, data, default_formatter) {
		if (value === null || value === undefined) return "";
		const shown = default_formatter(value, row, column, data);
		if (column.fieldname !== "good" || !data) return shown;
		const colour = data.good >= 90 ? "var(--green-600)" : data.good >= 75 ? "var(--orange-600)" : "var(--red-600)";
		return `<span style="color: ${colour}">${shown}</span>`;
	},
};
