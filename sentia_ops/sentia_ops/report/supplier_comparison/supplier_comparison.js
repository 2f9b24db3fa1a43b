frappe.query_reports["Supplier Comparison"] = {
	filters: [
		{ fieldname: "item_code", label: __("Item"), fieldtype: "Link", options: "Item", reqd: 1 },
		{ fieldname: "qty", label: __("Quantity to order"), fieldtype: "Float" },
	],
	formatter(value, row, column, data, default_formatter) {
		if (column.fieldname === "fact") return `<b>${sentia_ops.text(value)}</b>`;
		const text = sentia_ops.text(value);
		if (data?.strong) return `<b title="${text}">${text}</b>`;
		return value === "no data" ? `<span class="text-muted">${__("no data")}</span>` : `<span title="${text}">${text}</span>`;
	},
	// the report view sets axes without asking; drawn again with as many labels as there is room for
	after_datatable_render() {
		const { chart_options: options } = frappe.query_report;
		if (options) frappe.query_report.render_chart({ ...options, axisOptions: { ...options.axisOptions, xIsSeries: 1 } });
	},
};
