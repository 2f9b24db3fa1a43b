// A change that is shown and not made: a dragged operation, or what-if. The Gantt has both plans; Keep or Undo.

class Trial {
	constructor(parent, board) {
		this.board = board;
		this.bar = $(`<div class="pb-trial" role="status" hidden></div>`).appendTo(parent);
		this.bar.on("click", "[data-keep]", () => this.keep());
		this.bar.on("click", "[data-undo]", () => this.undo());
		this.bar.on("click", "[data-effect]", () => this.board.side.show_tab("effect"));
	}

	// op: dragged to wish {workstation, start}
	move(op, wish) {
		const { schedule } = this.board.board.schedule;
		const words = __("{0} {1} on {2} at {3}", [op.job, op.operation || __("step {0}", [op.step]), wish.workstation, when(wish.start)]);
		const wanted = { job: op.job, step: op.step, ...wish };
		return this.compute(words, sentia_ops.post("sentia_ops.api.schedules.move", { schedule, ...wanted }), wanted);
	}

	what_if(changes) {
		const words = changes.map((change) => this.board.side.what_if.words(change)).join("; ");
		return this.compute(__("What if: {0}", [words]), sentia_ops.post("sentia_ops.api.schedules.what_if", { changes }), null, changes);
	}

	// pin: what Keep would keep, or null
	async compute(words, answer, pin, changes = []) {
		const asked = (this.asked = {});
		this.say(`<span class="pb-spin"></span> <div>${text(words)}<br>${__("Computing what that does …")}</div>`);
		const found = await answer;
		if (asked !== this.asked) return;
		if (!found) return this.effect ? this.show() : this.clear();
		Object.assign(this, { words, pin, effect: found });
		shade(found.after, changes);
		this.board.gantt.select_job(null);
		this.board.draw_gantt(found.after, found.before);
		this.board.side.refresh(found.after);
		this.board.side.show_tab("effect");
		this.show();
	}

	show() {
		const keep = this.pin ? `<button class="btn btn-sm btn-primary" data-keep>${__("Keep (pin)")}</button>` : "";
		this.say(`<div><b>${text(this.words)}</b><br>${text(this.effect.headline.join(" "))}</div>
			<button class="btn btn-sm btn-default" data-effect>${__("Details")}</button>${keep}
			<button class="btn btn-sm btn-default" data-undo>${this.pin ? __("Undo") : __("Back to the plan")}</button>`);
	}

	say(html) {
		this.bar.html(html).removeAttr("hidden");
		this.board.fit();
	}

	html() {
		const room = this.pin ? `<p class="pb-muted">${__("The rest of the plan stays in its order and only makes room. Planning anew may do better.")}</p>` : "";
		return room + difference_html(this.effect);
	}

	keep() {
		return this.write([this.pin], __("Kept. The next plan puts it there, and the rest around it."));
	}

	pin_here({ job, step, workstation, start }) {
		return this.write([{ job, step, workstation, start }], __("Pinned: every plan from now on keeps it there."));
	}

	release({ job, step }) {
		return this.write([{ job, step, workstation: null, start: null }], __("Let go: the next plan may move it."));
	}

	// what is shown stays until the next plan, which is offered
	async write(pins, words) {
		const { schedule } = this.board.board.schedule;
		const done = await sentia_ops.post("sentia_ops.api.schedules.pin", { schedule, pins });
		if (!done) return;
		this.pin = null;
		this.kept = true;
		this.say(`<div>${words}</div><button class="btn btn-sm btn-primary" data-plan>${__("Plan now")}</button>
			<button class="btn btn-sm btn-default" data-undo>${__("Later")}</button>`);
	}

	undo() {
		this.clear();
		this.board.draw_gantt(this.board.board);
		this.board.side.refresh(this.board.board);
	}

	clear() {
		Object.assign(this, { asked: null, effect: null, pin: null, kept: false, words: "" });
		this.bar.attr("hidden", true).empty();
		if (this.board.side?.tab === "effect") this.board.side.tab = "late";
	}
}

// where a machine is down, shown as closed
function shade({ stations }, changes) {
	for (const { kind, workstation, from, until, reason } of changes) {
		if (kind !== "down") continue;
		const closed = stations.find(({ name }) => name === workstation)?.closed;
		closed?.push([minute(from), minute(until), reason || __("down")]);
	}
}
