frappe.ui.form.on("Forecast Score", {
	refresh(frm) {
		frm.disable_save();
	},
});
