frappe.ui.form.on("Supplier Item Terms", {
	supplier(frm) {
		// the form starts with the company's currency; most suppliers price in their own
		if (!frm.doc.supplier) return;
		frappe.db.get_value("Supplier", frm.doc.supplier, "default_currency").then(({ message }) => {
			if (message && message.default_currency) frm.set_value("currency", message.default_currency);
		});
	},
});
