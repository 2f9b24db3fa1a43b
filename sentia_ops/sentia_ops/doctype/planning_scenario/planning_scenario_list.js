frappe.listview_settings["Planning Scenario"] = {
	add_fields: ["status", "company_currency", "cost_change", "orders_changed"],
	hide_name_column: true,

	get_indicator(doc) {
		const colours = { Draft: "gray", Running: "blue", Ready: "cyan", Proposed: "orange", Promoted: "green", Failed: "red" };
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},

	formatters: {
		cost_change(value, df, doc) {
			if (!["Ready", "Proposed", "Promoted"].includes(doc.status)) return "";
			return `${value > 0 ? "+" : ""}${format_currency(value, doc.company_currency, 0)}`;
		},
	},

	onload(listview) {
		listview.page.add_actions_menu_item(__("Compare side by side"), () => compare(listview), true);
	},
};

async function compare(listview) {
	const names = listview.get_checked_items(true);
	const data = await sentia_ops.get("sentia_ops.api.scenarios.compare", { names: JSON.stringify(names) });
	if (!data) {
		frappe.msgprint(__("Choose 2 to 6 scenarios that have a result."));
		return;
	}
	const letters = "ABCDEF".split("");
	const { scenarios, currency } = data;
	const show = (value, unit) => {
		if (value === null || value === undefined) return `<span class="text-muted">${__("no data")}</span>`;
		if (unit === "money") return format_currency(value, currency, 0);
		return unit === "percent" ? `${format_number(value, null, 1)}\u202f%` : sentia_ops.number(value);
	};
	const kinds = { new: __("Orders new"), gone: __("Orders gone"), larger: __("Orders larger"), smaller: __("Orders smaller") };
	const rows = scenarios[0].measures.map((m, i) => ({
		label: __(m.label),
		now: show(m.now, m.unit),
		cells: scenarios.map((s) => show(s.measures[i].then, m.unit)),
	}));
	for (const [kind, label] of Object.entries(kinds)) {
		rows.push({ label, now: "", cells: scenarios.map((s) => sentia_ops.number(s.kinds[kind] || 0)) });
	}
	const columns = [
		{ label: "", html: (r) => sentia_ops.text(r.label) },
		{ label: __("As it is"), align: "num", html: (r) => r.now },
		...scenarios.map((s, i) => ({ label: letters[i], align: "num", html: (r) => r.cells[i] })),
	];
	const told = scenarios.map((s, i) => {
		const name = sentia_ops.link("Planning Scenario", s.name, s.title);
		return `<p><b>${letters[i]}</b> ${name}: ${sentia_ops.text(s.changes.join("; "))}</p>`;
	});
	const mixed = data.same_base
		? ""
		: `<p class="text-danger">${__("They were not compared with the same plan: run them again to compare them fairly.")}</p>`;
	const dialog = new frappe.ui.Dialog({ title: __("Scenarios side by side"), size: "large" });
	dialog.$body.html(`<div class="p-4">${told.join("")}${mixed}${sentia_ops.table(columns, rows)}</div>`);
	dialog.show();
}
