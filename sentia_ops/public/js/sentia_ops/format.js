// Small pieces of HTML shared by the app's desk pages. Whatever comes from data is escaped here.
frappe.provide("sentia_ops");

sentia_ops.URGENCY_COLOURS = { Critical: "red", High: "orange", Medium: "yellow", Low: "gray" };

Object.assign(sentia_ops, {
	text(value) {
		return frappe.utils.escape_html(value === null || value === undefined ? "" : String(value));
	},

	number(value, decimals = null) {
		if (value === null || value === undefined || value === "") return "";
		const size = Math.abs(value);
		return format_number(value, null, decimals ?? (size >= 100 || Number.isInteger(value) ? 0 : size >= 1 ? 1 : 2));
	},

	percent(share, decimals = 0) {
		return `${format_number(share * 100, null, decimals)}\u202f%`;
	},

	date(value) {
		return value ? frappe.datetime.str_to_user(value) : "";
	},

	pill(label, colour, title = "") {
		const hint = title ? ` title="${this.text(title)}"` : "";
		return `<span class="indicator-pill no-indicator-dot ${colour}"${hint}>${this.text(label)}</span>`;
	},

	urgency_pill(urgency) {
		return this.pill(__(urgency), this.URGENCY_COLOURS[urgency] || "gray");
	},

	link(doctype, name, label = null) {
		if (!name) return "";
		return `<a href="${frappe.utils.get_form_link(doctype, name)}">${this.text(label || name)}</a>`;
	},

	parse(value, fallback) {
		try {
			return value ? JSON.parse(value) : fallback;
		} catch {
			return fallback;
		}
	},

	// columns: [{label, html(row), align}]
	table(columns, rows) {
		const head = columns.map((c) => `<th class="${c.align || ""}">${this.text(c.label)}</th>`).join("");
		const cells = (row) => columns.map((c) => `<td class="${c.align || ""}">${c.html(row)}</td>`).join("");
		const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join("");
		return `<table class="sentia-table"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
	},

	// facts: [[label, html]]; empty ones are left out
	facts(facts) {
		const shown = facts.filter(([, html]) => html !== "" && html !== null && html !== undefined);
		const fact = ([label, html]) =>
			`<div class="sentia-fact"><div class="label">${this.text(label)}</div><div class="value">${html}</div></div>`;
		return `<div class="sentia-facts">${shown.map(fact).join("")}</div>`;
	},

	empty(text) {
		return `<div class="text-muted small">${this.text(text)}</div>`;
	},
});
