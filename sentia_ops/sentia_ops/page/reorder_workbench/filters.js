// The bar above the table: which rows to show, and the search.

const LABELS = {
	supplier: __("Supplier"),
	warehouse: __("Warehouse"),
	item_group: __("Item group"),
	service_class: __("Class"),
	urgency: __("Urgency"),
	buffer: __("Buffer"),
	action: __("Action"),
};
const ACTIONS = { buy: __("Buy"), make: __("Make"), transfer: __("Transfer") };
const SEARCH_AFTER = 150; // ms without a keystroke

class Filters {
	// on: {filtered(), viewed(view)}
	constructor(parent, rows, on) {
		Object.assign(this, { rows, on });
		const views = Object.entries(VIEWS).map(
			([view, { label }]) => `<button class="btn btn-xs" data-view="${view}" role="tab">${text(label)}</button>`
		);
		const select = (name) =>
			`<select class="form-control input-xs" data-filter="${name}" aria-label="${text(LABELS[name])}"></select>`;
		this.bar = $(`<div class="wb-bar">
			<div class="btn-group wb-views" role="tablist">${views.join("")}</div>
			<input type="search" class="form-control input-xs wb-search" placeholder="${__("Search item")}" aria-label="${__("Search item")}">
			${CHOICES.map(select).join("")}
			<button class="btn btn-xs btn-link wb-clear" hidden>${__("Clear filters")}</button>
			<span class="wb-count" role="status"></span>
		</div>`).appendTo(parent);
		this.bar.on("click", "[data-view]", (event) => on.viewed(event.currentTarget.dataset.view));
		this.bar.on("change", "[data-filter]", ({ target }) => this.choose(target.dataset.filter, target.value));
		this.bar.on("click", ".wb-clear", () => this.clear());
		const search = frappe.utils.debounce(() => this.search(), SEARCH_AFTER);
		this.bar.find(".wb-search").on("input", search);
	}

	choose(name, value) {
		this.rows.filters[name] = value;
		this.on.filtered();
	}

	search() {
		this.choose("search", this.bar.find(".wb-search").val().trim().toLowerCase().replace(/\s+/g, " "));
	}

	clear() {
		this.rows.filters = {};
		this.bar.find(".wb-search").val("");
		this.on.filtered();
	}

	refresh(view) {
		this.bar.find("[data-view]").each((_i, button) => {
			const on = button.dataset.view === view;
			$(button).toggleClass("btn-primary", on).toggleClass("btn-default", !on).attr("aria-selected", on);
		});
		CHOICES.forEach((name) => this.fill(name));
		this.bar.find(".wb-clear").prop("hidden", !this.rows.is_filtered());
		const { shown, all, total } = this.rows;
		const count = format_number(shown.length, null, 0);
		const words = shown.length === all.length ? __("{0} rows", [count]) : __("{0} of {1} rows", [count, format_number(all.length, null, 0)]);
		const more = total > all.length ? " · " + __("the most urgent of {0}", [format_number(total, null, 0)]) : "";
		this.bar.find(".wb-count").text(words + more);
	}

	fill(name) {
		const chosen = this.rows.filters[name] || "";
		const choices = this.rows.choices(name);
		if (chosen && !choices.some(([value]) => value === chosen)) choices.unshift([chosen, 0]);
		const option = ([value, count]) =>
			`<option value="${text(value)}" ${value === chosen ? "selected" : ""}>${text(label_of(name, value))} (${count})</option>`;
		const select = this.bar.find(`[data-filter="${name}"]`);
		select.html(`<option value="">${text(LABELS[name])}</option>${choices.map(option).join("")}`);
		select.toggleClass("wb-on", Boolean(chosen)).prop("hidden", choices.length < 2 && !chosen);
	}
}

function label_of(name, value) {
	if (name === "supplier") return sentia_ops.workbench.supplier_names[value] || value;
	if (name === "buffer") return COLOURS[value];
	if (name === "action") return ACTIONS[value] || value;
	return name === "urgency" ? __(value) : value;
}
