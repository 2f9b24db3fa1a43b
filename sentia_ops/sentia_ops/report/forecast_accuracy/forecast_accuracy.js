frappe.query_reports["Forecast Accuracy"] = {
	filters: [
		{ fieldname: "group_by", label: __("Group by"), fieldtype: "Select", options: "Item\nClass\nModel\nPlanner", default: "Class", reqd: 1 },
		{ fieldname: "from_date", label: __("First day forecast from"), fieldtype: "Date", default: frappe.datetime.add_months(frappe.datetime.get_today(), -6) },
		{ fieldname: "to_date", label: __("to"), fieldtype: "Date" },
		{ fieldname: "company", label: __("Company"), fieldtype: "Link", options: "Company" },
		{ fieldname: "warehouse", label: __("Warehouse"), fieldtype: "Link", options: "Warehouse" },
		{ fieldname: "item_group", label: __("Item group"), fieldtype: "Link", options: "Item Group" },
		{ fieldname: "item_code", label: __("Item"), fieldtype: "Link", options: "Item" },
		{ fieldname: "demand_class", label: __("Demand class"), fieldtype: "Select", options: "\nsmooth\nerratic\nintermittent\nlumpy\nnew\ndead" },
		{ fieldname: "model", label: __("Model"), fieldtype: "Data" },
		{ fieldname: "planner", label: __("Planner"), fieldtype: "Data" },
	],
	formatter(value, row, column, data, default_formatter) {
		if (value === null || value === undefined) return "";
		const shown = default_formatter(value, row, column, data);
		if (column.fieldname !== "mase" || !data || !(data.mase_naive > 0)) return shown;
		const colour = data.mase <= data.mase_naive ? "var(--green-600)" : "var(--red-600)";
		return `<span style="color: ${colour}">${shown}</span>`;
	},
	// the report view sets axes without asking; drawn again with as many labels as there is room for
	after_datatable_render() {
		const { chart_options: options } = frappe.query_report;
		if (options) frappe.query_report.render_chart({ ...options, axisOptions: { ...options.axisOptions, xIsSeries: 1 } });
	},
};
