frappe.ui.form.on("Production Job", {
	refresh(frm) {
		show_overview(frm);
		const { grid } = frm.fields_dict.operations;
		// steps of a Work Order come and go with its Job Cards
		grid.cannot_add_rows = Boolean(frm.doc.work_order);
		grid.cannot_delete_rows = Boolean(frm.doc.work_order);
		for (const field of ["operation", "workstation", "workstation_type", "minutes", "kind", "after"]) {
			grid.update_docfield_property(field, "read_only", frm.doc.work_order ? 1 : 0);
		}
		grid.update_docfield_property("status", "read_only", frm.doc.work_order ? 1 : 0);
		for (const [field, kind] of [["operators", "operator"], ["tool", "tool"]]) {
			grid.get_field(field).get_query = () => ({ filters: { sentia_kind: kind } });
		}
		grid.refresh();
	},
});

function show_overview(frm) {
	const { doc } = frm;
	const { $wrapper } = frm.fields_dict.overview;
	$wrapper.empty();
	if (frm.is_new() || !doc.scheduled_end) return;
	const late = doc.tardiness > 0 ? sentia_ops.pill(__("{0} hours late", [sentia_ops.number(doc.tardiness, 1)]), "red") : sentia_ops.pill(__("in time"), "green");
	const facts = [
		[__("Start"), sentia_ops.date(doc.scheduled_start)],
		[__("End"), sentia_ops.date(doc.scheduled_end)],
		[__("Due"), sentia_ops.date(doc.due_at)],
		[__("Against the due date"), doc.due_at ? late : sentia_ops.pill(__("no due date"), "gray")],
		[__("Schedule"), sentia_ops.link("Production Schedule", doc.schedule)],
	];
	$wrapper.html(`${sentia_ops.facts(facts)}<p>${sentia_ops.text(doc.summary)}</p>`);
}
