// Beside the Gantt: late jobs with why and remedies, what was not placed, the selected operation, what-if.

class Side {
	constructor(parent, board) {
		this.board = board;
		this.element = $(`<aside class="pb-side"><div class="pb-tabs" role="tablist"></div><div class="pb-pane" tabindex="-1"></div></aside>`).appendTo(parent);
		this.tabs = this.element.find(".pb-tabs");
		this.pane = this.element.find(".pb-pane");
		this.tab = "late";
		this.what_if = new WhatIf(board);
		this.tabs.on("click", "[data-tab]", (event) => this.show_tab(event.currentTarget.dataset.tab));
		this.pane.on("click", "[data-job]", (event) => $(event.target).closest("a, button").length || this.pick(event.currentTarget.dataset.job));
		this.pane.on("keydown", "[data-job]", (event) => event.key === "Enter" && this.pick(event.currentTarget.dataset.job));
		this.pane.on("click", "[data-move]", () => this.ask_to_move());
		this.pane.on("click", "[data-pin]", () => this.board.trial.pin_here(this.op));
		this.pane.on("click", "[data-unpin]", () => this.board.trial.release(this.op));
	}

	refresh(data) {
		this.data = data;
		this.late = data.jobs.filter((job) => job.late).sort((a, b) => b.tardiness - a.tardiness);
		if (this.op) this.op = data.operations.find(({ id }) => id === this.op.id) || null;
		if (this.tab === "selected" && !this.op && !this.job) this.tab = "late";
		if (this.tab === "late" && !this.late.length && data.unplaced.length) this.tab = "unplaced";
		this.draw();
	}

	show_tab(tab) {
		this.tab = tab;
		this.draw();
	}

	// an operation of the Gantt, or null
	select(op) {
		this.op = op;
		this.job = op?.job || null;
		if (op) this.show_tab("selected");
		else if (this.tab === "selected") this.show_tab("late");
	}

	select_job(name) {
		this.op = null;
		this.job = name;
		this.show_tab("selected");
	}

	pick(name) {
		this.board.gantt.select_job(name);
		this.job = name;
		this.op = null;
		this.pane.find(".pb-job").removeClass("pb-open").filter((_i, el) => el.dataset.job === name).addClass("pb-open");
	}

	draw() {
		if (!this.data) return;
		const names = [["late", __("Late"), this.late.length], ["unplaced", __("Not placed"), this.data.unplaced.length]];
		if (this.op || this.job) names.push(["selected", __("Selected")]);
		if (this.board.may.edit) names.push(["what_if", __("What if")]);
		if (this.board.trial.effect) names.push(["effect", __("Effect")]);
		const tab = ([name, label, count]) => `<button role="tab" data-tab="${name}" aria-selected="${name === this.tab}">${label}${count === undefined ? "" : ` <span>${count}</span>`}</button>`;
		this.tabs.html(names.map(tab).join(""));
		this.what_if.detach();
		if (this.tab === "what_if") return this.what_if.attach(this.pane.empty());
		const panes = { late: () => this.late_html(), unplaced: () => this.unplaced_html(), selected: () => this.selected_html(), effect: () => this.board.trial.html() };
		this.pane.html(panes[this.tab]()).scrollTop(0);
	}

	late_html() {
		if (!this.late.length) return sentia_ops.empty(this.data.jobs.length ? __("No job ends after its due date.") : __("No job is in this schedule."));
		return `<ul class="pb-jobs">${this.late.map((job) => late_job(job, job.job === this.job)).join("")}</ul>`;
	}

	unplaced_html() {
		const { unplaced } = this.data;
		if (!unplaced.length) return sentia_ops.empty(__("Everything has a place."));
		const row = ({ job, step, code, text: words }) => `<li><div><b>${sentia_ops.link("Production Job", job)}</b>${step >= 0 ? ` ${__("step {0}", [step])}` : ""} ${sentia_ops.pill(__(code), "red")}</div><p>${text(words)}</p></li>`;
		return `<ul class="pb-list">${unplaced.map(row).join("")}</ul>`;
	}

	selected_html() {
		const { op } = this;
		const job = this.data.jobs.find(({ job: name }) => name === this.job);
		const lines = op ? this.board.gantt.words(op) : [];
		const head = op ? `<h4>${text(lines[0])}</h4>${lines.slice(1).map((line) => `<p>${text(line)}</p>`).join("")}${this.buttons(op)}` : "";
		const of_job = job ? `<h5>${text(job.job)}</h5>${job_body(job)}` : "";
		const links = [job && sentia_ops.link("Production Job", job.job), job?.work_order && sentia_ops.link("Work Order", job.work_order), op?.job_card && sentia_ops.link("Job Card", op.job_card)];
		return `${head}${of_job}<footer>${links.filter(Boolean).join(" ")}</footer>`;
	}

	buttons(op) {
		if (!this.board.may.edit || op.kind === "maintenance" || op.fixed_why === "started") return "";
		const button = (what, label) => `<button class="btn btn-xs btn-default" data-${what}>${label}</button>`;
		const pin = op.fixed_why === "pinned" ? button("unpin", __("Let it go")) : button("pin", __("Pin here"));
		return `<div class="pb-buttons">${button("move", __("Move"))} ${pin}</div>`;
	}

	// for those who cannot drag, and for exact times
	ask_to_move() {
		const { op } = this;
		const stations = this.data.stations.map(({ name }) => name);
		const fields = [
			{ fieldname: "workstation", fieldtype: "Autocomplete", label: __("Workstation"), options: stations, default: op.workstation, reqd: 1 },
			{ fieldname: "start", fieldtype: "Datetime", label: __("Start"), default: `${op.start.replace("T", " ")}:00`, reqd: 1 },
		];
		frappe.prompt(fields, ({ workstation, start }) => this.board.trial.move(op, { workstation, start: minute(start) }), __("Move {0}", [`${op.job} ${op.operation || ""}`]), __("Show the effect"));
	}
}

function late_job(job, open) {
	const head = `<div><b>${text(job.job)}</b> <span class="pb-muted">${text(job.item || "")}</span><span class="pb-late">${__("{0} late", [span_of_hours(job.tardiness)])}</span></div>`;
	return `<li class="pb-job ${open ? "pb-open" : ""}" data-job="${text(job.job)}" tabindex="0">${head}
		<p class="pb-when">${__("Ends {0}, due {1}", [when(job.end), when(job.due)])}</p><div class="pb-why">${job_body(job)}</div></li>`;
}

function job_body({ summary, chain, remedies }) {
	const line = ({ text: words }) => `<li>${text(words)}</li>`;
	return [
		summary ? `<p>${text(summary)}</p>` : "",
		chain.length ? `<h6>${__("Where its time goes, from first to last")}</h6><ol class="pb-chain">${chain.map(line).join("")}</ol>` : "",
		remedies.length ? `<h6>${__("What would help")}</h6><ul class="pb-remedies">${remedies.map(line).join("")}</ul>` : "",
	].join("");
}
