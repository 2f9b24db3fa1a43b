frappe.listview_settings["Stock Policy"] = {
	hide_name_column: true,
	formatters: {
		on_hand: (value) => sentia_ops.number(value),
		days_of_cover: (value) => (value >= 0 ? sentia_ops.number(value) : ""), // -1: no demand, no figure
		verdict(value) {
			const colour = { order: "orange", enough: "green", "no forecast": "red", "stock unknown": "red" }[value] || "gray";
			return sentia_ops.pill(__(value), colour);
		},
	},

	onload(listview) {
		if (!frappe.user.has_role("Operations Manager")) return;
		listview.page.add_inner_button(__("Apply to items"), () => preview_levels(listview));
	},
};

const LEVELS = { preview: "sentia_ops.api.stock_policy.level_changes", apply: "sentia_ops.api.stock_policy.apply_levels" };

// Reorder point and order quantity into ERPNext's own reorder levels: those of the rows selected, else all.
async function preview_levels(listview) {
	const names = listview.get_checked_items(true);
	const found = await sentia_ops.get(LEVELS.preview, names.length ? { names: JSON.stringify(names) } : {});
	if (!found) return;
	if (!found.total) {
		frappe.msgprint(__("The items' reorder levels are as the stock policy has them."));
		return;
	}
	const dialog = new frappe.ui.Dialog({
		title: __("{0} reorder levels would change", [found.total]),
		size: "large",
		fields: [{ fieldname: "changes", fieldtype: "HTML", options: levels_table(found) }],
		primary_action_label: __("Write into the items"),
		async primary_action() {
			dialog.hide();
			const done = await sentia_ops.post(LEVELS.apply, { names });
			if (done) frappe.show_alert({ message: __("{0} reorder levels written.", [done.total]), indicator: "green" });
		},
	});
	dialog.show();
}

function levels_table({ changes, total }) {
	const both = (old, value) => `${old ? sentia_ops.number(old) : "–"} → <b>${sentia_ops.number(value)}</b>`;
	const columns = [
		{ label: __("Item"), html: (r) => sentia_ops.link("Item", r.item_code) },
		{ label: __("Warehouse"), html: (r) => sentia_ops.text(r.warehouse) },
		{ label: __("Reorder level"), align: "num", html: (r) => both(r.old_level, r.level) },
		{ label: __("Reorder quantity"), align: "num", html: (r) => both(r.old_qty, r.qty) },
		{ label: __("Request"), html: (r) => sentia_ops.text(__(r.material_request_type)) },
	];
	const more = total > changes.length ? sentia_ops.empty(__("and {0} more", [total - changes.length])) : "";
	return sentia_ops.table(columns, changes) + more;
}
