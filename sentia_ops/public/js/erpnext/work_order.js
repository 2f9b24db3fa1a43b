// A Work Order's own form: make its Production Job, or look at it and at the board.
frappe.ui.form.on("Work Order", {
	async refresh(frm) {
		if (frm.doc.docstatus !== 1 || !frappe.model.can_read("Production Job")) return;
		const { message } = await frappe.db.get_value("Production Job", { work_order: frm.doc.name }, "name");
		const group = __("Planning");
		if (message?.name) {
			frm.add_custom_button(__("Production Job"), () => frappe.set_route("Form", "Production Job", message.name), group);
		} else if (frappe.model.can_create("Production Job") && !["Completed", "Stopped", "Closed"].includes(frm.doc.status)) {
			frm.add_custom_button(
				__("Make Production Job"),
				async () => {
					const made = await sentia_ops.post("sentia_ops.api.schedules.make_job", { work_order: frm.doc.name });
					if (made) frappe.set_route("Form", "Production Job", made.job);
				},
				group
			);
		}
	},
});
