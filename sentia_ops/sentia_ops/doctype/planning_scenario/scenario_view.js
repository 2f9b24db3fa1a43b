// The difference as tables and bars: what is better is green, what is worse is red.
const KIND_LABELS = () => ({
	new: __("New"),
	gone: __("Gone"),
	larger: __("Larger"),
	smaller: __("Smaller"),
	changed: __("Otherwise changed"),
});
const KIND_COLOURS = { new: "blue", gone: "gray", larger: "orange", smaller: "green", changed: "purple" };
const FIRST_SHOWN = 20; // orders before "show more"

class ScenarioView {
	constructor(frm, result) {
		Object.assign(this, { frm, result, shown: FIRST_SHOWN, kind: "" });
	}

	show() {
		this.show_measures();
		this.show_totals();
		this.show_orders();
	}

	money(value) {
		return value === null || value === undefined ? "" : format_currency(value, this.result.currency, 0);
	}

	figure(value, unit, sign = false) {
		if (value === null || value === undefined) return `<span class="text-muted">${__("no data")}</span>`;
		const plus = sign && value > 0 ? "+" : "";
		if (unit === "money") return plus + this.money(value);
		if (unit === "percent") return `${plus}${format_number(value, null, 1)}\u202f${sign ? __("points") : "%"}`;
		return plus + sentia_ops.number(value);
	}

	coloured(html, change, better) {
		if (!change || !better) return html;
		return `<span class="${Math.sign(change) === better ? "text-success" : "text-danger"}">${html}</span>`;
	}

	show_measures() {
		const columns = [
			{ label: "", html: (m) => `<b>${sentia_ops.text(__(m.label))}</b><div class="text-muted small">${sentia_ops.text(m.how)}</div>` },
			{ label: __("As it is"), align: "num", html: (m) => this.figure(m.now, m.unit) },
			{ label: __("What if"), align: "num", html: (m) => this.figure(m.then, m.unit) },
			{ label: __("Change"), align: "num", html: (m) => this.coloured(this.figure(m.change, m.unit, true), m.change, m.better) },
		];
		const notes = this.result.notes.map((text) => `<li>${sentia_ops.text(text)}</li>`).join("");
		const done = notes ? `<div class="sentia-note">${__("What was changed")}<ul>${notes}</ul></div>` : "";
		this.frm.fields_dict.measures_view.$wrapper.html(sentia_ops.table(columns, this.result.measures) + done);
	}

	show_totals() {
		const { totals } = this.result;
		const wrapper = this.frm.fields_dict.totals_view.$wrapper.empty();
		const chart = $("<div>").appendTo(wrapper);
		const titles = { supplier: __("By supplier"), warehouse: __("By warehouse"), class: __("By service class") };
		const blocks = Object.entries(totals).map(([by, rows]) => {
			const columns = [
				{ label: titles[by], html: (r) => sentia_ops.text(r.name) },
				{ label: __("As it is"), align: "num", html: (r) => this.money(r.cost_now) },
				{ label: __("What if"), align: "num", html: (r) => this.money(r.cost_then) },
				{ label: __("Change"), align: "num", html: (r) => this.figure(r.cost_then - r.cost_now, "money", true) },
				{ label: __("Orders"), align: "num", html: (r) => this.arrow(r.orders_now, r.orders_then) },
			];
			return `<div class="sentia-block wide">${sentia_ops.table(columns, rows)}</div>`;
		});
		wrapper.append(`<div class="sentia-blocks">${blocks.join("")}</div>`);
		this.draw_chart(chart, totals.supplier || []);
	}

	draw_chart(parent, rows) {
		const most = rows.slice(0, 8);
		if (!most.length) return;
		// the chart takes labels for HTML
		const short = (name) => sentia_ops.text(name.length > 18 ? `${name.slice(0, 17)}…` : name);
		new frappe.Chart(parent[0], {
			type: "bar",
			height: 240,
			colors: ["#9aa5b1", "#2f7ed8"],
			data: {
				labels: most.map((row) => short(row.name)),
				datasets: [
					{ name: __("As it is"), values: most.map((row) => Math.round(row.cost_now)) },
					{ name: __("What if"), values: most.map((row) => Math.round(row.cost_then)) },
				],
			},
			axisOptions: { xAxisMode: "tick", shortenYAxisNumbers: 1 },
			tooltipOptions: { formatTooltipY: (value) => this.money(value) },
		});
	}

	arrow(now, then, show = (x) => sentia_ops.number(x)) {
		const text = (x) => (x === null || x === undefined || x === "" ? "–" : show(x));
		return text(now) === text(then) ? text(now) : `${text(now)} → ${text(then)}`;
	}

	show_orders() {
		const { orders, kinds, orders_changed, orders_same } = this.result;
		const wrapper = this.frm.fields_dict.orders_view.$wrapper.empty();
		if (!orders_changed) {
			wrapper.html(sentia_ops.empty(__("No order changes: all {0} stay as they are.", [orders_same])));
			return;
		}
		const pills = $('<div class="mb-3"></div>').appendTo(wrapper);
		const add = (kind, label, count) => {
			const on = this.kind === kind ? "btn-primary" : "btn-default";
			$(`<button class="btn btn-xs ${on} mr-2">${sentia_ops.text(label)} ${sentia_ops.number(count)}</button>`)
				.appendTo(pills)
				.on("click", () => {
					this.kind = kind;
					this.shown = FIRST_SHOWN;
					this.show_orders();
				});
		};
		add("", __("All"), orders_changed);
		for (const [kind, label] of Object.entries(KIND_LABELS())) if (kinds[kind]) add(kind, label, kinds[kind]);
		pills.append(`<span class="text-muted small">${__("{0} stay the same", [sentia_ops.number(orders_same)])}</span>`);
		const chosen = orders.filter((row) => !this.kind || row.kind === this.kind);
		wrapper.append(sentia_ops.table(this.columns(), chosen.slice(0, this.shown)));
		this.add_more(wrapper, chosen);
	}

	add_more(wrapper, chosen) {
		const total = this.kind ? this.result.kinds[this.kind] : this.result.orders_changed;
		if (chosen.length > this.shown) {
			$(`<button class="btn btn-xs btn-default mt-2">${__("Show more")}</button>`)
				.appendTo(wrapper)
				.on("click", () => {
					this.shown += 5 * FIRST_SHOWN;
					this.show_orders();
				});
		}
		if (total > chosen.length) {
			const text = __("The {0} with the largest change in cost of {1}; the REST API has all of them.", [chosen.length, total]);
			wrapper.append(`<div class="sentia-note">${sentia_ops.text(text)}</div>`);
		}
	}

	columns() {
		return [
			{
				label: __("Item"),
				html: (r) => `${sentia_ops.link("Item", r.item_code, r.item_name)}<div class="text-muted small">${sentia_ops.text(r.warehouse)}</div>`,
			},
			{ label: __("Change"), html: (r) => `${sentia_ops.pill(__(r.kind), KIND_COLOURS[r.kind])}<div class="small">${this.also(r)}</div>` },
			{ label: __("Quantity"), align: "num", html: (r) => this.arrow(r.qty_now, r.qty_then) },
			{ label: __("Cost"), align: "num", html: (r) => this.arrow(r.cost_now, r.cost_then, (x) => this.money(x)) },
			{ label: __("From"), html: (r) => sentia_ops.text(this.supplier(r)) },
			{ label: __("Order by"), html: (r) => this.arrow(r.order_by_now, r.order_by_then, (x) => sentia_ops.date(x)) },
			{ label: __("Why"), html: (r) => `<span class="small">${sentia_ops.text(r.why)}</span>` },
		];
	}

	also(row) {
		return sentia_ops.text(row.change.split(", ").filter((text) => text !== row.kind).join(", "));
	}

	supplier(row) {
		if (row.kind === "new") return row.supplier_then;
		if (row.kind === "gone") return row.supplier_now;
		return this.arrow(row.supplier_now, row.supplier_then, (x) => x);
	}
}
