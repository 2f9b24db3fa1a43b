// The Production Board: the schedule as a Gantt, what is late and why, and what a planner does about it.
(() => {
{% include "sentia_ops/sentia_ops/page/production_board/words.js" %}
{% include "sentia_ops/sentia_ops/page/production_board/head.js" %}
{% include "sentia_ops/sentia_ops/page/production_board/side.js" %}
{% include "sentia_ops/sentia_ops/page/production_board/what_if.js" %}
{% include "sentia_ops/sentia_ops/page/production_board/trial.js" %}
{% include "sentia_ops/sentia_ops/page/production_board/live.js" %}

const GANTT = ["css/schedule_gantt.css", "vendor/vis-timeline/vis-timeline-graph2d.min.js", "js/schedule_gantt.js", "js/schedule_gantt_use.js"];

class ProductionBoard {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("Production Board"), single_column: true });
		this.root = $(`<div class="pb"></div>`).appendTo(this.page.main);
		this.head = new Head(this.root, { show: (name) => this.open(name) });
		this.trial = new Trial(this.root, this);
		this.middle = $(`<div class="pb-middle"></div>`).appendTo(this.root);
		this.gantt_box = $(`<div class="pb-gantt"></div>`).appendTo(this.middle);
		this.side = new Side(this.middle, this);
		this.nothing = $(`<div class="pb-empty" hidden></div>`).appendTo(this.root);
		this.live = new Live(this);
		this.add_page_buttons();
		this.root.on("click", "[data-plan]", () => this.plan_now());
		this.root.on("click", "[data-reload]", () => this.load());
		$(window).on("resize", () => this.fit());
	}

	add_page_buttons() {
		if (may_plan()) {
			this.plan_button = this.page.add_inner_button(__("Plan now"), () => this.plan_now());
			this.what_if_button = this.page.add_inner_button(__("What if"), () => this.side.show_tab("what_if"));
		}
		this.page.add_action_icon("refresh", () => this.load(), "", __("Refresh"));
		this.page.add_menu_item(__("Schedules as a list"), () => frappe.set_route("List", "Production Schedule"));
		this.page.add_menu_item(__("Production Jobs"), () => frappe.set_route("List", "Production Job"));
		this.page.add_menu_item(__("Setup Times"), () => frappe.set_route("List", "Setup Time"));
		this.page.add_menu_item(__("Settings"), () => frappe.set_route("Form", "Sentia Settings"));
	}

	// a link may name what to show: frappe.route_options, or /app/production-board?schedule=...&job=...
	async shown() {
		const asked = { ...Object.fromEntries(new URLSearchParams(location.search)), ...frappe.route_options };
		frappe.route_options = null;
		this.wanted_job = asked.job || null;
		this.fit();
		if (asked.schedule || !this.board) await this.open(asked.schedule || null);
		else this.select_wanted();
	}

	// name: of a schedule; null: the published one, or else the draft
	open(name) {
		this.name = name;
		return this.load();
	}

	async load() {
		const asked = (this.asked = {});
		this.root.addClass("pb-loading");
		await frappe.require(GANTT.map((file) => `/assets/sentia_ops/${file}`));
		await this.live.look();
		const board = await sentia_ops.get("sentia_ops.api.schedules.board", this.name ? { schedule: this.name } : {});
		if (asked !== this.asked) return; // another one was asked for meanwhile
		this.root.removeClass("pb-loading");
		if (!board) return this.show_nothing(__("The board could not be loaded."), `<button class="btn btn-sm btn-default" data-reload>${__("Try again")}</button>`);
		this.board = board;
		this.trial.clear();
		this.may = board.may;
		this.live.follow(board);
		this.draw();
	}

	draw() {
		const { schedule } = this.board;
		this.set_actions(schedule);
		this.head.show(this.board);
		if (!schedule.schedule) return this.show_nothing(...this.what_to_do());
		if (!this.board.operations.length && !this.board.unplaced.length) return this.show_nothing(__("This schedule is empty: no operation was to be placed."), this.plan_html());
		this.nothing.attr("hidden", true);
		this.middle.removeAttr("hidden");
		this.draw_gantt(this.board);
		this.side.refresh(this.board);
		this.fit();
		this.select_wanted();
	}

	draw_gantt(board, before = null) {
		if (this.gantt) return this.gantt.show(board, before);
		this.gantt = sentia_gantt(this.gantt_box[0], board, {
			t: (text, args) => __(text, args),
			now: this.board.now,
			on_select: (op) => this.side.select(op),
			on_move: this.may.edit ? (op, wish) => this.trial.move(op, wish) : null,
		});
	}

	select_wanted() {
		if (!this.wanted_job || !this.gantt) return;
		this.gantt.select_job(this.wanted_job);
		this.side.select_job(this.wanted_job);
		this.wanted_job = null;
	}

	set_actions({ schedule, status }) {
		this.page.clear_primary_action();
		this.page.clear_secondary_action();
		if (!schedule || !this.may.publish) return;
		if (status === "Draft") this.page.set_primary_action(__("Publish"), () => this.publish());
		if (status === "Published") this.page.set_secondary_action(__("Take back"), () => this.revert());
	}

	what_to_do() {
		const words = __("There is no schedule yet. Submitted Work Orders with operations become Production Jobs; planning gives each operation a workstation and a time.");
		return [words, this.plan_html() + `<a class="btn btn-sm btn-default" href="/app/work-order">${__("Work Orders")}</a>`];
	}

	plan_html() {
		return may_plan() ? `<button class="btn btn-sm btn-primary" data-plan>${__("Plan now")}</button> ` : "";
	}

	show_nothing(words, buttons) {
		this.middle.attr("hidden", true);
		this.nothing.html(`<p>${words}</p><div>${buttons}</div>`).removeAttr("hidden");
	}

	fit() {
		const top = this.root[0].getBoundingClientRect().top + window.scrollY;
		this.root.css("height", Math.max(window.innerHeight - top - 12, 480));
	}

	async plan_now() {
		const started = await sentia_ops.post("sentia_ops.api.schedules.run");
		if (!started) return;
		sentia_ops.follow_run(this.page, started.run, () => this.open_newest());
		this.fit();
	}

	async open_newest() {
		const drafts = await frappe.db.get_list("Production Schedule", { filters: { status: "Draft" }, order_by: "made_at desc", limit: 1 });
		return this.open(drafts[0]?.name || null);
	}

	publish() {
		const { schedule } = this.board.schedule;
		const words = __("Publish {0}? Job Cards that have not started get their workstation and times, and Work Orders their planned dates. It can be taken back.", [schedule.bold()]);
		frappe.confirm(words, async () => {
			const done = await sentia_ops.post("sentia_ops.api.schedules.publish", { schedule });
			if (!done) return;
			const left = done.left_alone ? ` ${done.left_alone}` : "";
			frappe.show_alert({ message: sentia_ops.text(__("{0} is published: {1} documents written.", [schedule, done.documents]) + left), indicator: "green" }, 10);
			this.open(schedule);
		});
	}

	revert() {
		const { schedule } = this.board.schedule;
		frappe.confirm(__("Take {0} back? Job Cards and Work Orders get the dates that they had before.", [schedule.bold()]), async () => {
			const done = await sentia_ops.post("sentia_ops.api.schedules.revert", { schedule });
			if (!done) return;
			frappe.show_alert({ message: __("{0} is a draft again.", [schedule]), indicator: "orange" }, 10);
			this.open(schedule);
		});
	}
}

frappe.pages["production-board"].on_page_load = (wrapper) => {
	wrapper.board = new ProductionBoard(wrapper);
};
frappe.pages["production-board"].on_page_show = (wrapper) => wrapper.board.shown();
})();
