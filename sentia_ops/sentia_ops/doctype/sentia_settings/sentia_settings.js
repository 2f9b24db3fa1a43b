frappe.ui.form.on("Sentia Settings", {
	refresh(frm) {
		sentia_ops.add_plan_button(frm.page);
		show_who_orders(frm);
		show_no_limit(frm);
	},

	write_levels: show_who_orders,
	use_autonomy: show_who_orders,
});

// ERPNext's automatic Material Requests order whatever has a reorder level, and do not see our drafts.
function show_who_orders(frm) {
	const { auto_indent: on, levels = 0 } = frm.doc.__onload || {};
	const link = `<a href="/app/stock-settings">${__("Stock Settings")}</a>`;
	const off_text = __("ERPNext's automatic Material Requests are off in {0}: levels in the items order nothing, and everything here can be approved.", [link]);
	const on_text = __(
		"ERPNext's automatic Material Requests are on in {0}: ERPNext itself orders what has a reorder level, and recommendations for these cannot be approved, or goods would be ordered twice. Items and warehouses with a level: {1}.",
		[link, levels]
	);
	frm.fields_dict.levels_note.$wrapper.html(`<p class="text-muted small">${on ? on_text : off_text}</p>`);
	frm.set_intro("");
	if (on && (levels || frm.doc.use_autonomy || frm.doc.write_levels !== "off")) frm.set_intro(on_text, "orange");
}

// a tier of 0 has no limit, and would look as if it had the smallest
function show_no_limit(frm) {
	const { grid } = frm.fields_dict.approval_tiers;
	const formatter = (value, df, options, doc) =>
		value ? frappe.form.get_formatter("Currency")(value, df, options, doc) : `<div style="text-align: right">${__("no limit")}</div>`;
	grid.update_docfield_property("up_to", "formatter", formatter);
	grid.refresh();
}
