frappe.ui.form.on("Stock Policy", {
	refresh(frm) {
		frm.disable_save();
	},
});
