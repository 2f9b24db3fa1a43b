frappe.listview_settings["Forecast Total"] = {
	hide_name_column: true,
	formatters: {
		qty: (value) => sentia_ops.number(value),
		lo80: (value) => sentia_ops.number(value),
		hi80: (value) => sentia_ops.number(value),
	},
};
