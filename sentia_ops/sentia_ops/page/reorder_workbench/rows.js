// Rows as the server packs them, into objects; which of them match, in which order, and what they cost.

const RANKS = {
	urgency: { Critical: 0, High: 1, Medium: 2, Low: 3 },
	buffer: { red: 0, yellow: 1, green: 2, over: 3 },
};
const CHOICES = ["supplier", "warehouse", "item_group", "service_class", "urgency", "buffer", "action"];

function unpack({ count, columns }) {
	const rows = Array.from({ length: count }, () => ({}));
	for (const [name, column] of Object.entries(columns)) {
		const values = Array.isArray(column) ? column : column.rows.map((place) => column.values[place]);
		for (let i = 0; i < count; i++) rows[i][name] = values[i];
	}
	return rows;
}

class Rows {
	constructor() {
		this.all = [];
		this.shown = [];
		this.selected = new Set();
		this.filters = {};
		this.order = null; // as the server sent them: the most urgent first
	}

	fill(packed) {
		this.all = unpack(packed);
		this.total = packed.total;
		this.index();
		this.selected = new Set([...this.selected].filter((name) => this.by_name.has(name)));
		this.arrange();
	}

	index() {
		this.by_name = new Map(this.all.map((row) => [row.name, row]));
	}

	// a row as it is now; a decided one goes
	put(packed, view) {
		const [fresh] = unpack(packed);
		const old = fresh && this.by_name.get(fresh.name);
		if (!old) return null;
		if (fresh.status !== view) {
			this.remove([fresh.name]);
			return null;
		}
		delete old.search_text;
		return Object.assign(old, fresh);
	}

	remove(names) {
		const gone = new Set(names);
		this.all = this.all.filter((row) => !gone.has(row.name));
		this.total -= gone.size;
		gone.forEach((name) => this.selected.delete(name));
		this.index();
		this.arrange();
	}

	arrange() {
		this.shown = this.all.filter((row) => this.matches(row));
		if (!this.order) return;
		const { value, down } = this.order;
		const sign = down ? -1 : 1;
		const keyed = this.shown.map((row) => [value(row), row]);
		keyed.sort(([a], [b]) => {
			if (is_empty(a) || is_empty(b)) return is_empty(a) - is_empty(b); // last, whichever way
			return (typeof a === "string" ? a.localeCompare(b) : a - b) * sign;
		});
		this.shown = keyed.map(([, row]) => row);
	}

	matches(row, except = null) {
		for (const name of CHOICES) {
			const wanted = this.filters[name];
			if (wanted && name !== except && (row[name] || "") !== wanted) return false;
		}
		const { search } = this.filters;
		if (!search) return true;
		row.search_text ??= `${row.item_code} ${row.item_name || ""}`.toLowerCase();
		return search.split(" ").every((word) => row.search_text.includes(word));
	}

	is_filtered() {
		return Object.values(this.filters).some(Boolean);
	}

	// [value, number of rows] under all the other filters
	choices(name) {
		const counts = new Map();
		for (const row of this.all) {
			if (row[name] && this.matches(row, name)) counts.set(row[name], (counts.get(row[name]) || 0) + 1);
		}
		const rank = RANKS[name];
		return [...counts].sort(([a], [b]) => (rank ? rank[a] - rank[b] : a.localeCompare(b)));
	}

	chosen() {
		return this.all.filter((row) => this.selected.has(row.name));
	}

	toggle(name, on = !this.selected.has(name)) {
		this.selected[on ? "add" : "delete"](name);
	}

	select_shown(on) {
		this.shown.forEach((row) => this.toggle(row.name, on));
	}
}

const is_empty = (value) => value === null || value === undefined || value === "";

// {currency: sum} of what rows cost, in the books of their companies
function sums(rows, currencies) {
	const found = {};
	for (const row of rows) {
		const currency = currencies[row.company] || "";
		found[currency] = (found[currency] || 0) + (row.cost || 0);
	}
	return found;
}

function money(found) {
	const entries = Object.entries(found);
	return entries.length ? entries.map(([currency, sum]) => format_currency(sum, currency)).join(" + ") : "";
}

// [{key, supplier, warehouse, action, rows, sums}], the dearest first
function grouped(rows, by, currencies) {
	const groups = new Map();
	for (const row of rows) {
		const key = by.map((name) => row[name] || "").join("|");
		if (!groups.has(key)) groups.set(key, { key, rows: [], ...Object.fromEntries(by.map((n) => [n, row[n]])) });
		groups.get(key).rows.push(row);
	}
	const found = [...groups.values()];
	found.forEach((group) => (group.sums = sums(group.rows, currencies)));
	const size = (group) => Object.values(group.sums).reduce((a, b) => a + b, 0);
	return found.sort((a, b) => size(b) - size(a));
}
