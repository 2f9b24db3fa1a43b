frappe.ui.form.on("Sentia Settings", {
	refresh(frm) {
		sentia_ops.add_plan_button(frm.page);
		if (frm.doc.__onload?.auto_indent) {
			const link = `<a href="/app/stock-settings">${__("Stock Settings")}</a>`;
			frm.set_intro(
				__("ERPNext's own automatic Material Requests are on in {0}. Leave only one of the two on, or goods are ordered twice.", [link]),
				"orange"
			);
		}
	},
});
