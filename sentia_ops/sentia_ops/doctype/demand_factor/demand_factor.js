frappe.ui.form.on("Demand Factor", {
	kind(frm) {
		frm.set_value("known_ahead", ["weather", "price"].includes(frm.doc.kind) ? 0 : 1);
	},
});
