// The supplier's own form: what Sentia Ops measured, in one section of the dashboard.
frappe.ui.form.on("Supplier", {
	async refresh(frm) {
		if (frm.is_new() || !frappe.model.can_read("Supplier Performance")) return;
		const found = await sentia_ops.get("sentia_ops.api.suppliers.get", { supplier: frm.doc.name });
		if (!found || found.supplier !== frm.doc.name) return;
		const colours = { "no data": "gray", low: "green", medium: "orange", high: "red" };
		const figure = (value, text) => (value === null ? sentia_ops.pill(__("no data"), "gray") : text(value));
		const score = (value) => `${sentia_ops.number(value, 0)} <span class="text-muted">(${__(found.confidence)})</span>`;
		const counted = (value, n) => `${sentia_ops.percent(value, 0)} <span class="text-muted">(${sentia_ops.number(n, 0)})</span>`;
		const facts = [
			[__("Score"), figure(found.score, score)],
			[__("Risk"), sentia_ops.pill(__(found.risk), colours[found.risk])],
			[__("On time"), figure(found.on_time, (value) => counted(value, found.on_time_n))],
			[__("Days late"), figure(found.days_late, (value) => sentia_ops.number(value, 1))],
			[__("In full"), figure(found.in_full, (value) => counted(value, found.in_full_n))],
			[__("Accepted"), figure(found.accepted, (value) => counted(value, found.accepted_n))],
			[__("Price against the market"), figure(found.price_market, (value) => sentia_ops.percent(value, 0))],
		];
		const more = sentia_ops.link("Supplier Performance", found.supplier, __("How this is computed"));
		const text = `<div style="margin: 8px 0">${sentia_ops.text(found.recommendation)} ${more}</div>`;
		frm.sentia_section?.remove();
		frm.sentia_section = frm.dashboard.add_section(sentia_ops.facts(facts) + text, __("Performance in the last year"));
		frm.dashboard.show();
		// on the first tab, too: the section is on the one called Dashboard
		const short = [
			`${__("Score")} ${facts[0][1]}`,
			`${__("on time")} ${facts[2][1]}`,
			`${__("risk")} ${facts[1][1]}`,
			sentia_ops.text(found.findings),
			more,
		];
		frm.dashboard.set_headline(short.filter(Boolean).join(" · "));
	},
});
