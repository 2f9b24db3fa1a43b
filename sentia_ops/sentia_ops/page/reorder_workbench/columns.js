// What stands in each column, and what it is sorted by. All that comes from data is escaped.

const SPARK = { width: 84, height: 22 };
const COLOURS = { red: __("red"), yellow: __("yellow"), green: __("green"), over: __("too much") };
const text = (value) => sentia_ops.text(value);
const two = (first, second) => `<div class="wb-1">${first}</div><div class="wb-2">${second || "&nbsp;"}</div>`;
const clip = (value) => `<span title="${text(value)}">${text(value)}</span>`;
const days_from_today = (date) => frappe.datetime.get_day_diff(date, frappe.datetime.get_today());

const COLUMNS = {
	item: {
		label: __("Item"),
		width: "minmax(150px, 2.2fr)",
		value: (r) => r.item_code,
		html: (r) => two(`<b>${clip(r.item_code)}</b>`, r.item_name !== r.item_code ? clip(r.item_name) : ""),
	},
	service_class: {
		label: __("Class"),
		hint: __("A, B, C by what is sold in a year; X, Y, Z by how steadily"),
		width: "46px",
		value: (r) => r.service_class,
		html: (r) => (r.service_class ? `<span class="wb-class">${text(r.service_class)}</span>` : ""),
	},
	warehouse: {
		label: __("Warehouse"),
		width: "minmax(90px, 1.2fr)",
		value: (r) => r.warehouse,
		html: (r) => clip(r.warehouse),
	},
	on_hand: {
		label: __("On hand"),
		width: "66px",
		align: "num",
		value: (r) => r.on_hand,
		html: (r) => sentia_ops.number(r.on_hand),
	},
	projected: {
		label: __("Projected"),
		hint: __("Stock on the day it is needed by, without this order"),
		width: "76px",
		align: "num",
		value: (r) => r.projected,
		html: (r) => `<span class="${r.projected < 0 ? "wb-late" : ""}">${sentia_ops.number(r.projected)}</span>`,
	},
	position: {
		label: __("Available"),
		hint: __("On hand and coming in, less what is promised"),
		width: "76px",
		align: "num",
		value: (r) => r.position,
		html: (r) => sentia_ops.number(r.position),
	},
	cover: {
		label: __("Cover"),
		hint: __("Days that stock and open orders last; the bar: safety stock, reorder point, order-up-to level"),
		width: "104px",
		value: (r) => r.days_of_cover,
		html: cover,
	},
	forecast: {
		label: __("Next 13 weeks"),
		width: `${SPARK.width + 14}px`,
		value: weekly_mean,
		html: sparkline,
	},
	supplier: {
		label: __("Supplier"),
		width: "minmax(104px, 1.6fr)",
		value: (r) => source_of(r),
		html: (r) => `<span class="${r.action === "buy" || !r.action ? "" : "wb-muted"}">${clip(source_of(r))}</span>`,
	},
	price: {
		label: __("Price"),
		width: "84px",
		align: "num",
		value: (r) => r.unit_price,
		html: (r) => (r.unit_price ? format_currency(r.unit_price, r.currency) : `<span class="wb-muted">–</span>`),
	},
	order_by: { label: __("Order by"), width: "92px", value: (r) => r.order_by, html: order_by },
	qty: { label: __("Quantity"), width: "104px", align: "num", value: (r) => r.qty, html: quantity },
	cost: {
		label: __("Cost"),
		width: "94px",
		align: "num",
		value: (r) => r.cost,
		html: (r) => format_currency(r.cost, board_currency(r)),
	},
	urgency: {
		label: __("Urgency"),
		width: "84px",
		value: (r) => RANKS.urgency[r.urgency],
		html: (r) => two(sentia_ops.urgency_pill(r.urgency), risk(r)),
	},
	snoozed_until: {
		label: __("Until"),
		width: "88px",
		value: (r) => r.snoozed_until,
		html: (r) => sentia_ops.date(r.snoozed_until),
	},
	verdict: {
		label: __("Verdict"),
		width: "110px",
		value: (r) => r.verdict,
		html: (r) => text(__(r.verdict)),
	},
	stockout_on: {
		label: __("Runs out"),
		width: "92px",
		value: (r) => r.stockout_on,
		html: (r) => sentia_ops.date(r.stockout_on),
	},
};
const OPEN = ["item", "service_class", "warehouse", "on_hand"];
const TO_DECIDE = [...OPEN, "projected", "cover", "forecast", "supplier", "price", "order_by", "qty", "cost", "urgency"];
const BESIDE_PANEL = ["item", "cover", "supplier", "order_by", "qty", "cost"];
const VIEWS = {
	Draft: { label: __("To decide"), columns: TO_DECIDE, beside: BESIDE_PANEL },
	Snoozed: { label: __("Snoozed"), columns: [...TO_DECIDE, "snoozed_until"], beside: [...BESIDE_PANEL, "snoozed_until"] },
	planned: {
		label: __("All planned items"),
		columns: [...OPEN, "position", "cover", "forecast", "supplier", "stockout_on", "verdict"],
		beside: ["item", "warehouse", "on_hand", "cover", "verdict"],
	},
};

const board_currency = (row) => sentia_ops.workbench.currencies[row.company];

function source_of(row) {
	if (row.action === "make") return __("Make here");
	if (row.action === "transfer") return __("From {0}", [row.from_warehouse]);
	return sentia_ops.workbench.supplier_names[row.supplier] || row.supplier || "";
}

function cover(row) {
	const days = is_empty(row.days_of_cover) ? "–" : __("{0} d", [sentia_ops.number(row.days_of_cover)]);
	const dot = row.buffer ? `<i class="wb-dot ${row.buffer}" title="${COLOURS[row.buffer]}"></i>` : "";
	return `<div class="wb-1">${dot}${days}</div>${buffer_bar(row)}`;
}

// zones up to safety stock, reorder point and order-up-to level, and where the position is in them
function buffer_bar({ position, safety_stock, reorder_point, order_up_to }) {
	if (!(reorder_point > 0)) return `<div class="wb-2">&nbsp;</div>`;
	const top = Math.max(order_up_to || 0, reorder_point, position || 0);
	const share = (value) => `${Math.min(Math.max((100 * value) / top, 0), 100).toFixed(1)}%`;
	const full = order_up_to > 0 ? share(Math.max(order_up_to, reorder_point)) : "100%"; // beyond: too much
	const stops = [share(safety_stock), share(reorder_point), full];
	const title = __("{0} here and coming; safety stock {1}, reorder point {2}, order up to {3}", [
		...[position, safety_stock, reorder_point, order_up_to].map((value) => sentia_ops.number(value)),
	]);
	const style = `--a:${stops[0]};--b:${stops[1]};--c:${stops[2]}`;
	return `<div class="wb-buffer" style="${style}" title="${text(title)}"><i style="left:${share(position)}"></i></div>`;
}

function weekly(row) {
	if (typeof row.weekly_demand === "string") row.weekly_demand = sentia_ops.parse(row.weekly_demand, []);
	return row.weekly_demand || [];
}

function weekly_mean(row) {
	const values = weekly(row);
	return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
}

function sparkline(row) {
	const values = weekly(row);
	if (values.length < 2 || !values.some((value) => value > 0)) return "";
	const { width, height } = SPARK;
	const top = Math.max(...values) || 1;
	const x = (i) => ((i / (values.length - 1)) * width).toFixed(1);
	const y = (value) => (height - 2 - (value / top) * (height - 4)).toFixed(1);
	const line = values.map((value, i) => `${x(i)},${y(value)}`).join(" ");
	const title = __("{0} a week on average, {1} to {2}", [
		sentia_ops.number(weekly_mean(row)),
		sentia_ops.number(Math.min(...values)),
		sentia_ops.number(top),
	]);
	return `<svg class="wb-spark" width="${width}" height="${height}"><title>${text(title)}</title>
		<polygon points="0,${height} ${line} ${width},${height}"/><polyline points="${line}"/></svg>`;
}

function order_by(row) {
	if (!row.order_by) return "";
	const days = days_from_today(row.order_by);
	const late = days === -1 ? __("1 day late") : __("{0} days late", [-days]);
	const when = days === 0 ? __("today") : days === 1 ? __("tomorrow") : __("in {0} days", [days]);
	const first = `<span class="${days < 0 ? "wb-late" : ""}">${sentia_ops.date(row.order_by)}</span>`;
	return two(first, `<span class="${days < 0 ? "wb-late" : ""}">${days < 0 ? late : when}</span>`);
}

function quantity(row) {
	const shown = `${sentia_ops.number(row.qty)} <small>${text(row.stock_uom)}</small>`;
	const edit = sentia_ops.workbench.may_edit
		? `<button class="wb-qty" data-edit tabindex="-1" title="${__("Change the quantity")}">${shown}</button>`
		: `<span>${shown}</span>`;
	return two(edit, cut(row));
}

function cut(row) {
	if (!row.cut_by) return "";
	const why = { budget: __("budget"), capacity: __("space"), scarcity: __("scarce"), "order value": __("order value") };
	const words = is_empty(row.wanted_qty) ? "" : __("of {0}", [sentia_ops.number(row.wanted_qty)]);
	const short = [words, why[row.cut_by]].filter(Boolean).map(text).join(" · ");
	return `<span class="wb-cut" title="${__("What the stock policy asks for, and why it became another quantity")}: ${short}">${short}</span>`;
}

function risk(row) {
	const changed = row.has_changes ? `<i class="wb-changed" title="${__("Changed since the run before")}"></i>` : "";
	if (is_empty(row.stockout_risk)) return changed;
	return `<span title="${__("Chance of running out before an order placed today arrives")}">
		${__("risk {0}", [sentia_ops.percent(row.stockout_risk)])}</span>${changed}`;
}
