frappe.listview_settings["Approval Right"] = {
	hide_name_column: true,
	formatters: {
		backtest_pass: (value) => (value >= 0 ? sentia_ops.percent(value) : ""), // -1: none tested
		good_share: (value) => (value >= 0 ? sentia_ops.percent(value) : ""), // -1: none judged
	},
};
