frappe.ui.form.on("Approval Right", {
	refresh(frm) {
		frm.disable_save();
	},
});
