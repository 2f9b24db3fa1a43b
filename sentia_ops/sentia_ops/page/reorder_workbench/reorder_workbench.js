// The Reorder Workbench: all open recommendations in one table, and what a buyer does with them.
(() => {
{% include "sentia_ops/sentia_ops/page/reorder_workbench/server.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/rows.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/columns.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/grid.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/filters.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/panel.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/editing.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/decisions.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/export.js" %}
{% include "sentia_ops/sentia_ops/page/reorder_workbench/footer.js" %}

const NEWS_EVERY = 60000; // ms; plans that somebody else or the night started send this user no event
const SURROUNDINGS = ["supplier_names", "minimum_values", "currencies", "may_edit", "may_approve", "approve_up_to", "reject_reasons", "plan"];

class Workbench {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("Reorder Workbench"), single_column: true });
		this.view = "Draft";
		this.rows = new Rows();
		this.board = sentia_ops.workbench = { supplier_names: {}, minimum_values: {}, currencies: {} };
		this.root = $(`<div class="wb" tabindex="-1"></div>`).appendTo(this.page.main);
		this.make_parts();
		this.add_page_buttons();
		this.watch_plans();
		$(window).on("resize", () => this.fit());
	}

	make_parts() {
		this.filters = new Filters(this.root, this.rows, {
			filtered: () => this.filtered(),
			viewed: (view) => this.show(view),
		});
		this.banner = $(`<div class="wb-banner" role="status" hidden></div>`).appendTo(this.root);
		this.middle = $(`<div class="wb-middle"></div>`).appendTo(this.root);
		this.grid = new Grid(this.middle, this.rows, {
			open: (row) => this.open(row),
			close: (event) => this.panel.close(event),
			edit: (row, cell) => this.edit(row, cell),
			selected: () => this.selected(),
		});
		this.nothing = $(`<div class="wb-empty" hidden></div>`).appendTo(this.middle);
		this.panel = new Panel(this.middle, { closed: () => this.closed() });
		this.footer = new Footer(this.root, this.rows, {
			approve: () => this.approve(),
			snooze: () => ask_to_snooze(this.rows.chosen(), (args) => this.decide("snooze", args, (n) => __("{0} snoozed", [n]))),
			reject: () => ask_to_reject(this.rows.chosen(), this.board, (args) => this.decide("reject", args, (n) => __("{0} rejected", [n]))),
			reopen: () => this.decide("reopen", {}, (n) => __("{0} are to be decided again", [n])),
			export_rows: () => this.export_rows(),
			clear: () => this.clear_selection(),
		});
		this.root.on("click", "[data-refresh]", () => this.load());
		this.nothing.on("click", "[data-clear]", () => this.filters.clear());
		this.nothing.on("click", "[data-all]", () => this.show("planned"));
		this.nothing.on("click", "[data-plan]", () => sentia_ops.plan_now(this.page, () => this.load()));
	}

	add_page_buttons() {
		sentia_ops.add_plan_button(this.page, () => this.hear_news());
		this.page.add_action_icon("refresh", () => this.load(), "", __("Refresh"));
		this.page.add_menu_item(__("Export"), () => this.export_rows());
		this.page.add_menu_item(__("Keys"), () => show_keys());
		this.page.add_menu_item(__("Recommendations as a list"), () => frappe.set_route("List", "Reorder Recommendation"));
		this.page.add_menu_item(__("Settings"), () => frappe.set_route("Form", "Sentia Settings"));
	}

	// a link may name what to show: frappe.route_options, or /app/reorder-workbench?supplier=...
	shown() {
		const asked = { ...Object.fromEntries(new URLSearchParams(location.search)), ...frappe.route_options };
		frappe.route_options = null;
		CHOICES.forEach((name) => asked[name] && (this.rows.filters[name] = String(asked[name])));
		if (!this.loaded) this.show(asked.view in VIEWS ? asked.view : "Draft");
		else this.filtered();
		this.fit();
	}

	show(view) {
		this.view = view;
		this.filters_sent = false;
		this.rows.order = null;
		this.rows.selected.clear();
		this.panel.close();
		this.set_columns();
		return this.load();
	}

	set_columns() {
		this.grid.set_view(this.view, this.view !== "planned", Boolean(this.grid.opened));
	}

	async load() {
		const { view } = this;
		const asked = (this.asked = {});
		this.root.addClass("wb-loading");
		const filters = this.is_partial() ? this.narrowed() : "{}";
		const found = await sentia_ops.get("sentia_ops.api.workbench.board", { view, filters });
		if (asked !== this.asked) return; // another view was asked for meanwhile
		this.root.removeClass("wb-loading");
		if (!found) return this.show_nothing(__("The table could not be loaded."), `<button class="btn btn-sm btn-default" data-refresh>${__("Try again")}</button>`);
		SURROUNDINGS.forEach((name) => (this.board[name] = found[name]));
		this.board.view = view;
		this.loaded = true;
		this.rows.fill(found);
		this.banner.attr("hidden", true);
		this.draw();
	}

	// beyond what a browser is given at once, the server filters as well
	is_partial() {
		return this.filters_sent || this.rows.total > this.rows.all.length;
	}

	narrowed() {
		const { warehouse, supplier, item_group, search } = this.rows.filters;
		this.filters_sent = Boolean(warehouse || supplier || item_group || search);
		return JSON.stringify({ warehouse, supplier, item_group, search });
	}

	filtered() {
		if (this.is_partial()) return this.load();
		this.rows.arrange();
		this.draw();
	}

	draw() {
		this.filters.refresh(this.view);
		this.tell_if_nothing();
		this.grid.refresh();
		this.footer.refresh(this.board);
		this.fit();
	}

	tell_if_nothing() {
		const { shown, all } = this.rows;
		const button = (what, label) => `<button class="btn btn-sm btn-default" data-${what}>${label}</button>`;
		if (shown.length) return this.nothing.attr("hidden", true);
		if (all.length || this.rows.is_filtered()) {
			return this.show_nothing(__("No row matches these filters."), button("clear", __("Clear filters")));
		}
		if (this.view === "Snoozed") return this.show_nothing(__("Nothing is snoozed."), "");
		if (!this.board.plan) {
			const plan = sentia_ops.may_plan() ? button("plan", __("Plan now")) : "";
			return this.show_nothing(__("There is no plan yet. A plan forecasts demand and says what to order."), plan);
		}
		const when = frappe.datetime.comment_when(this.board.plan.ended);
		const all_planned = this.view === "Draft" ? button("all", __("All planned items")) : "";
		this.show_nothing(__("Nothing to order. Planned {0}.", [when]), all_planned);
	}

	show_nothing(words, button) {
		this.nothing.html(`<p>${words}</p>${button}`).removeAttr("hidden");
	}

	fit() {
		const top = this.root[0].getBoundingClientRect().top + window.scrollY;
		this.root.css("height", Math.max(window.innerHeight - top - 12, 360));
	}

	selected() {
		this.grid.refresh();
		this.footer.refresh(this.board);
	}

	clear_selection() {
		this.rows.selected.clear();
		this.selected();
	}

	open(row) {
		const was_open = this.grid.opened;
		this.grid.opened = row.name;
		this.middle.addClass("with-panel");
		if (!was_open) this.set_columns();
		this.grid.draw(true);
		this.show_reasons ??= frappe.utils.debounce((opened) => this.panel.open(opened, this.view), 60);
		this.show_reasons(row);
	}

	closed() {
		this.grid.opened = null;
		this.middle.removeClass("with-panel");
		this.set_columns();
		this.grid.draw(true);
		this.grid.focus();
	}

	edit(row, cell) {
		new QuantityEdit(row, cell, {
			saved: (_row, packed) => this.put(packed),
			conflict: (old) => this.reload_row(old),
			done: () => {
				this.grid.draw(true);
				this.grid.focus();
			},
		});
	}

	put(packed) {
		const row = this.rows.put(packed, this.view);
		this.draw();
		if (row && this.panel.name === row.name) this.panel.open(row, this.view);
		return row;
	}

	// somebody changed or decided it: show it as it is now
	async reload_row(row) {
		const found = await sentia_ops.get("sentia_ops.api.workbench.reasons", { name: row.name });
		if (found) this.put(found.row);
		else {
			this.rows.remove([row.name]);
			this.draw();
		}
	}

	approve() {
		ask_to_approve(this.rows.chosen(), this.board, () => this.decide("approve", {}, (n) => __("{0} approved", [n])));
	}

	async decide(method, args, title) {
		// rows of one order together, so that a batch does not part them more than it must
		const key = (row) => `${row.action}|${row.supplier}|${row.warehouse}`;
		const rows = this.rows.chosen().sort((a, b) => key(a).localeCompare(key(b)));
		const outcome = await decide_all(rows, method, args, title(rows.length));
		const failed = new Set(outcome.done.filter((row) => row.error).map((row) => row.name));
		this.rows.remove(outcome.done.map((row) => row.name).filter((name) => !failed.has(name)));
		tell(outcome, rows, title);
		if (failed.size || outcome.done.length < rows.length) await this.load();
		else this.draw();
		if (!this.rows.by_name.has(this.panel.name)) this.panel.close();
	}

	export_rows() {
		const chosen = this.rows.chosen();
		download_csv(chosen.length ? chosen : this.rows.shown);
	}

	watch_plans() {
		frappe.realtime.on("sentia_run", ({ status }) => status === "Completed" && this.hear_news());
		setInterval(() => !document.hidden && this.is_in_sight() && this.hear_news(), NEWS_EVERY);
	}

	is_in_sight() {
		return frappe.get_route()[0] === "reorder-workbench";
	}

	async hear_news() {
		if (!this.loaded) return;
		const news = await sentia_ops.get("sentia_ops.api.workbench.news");
		if (!news?.plan || news.plan.run === this.board.plan?.run) return;
		if (!this.rows.all.length) return this.load();
		const words = __("A newer plan has finished ({0}). Your selection stays.", [frappe.datetime.comment_when(news.plan.ended)]);
		this.banner
			.html(`<span>${words}</span> <button class="btn btn-xs btn-default" data-refresh>${__("Show it")}</button>`)
			.removeAttr("hidden");
	}
}

function show_keys() {
	const keys = [
		["↑ ↓ PgUp PgDn Home End", __("move")],
		[__("Space"), __("select or not")],
		["Shift + ↑ ↓", __("select several")],
		["Ctrl + A", __("select all that match")],
		["Enter", __("reasons")],
		["F2", __("change the quantity")],
		["Esc", __("close the reasons, leave a quantity as it was")],
	];
	const columns = [
		{ label: __("Key"), html: ([key]) => `<b>${text(key)}</b>` },
		{ label: "", html: ([, what]) => text(what) },
	];
	frappe.msgprint({ title: __("Keys"), message: sentia_ops.table(columns, keys) });
}

frappe.pages["reorder-workbench"].on_page_load = (wrapper) => {
	wrapper.workbench = new Workbench(wrapper);
};
frappe.pages["reorder-workbench"].on_page_show = (wrapper) => wrapper.workbench.shown();
})();
