// The "Plan now" button: starts a planning run, shows how far it is, links to its record.
frappe.provide("sentia_ops");

const POLL_EVERY = 3000; // ms; the page stays right where socket.io is blocked

sentia_ops.may_plan = () =>
	["Operations Manager", "Operations Operator", "System Manager"].some((role) => frappe.user.has_role(role));

sentia_ops.add_plan_button = function (page, on_done) {
	if (!sentia_ops.may_plan()) return;
	const button = page.add_inner_button(__("Plan now"), () => sentia_ops.plan_now(page, on_done));
	button.addClass("sentia-plan-now");
};

sentia_ops.plan_now = async function (page, on_done) {
	const started = await sentia_ops.post("sentia_ops.api.plan.start");
	if (started) sentia_ops.follow_run(page, started.run, on_done);
};

sentia_ops.follow_run = function (page, run, on_done) {
	sentia_ops.followed?.stop();
	sentia_ops.followed = new RunFollower(page, run, on_done);
};

class RunFollower {
	constructor(page, run, on_done) {
		Object.assign(this, { page, run, on_done });
		this.bar = $(`<div class="sentia-run" role="status">
			<div class="sentia-run-text"><span></span> ${sentia_ops.link("Planning Run", run)}</div>
			<div class="progress"><div class="progress-bar"></div></div>
		</div>`);
		page.wrapper.find(".sentia-run").remove();
		page.wrapper.find(".layout-main-section").first().prepend(this.bar);
		this.show({ status: "Running", progress: 0, text: __("Waiting for a worker") });
		this.handler = (event) => event.run === this.run && this.show(event);
		frappe.realtime.off("sentia_run", this.handler);
		frappe.realtime.on("sentia_run", this.handler);
		this.timer = setInterval(() => this.poll(), POLL_EVERY);
	}

	async poll() {
		const state = await sentia_ops.get("sentia_ops.api.plan.status", { run: this.run });
		if (state) this.show(state);
	}

	show({ status, progress, text, error }) {
		if (this.ended) return;
		const failed = status === "Failed";
		const done = status === "Completed";
		const words = done ? __("Planning is done.") : failed ? __("Planning failed:") + " " + (error || text || "") : text;
		this.bar.find(".sentia-run-text span").text(words || __("Planning"));
		if (!failed) this.bar.find(".progress-bar").css("width", `${done ? 100 : Math.max(cint(progress), 2)}%`);
		this.bar.toggleClass("failed", failed).toggleClass("done", done);
		if (failed || done) this.finish(done);
	}

	finish(done) {
		this.ended = true;
		this.stop();
		if (done) this.on_done?.();
	}

	stop() {
		clearInterval(this.timer);
		frappe.realtime.off("sentia_run", this.handler);
	}
}
