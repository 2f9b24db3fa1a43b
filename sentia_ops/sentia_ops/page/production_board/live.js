// Live for everyone who looks: a publish or a new draft shows without a reload, also where socket.io is blocked.

const NEWS_EVERY = 20000; // ms
const LISTED = ["name", "status", "published_by", "modified"];

class Live {
	constructor(board) {
		this.board = board;
		this.rooms = new Set();
		frappe.realtime.on("sentia_schedule", () => this.hear());
		setInterval(() => !document.hidden && frappe.get_route()[0] === "production-board" && this.hear(), NEWS_EVERY);
	}

	// the schedules changed last; what was seen of them is remembered
	async look() {
		const found = await frappe.db.get_list("Production Schedule", { fields: LISTED, order_by: "modified desc", limit: 5 });
		const mark = JSON.stringify(found);
		const is_news = this.mark !== undefined && mark !== this.mark;
		this.mark = mark;
		return is_news ? found : null;
	}

	follow({ schedule, schedules }) {
		for (const name of [schedule.schedule, ...schedules.map((row) => row.name)]) {
			if (!name || this.rooms.has(name)) continue;
			this.rooms.add(name);
			frappe.realtime.doc_subscribe("Production Schedule", name);
		}
	}

	async hear() {
		if (!this.board.board) return;
		const news = await this.look();
		if (!news) return;
		const { schedule, status } = this.board.board.schedule;
		const shown = news.find(({ name }) => name === schedule);
		if (this.board.trial.effect) return this.offer();
		const gone = !shown || shown.status === "Superseded";
		await this.board.open(gone || status !== shown.status ? null : schedule);
		this.tell(news[0]);
	}

	tell({ name, status, published_by }) {
		const words = status === "Published" ? __("{0} was published by {1}.", [name, frappe.user.full_name(published_by)]) : __("There is a new state of {0}: {1}.", [name, __(status)]);
		frappe.show_alert({ message: text(words), indicator: STATUS_COLOURS[status] });
	}

	// not under the hands of somebody who tries something out
	offer() {
		const words = __("The schedule has changed meanwhile.");
		if (this.board.trial.bar.find("[data-news]").length) return;
		this.board.trial.bar.append(`<span data-news>${words} <button class="btn btn-sm btn-default" data-reload>${__("Show it")}</button></span>`);
	}
}
