// The reasons behind a row: fetched when it is opened, beside the table.

class Panel {
	// on: {closed()}
	constructor(parent, on) {
		this.on = on;
		this.element = $(`<aside class="wb-panel" hidden tabindex="-1" aria-label="${__("Reasons")}"></aside>`).appendTo(parent);
		this.element.on("click", ".wb-close", () => this.close());
		this.element.on("keydown", (event) => event.key === "Escape" && this.close(event));
	}

	async open(row, view) {
		this.name = row.name;
		this.element.removeAttr("hidden");
		const of_policy = view === "planned";
		const shown = of_policy ? await policy_of(row) : await sentia_ops.get("sentia_ops.api.workbench.reasons", { name: row.name });
		if (this.name !== row.name) return; // another row was opened meanwhile
		this.stop_chart();
		if (!shown) return this.element.html(head(row) + sentia_ops.empty(__("This recommendation is no longer there.")));
		this.element.html(head(row) + (of_policy ? policy_body(shown) : body(shown))).scrollTop(0);
		if (!of_policy) this.draw_chart(shown);
	}

	draw_chart({ projection, stock_uom }) {
		const parent = this.element.find(".wb-chart");
		if (!parent.length) return;
		const { without, atp } = projection;
		const series = [
			{ label: __("Without the order"), values: without, colour: "#e0524d", dash: "6 4" },
			{ label: __("With the order"), values: projection.with || [], colour: "#2f7ed8", width: 2.5 },
		];
		if (atp?.length) series.push({ label: __("Free to promise"), values: atp, colour: "#8a63c9", dash: "2 3" });
		const level = (label, value, colour) => ({ label, value, colour });
		const levels = [
			level(__("Reorder point"), projection.reorder_point, "#d9922b"),
			level(__("Safety stock"), projection.safety_stock, "#3c9d6a"),
		].filter(({ value }) => !is_empty(value));
		const options = { start: projection.start, length: without.length, unit: stock_uom, series, levels, height: 220 };
		this.chart = new sentia_ops.Chart(parent, options);
	}

	stop_chart() {
		this.chart?.observer.disconnect();
		this.chart = null;
	}

	is_open() {
		return !this.element.prop("hidden");
	}

	// event: the Escape that closes it, which Frappe would answer by taking the keyboard away from the table
	close(event = null) {
		event?.stopPropagation();
		if (!this.is_open()) return;
		this.name = null;
		this.stop_chart();
		this.element.attr("hidden", true).empty();
		this.on.closed();
	}
}

function head(row) {
	const what = [row.item_name !== row.item_code && row.item_name, row.warehouse].filter(Boolean).join(" · ");
	return `<header><div><h4>${text(row.item_code)}</h4><div class="wb-muted">${text(what)}</div></div>
		<button class="btn btn-xs btn-default wb-close" title="${__("Close (Esc)")}" aria-label="${__("Close")}">✕</button></header>`;
}

function body(shown) {
	const parts = [
		`<div class="sentia-headline">${text(shown.summary)}</div>`,
		shown.changes ? `<div class="wb-note"><b>${__("Since the run before")}</b> ${text(shown.changes)}</div>` : "",
		shown.cut_by ? `<div class="wb-note wb-cut-note">${text(cut_words(shown))}</div>` : "",
		sentia_ops.facts(facts(shown)),
		shown.projection?.without?.length ? `<h5>${__("Stock from today")}</h5><div class="wb-chart"></div>` : "",
		section(__("How it comes about"), (shown.reasons || []).map(reason).join("")),
		section(__("Other suppliers, and why not"), others(shown)),
		links(shown),
	];
	return parts.join("");
}

const section = (title, html) => (html ? `<h5>${title}</h5>${html}` : "");

function cut_words(shown) {
	const said = {
		budget: __("The budget cut this from {0} to {1}.", [number(shown.wanted_qty), number(shown.qty)]),
		capacity: __("The space in the warehouse cut this from {0} to {1}.", [number(shown.wanted_qty), number(shown.qty)]),
		scarcity: __("What there is was shared out: {1} of {0}.", [number(shown.wanted_qty), number(shown.qty)]),
		"order value": __("Changed from {0} to {1} for the supplier's minimum order value.", [number(shown.wanted_qty), number(shown.qty)]),
	};
	return said[shown.cut_by] || "";
}

function facts(shown) {
	const own = sentia_ops.workbench.currencies[shown.company];
	const policy = shown.policy || {};
	const amount = (value) => (is_empty(value) ? "" : format_currency(value, own));
	return [
		[__("Urgency"), sentia_ops.urgency_pill(shown.urgency)],
		[__("Order by"), sentia_ops.date(shown.order_by)],
		[__("Needed by"), sentia_ops.date(shown.need_by)],
		[__("On hand"), number(policy.on_hand)],
		[__("Coming in"), number(policy.inbound)],
		[__("Customer orders"), number(policy.outbound)],
		[__("Cost"), amount(shown.cost)],
		[__("Risk of running out"), is_empty(shown.stockout_risk) ? "" : sentia_ops.percent(shown.stockout_risk)],
		[__("Expected loss without it"), amount(shown.cost_without)],
		[__("Expected loss with it"), amount(shown.cost_with)],
		[__("Confidence"), shown.confidence ? sentia_ops.percent(shown.confidence) : ""],
	];
}

const number = (value) => (is_empty(value) ? "" : sentia_ops.number(value));

function reason({ label, text: words, value }) {
	const shown = typeof value === "number" ? number(value) : text(value);
	return `<div class="wb-reason"><div><b>${text(label)}</b><span class="num">${shown}</span></div><p>${text(words)}</p></div>`;
}

function others(shown) {
	if (shown.action !== "buy") return "";
	const rows = shown.alternatives || [];
	if (!rows.length) return sentia_ops.empty(__("No other supplier offers this item."));
	const own = sentia_ops.workbench.currencies[shown.company];
	const amount = (value, currency) => (is_empty(value) ? "" : format_currency(value, currency));
	const line = (r) => `<div class="wb-reason"><div>${sentia_ops.link("Supplier", r.supplier)}
		<span class="num">${amount(r.total_cost, own)}</span></div>
		<p>${amount(r.unit_price, r.currency || own)} · ${__("{0} days", [number(r.lead_days)])} · ${text(r.why_not)}</p></div>`;
	return rows.map(line).join("");
}

function links({ name, item_code, warehouse }) {
	const list = (doctype, label) =>
		`<a href="/app/${frappe.router.slug(doctype)}?item_code=${encodeURIComponent(item_code)}&warehouse=${encodeURIComponent(warehouse)}">${label}</a>`;
	return `<footer>${sentia_ops.link("Reorder Recommendation", name, __("Open the document"))}
		${list("Demand Forecast", __("Forecast"))} ${list("Stock Policy", __("Stock policy"))}
		${sentia_ops.link("Item", item_code, __("Item"))}</footer>`;
}

async function policy_of(row) {
	try {
		return await frappe.db.get_doc("Stock Policy", row.name);
	} catch {
		return null;
	}
}

function policy_body(shown) {
	const numbers = [
		[__("On hand"), number(shown.on_hand)],
		[__("Coming in"), number(shown.inbound)],
		[__("Customer orders"), number(shown.outbound)],
		[__("Safety stock"), number(shown.safety_stock)],
		[__("Reorder point"), number(shown.reorder_point)],
		[__("Order up to"), shown.order_up_to ? number(shown.order_up_to) : ""],
		[__("Demand a day"), number(shown.daily_demand)],
		[__("Lead time (days)"), number(shown.lead_days)],
		[__("Too much"), shown.excess ? number(shown.excess) : ""],
	];
	return `<div class="sentia-headline">${text(shown.why)}</div>${sentia_ops.facts(numbers)}
		<footer>${sentia_ops.link("Stock Policy", shown.name, __("Open the document"))}
		${sentia_ops.link("Item", shown.item_code, __("Item"))}</footer>`;
}
