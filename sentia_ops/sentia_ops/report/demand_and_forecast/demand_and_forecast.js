frappe.query_reports["Demand and Forecast"] = {
	filters: [
		{ fieldname: "period", label: __("Period"), fieldtype: "Select", options: "Day\nWeek\nMonth", default: "Week", reqd: 1 },
		{ fieldname: "item_code", label: __("Item"), fieldtype: "Link", options: "Item" },
		{ fieldname: "warehouse", label: __("Warehouse"), fieldtype: "Link", options: "Warehouse" },
		{ fieldname: "item_group", label: __("Item group"), fieldtype: "Link", options: "Item Group" },
		{ fieldname: "from_date", label: __("From"), fieldtype: "Date", default: frappe.datetime.add_months(frappe.datetime.get_today(), -6) },
		{ fieldname: "to_date", label: __("To"), fieldtype: "Date" },
	],
	formatter(value, row, column, data, default_formatter) {
		return value === null || value === undefined ? "" : default_formatter(value, row, column, data);
	},
	// the report view sets axes without asking; drawn again with as many labels as there is room for
	after_datatable_render() {
		const { chart_options: options } = frappe.query_report;
		if (options) frappe.query_report.render_chart({ ...options, axisOptions: { ...options.axisOptions, xIsSeries: 1 } });
	},
};
