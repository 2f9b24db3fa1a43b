frappe.ui.form.on("Recommendation Outcome", {
	refresh(frm) {
		frm.disable_save();
	},
});
