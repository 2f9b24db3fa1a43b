frappe.ui.form.on("Forecast Override", {
	refresh(frm) {
		if (frm.is_new() || frm.doc.status !== "Active" || !frm.perm[0]?.write) return;
		frm.add_custom_button(__("Cancel override"), async () => {
			await frm.set_value("status", "Cancelled");
			frm.save();
		});
	},
});
