/**
 * The Gantt of a production schedule, on vis-timeline: one for the Desk page and for the self-contained HTML report.
 * Nothing of Frappe is used. scheduling/board.py lists the files to load, in their order.
 *
 * sentia_gantt(element, payload, options) -> SentiaGantt
 *   payload  as scheduling/board.py makes it
 *   options  {
 *     t(text, args)   translates and fills {0}, {1}; default: fills only
 *     now             "2026-11-20T14:00" of the site's clock; empty: no line for now
 *     view            "station" or "job"
 *     height          CSS height of the drawing, default 100% of what the toolbar leaves
 *     before          operations as another plan has them, as `elsewhere` of board.py makes it: those that this plan has
 *                     elsewhere stand out, and a dashed outline shows where they were
 *     on_select(operation or null)
 *     on_move(operation, {workstation, start})   given: what may move is dragged; the plan stays as it is until `show`
 *   }
 * Times of the payload are of the site's clock, without a zone. They are drawn as if they were UTC, so that neither the
 * zone of the browser nor a change of the clocks shifts or swallows an hour.
 */
(function (root) {
	"use strict";
	const MINUTE = 60000;
	const HOUR = 60 * MINUTE;
	const DAY = 24 * HOUR;
	const FIRST_VIEW = 5 * DAY;
	const SNAP = 5 * MINUTE;
	const LATENESS = [
		["none", "no due date"],
		["ok", "on time"],
		["late1", "late by up to a day"],
		["late2", "late by up to 3 days"],
		["late3", "late by more"],
	];
	const FIXED = {
		started: "Started: stays where it is.",
		frozen: "Frozen: starts soon, so it stays where it was published.",
		pinned: "Pinned here by a planner.",
	};

	const fill = (text, args = []) => text.replace(/\{(\d+)\}/g, (_all, n) => args[n] ?? "");
	const at = (iso) => Date.parse(`${iso}Z`);
	const iso = (ms) => new Date(ms).toISOString().slice(0, 16);
	const hours = (value) => (Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 10) / 10);

	function make(tag, name = "", text = "") {
		const element = document.createElement(tag);
		element.className = name;
		element.textContent = text;
		return element;
	}

	/** How much of the front all names share, up to a dash: left out where room is short. */
	function shared_prefix(names) {
		if (names.length < 3) return 0;
		let [length, first] = [names[0].length, names[0]];
		for (const name of names) while (!name.startsWith(first.slice(0, length))) length--;
		return first.slice(0, length).lastIndexOf("-") + 1;
	}

	/** Puts what overlaps onto lanes: the first free one, in order of start. Returns the number of lanes. */
	function lanes(pieces) {
		const free = [];
		for (const piece of pieces.sort((a, b) => a.from - b.from)) {
			const lane = free.findIndex((until) => until <= piece.from);
			piece.lane = lane < 0 ? free.length : lane;
			free[piece.lane] = Math.max(piece.until, piece.from);
		}
		return Math.max(free.length, 1);
	}

	// closed for some hours with a reason, as by a breakdown; a holiday is closed for whole days
	const is_unusual = ([from, until, reason]) => Boolean(reason) && !(from.endsWith("T00:00") && until.endsWith("T00:00"));

	/** Other closed spans as [from, until] in ms; those that touch are one. */
	function usual(closed) {
		const spans = closed.filter((span) => !is_unusual(span)).map(([from, until]) => [at(from), at(until)]);
		const found = [];
		for (const [from, until] of spans.sort((a, b) => a[0] - b[0])) {
			const last = found[found.length - 1];
			if (last && from <= last[1]) last[1] = Math.max(last[1], until);
			else found.push([from, until]);
		}
		return found;
	}

	/** What is left of spans where others lie over them; both sorted. */
	function without(spans, others) {
		const found = [];
		for (const [from, until] of spans) {
			let start = from;
			for (const [a, b] of others) {
				if (b <= start || a >= until) continue;
				if (a > start) found.push([start, a]);
				start = b;
			}
			if (start < until) found.push([start, until]);
		}
		return found;
	}

	/** [from, until] in ms that all stations are closed: drawn once instead of in every row. */
	function common(stations) {
		const edges = stations.flatMap(({ spans }) => spans.flatMap(([from, until]) => [[from, 1], [until, -1]]));
		edges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
		const found = [];
		let depth = 0;
		edges.forEach(([when, step], i) => {
			depth += step;
			if (depth === stations.length) found.push([when, edges[i + 1][0]]);
		});
		return found;
	}

	class SentiaGantt {
		constructor(element, payload, options) {
			this.options = { view: "station", ...options };
			this.t = this.options.t || fill;
			this.view = this.options.view;
			this.element = element;
			element.textContent = "";
			element.classList.add("sg");
			this.make_toolbar();
			this.chart = element.appendChild(make("div", "sg-chart"));
			this.chart.tabIndex = 0;
			this.chart.setAttribute("role", "application");
			this.legend = element.appendChild(make("div", "sg-legend"));
			this.tip = element.appendChild(make("div", "sg-tip"));
			this.tip.hidden = true;
			this.spoken = element.appendChild(make("div", "sg-spoken"));
			this.spoken.setAttribute("aria-live", "polite");
			this.make_timeline(payload);
			this.show(payload, this.options.before);
			this.listen();
		}

		/** Draws another payload; the window, the search and the selected job stay. */
		show(payload, before = null) {
			const __ = this.t;
			this.payload = payload;
			this.before = before;
			this.by_id = new Map(payload.operations.map((op) => [op.id, op]));
			this.jobs = new Map(payload.jobs.map((job) => [job.job, job]));
			this.closed = new Map(payload.stations.map(({ name, closed }) => [name, usual(closed)]));
			this.prefix = shared_prefix(payload.jobs.map(({ job }) => job));
			if (this.job && !this.jobs.has(this.job)) this.job = null;
			if (!this.by_id.has(this.cursor)) this.cursor = null;
			this.chart.setAttribute("aria-label", __("Schedule: {0} operations. Arrow keys move, Enter opens.", [payload.operations.length]));
			this.draw();
			this.draw_legend();
		}

		draw() {
			const __ = this.t;
			const rows = this.view === "job" ? this.rows_of_jobs() : this.rows_of_stations();
			const groups = [];
			const items = [];
			this.lit = this.lit_now();
			rows.forEach((row) => {
				const count = lanes(row.pieces);
				row.groups = Array.from({ length: count }, (_, lane) => `${row.key}#${lane}`);
				row.groups.forEach((id, lane) => groups.push({ id, row, lane, order: groups.length, content: lane ? "" : row.label }));
				row.pieces.forEach((piece) => items.push(...this.items_of(piece, `${row.key}#${piece.lane}`)));
			});
			this.rows = rows;
			const known = new Set(groups.map(({ id }) => id));
			items.push(...this.backgrounds(rows), ...this.due_marks(rows), ...this.ghosts(known));
			this.chart.classList.toggle("sg-dim", Boolean(this.lit));
			this.items = new root.vis.DataSet(items);
			this.timeline.setOptions({ ...this.bounds(), editable: this.editing() });
			this.timeline.setItems(new root.vis.DataSet()); // a new group looks through all items that are there
			this.timeline.setGroups(new root.vis.DataSet(groups));
			this.timeline.setItems(this.items);
			this.count.textContent = this.found === undefined ? "" : __("{0} of {1}", [this.found, this.payload.operations.length]);
		}

		rows_of_stations() {
			const rows = new Map();
			this.payload.stations.forEach((station) => {
				const times = station.capacity > 1 ? ` ×${station.capacity}` : "";
				const spans = station.closed.map(([from, until, reason]) => [at(from), at(until), reason]);
				rows.set(station.name, { key: `s:${station.name}`, label: station.name + times, note: station.type, station, spans, pieces: [] });
			});
			this.payload.operations.forEach((op) => rows.get(op.workstation).pieces.push(this.piece(op)));
			const idle = ({ pieces }) => Number(!pieces.length); // below, wherever they would be
			return [...rows.values()].sort((a, b) => idle(a) - idle(b));
		}

		rows_of_jobs() {
			const rows = new Map();
			const due = (job) => job.due || "9";
			const ordered = [...this.payload.jobs].sort((a, b) => due(a).localeCompare(due(b)) || a.end.localeCompare(b.end));
			ordered.forEach((job) => rows.set(job.job, { key: `j:${job.job}`, label: job.job, note: job.item, job, spans: [], pieces: [] }));
			this.payload.operations.forEach((op) => {
				if (!rows.has(op.job)) rows.set(op.job, { key: `j:${op.job}`, label: op.job, note: op.item, spans: [], pieces: [] });
				rows.get(op.job).pieces.push(this.piece(op));
			});
			const wanted = this.wanted();
			return [...rows.values()].filter(({ pieces }) => pieces.length && (!wanted || pieces.some(({ op }) => wanted.has(op.id))));
		}

		// a setup takes its workstation's time, not its job's
		piece(op) {
			return { op, from: at((this.view === "station" && op.setup_from) || op.start), until: Math.max(at(op.end), at(op.start)) };
		}

		items_of({ op, until }, group) {
			const start = at(op.start);
			const movable = Boolean(this.options.on_move) && op.kind !== "maintenance" && op.fixed_why !== "started";
			const item = { id: op.id, group, start, end: until, op, className: this.class_of(op), editable: this.editing(movable), ...this.paused(op, start, until) };
			if (!op.setup_from) return [item];
			const from = at(op.setup_from);
			return [item, { id: `setup:${op.id}`, group, start: from, end: start, op, className: `sg-setup${this.lit?.has(op.id) ? " sg-lit" : ""}`, editable: false, ...this.paused(op, from, start) }];
		}

		/** A bar's stretches in which its workstation is closed, darkened: nothing goes on there. */
		paused(op, from, until) {
			const stops = [];
			for (const [a, b] of this.closed.get(op.workstation) || []) {
				if (b <= from || a >= until) continue;
				const [left, right] = [a, b].map((when) => (100 * Math.min(Math.max((when - from) / (until - from), 0), 1)).toFixed(3));
				stops.push(`transparent ${left}%, var(--sg-pause) ${left}% ${right}%, transparent ${right}%`);
			}
			if (!stops.length) return {};
			return { style: `--sg-pauses: linear-gradient(90deg, ${stops.join(", ")})`, limitSize: false };
		}

		class_of(op) {
			const names = ["sg-op", `sg-${op.kind === "maintenance" ? "maintenance" : this.lateness(op)}`];
			if (op.kind === "inspection" || op.kind === "rework") names.push(`sg-${op.kind}`);
			if (op.fixed_why) names.push("sg-fixed", `sg-${op.fixed_why}`);
			if (!this.before && (op.moved_minutes || op.moved_from)) names.push("sg-moved");
			if (this.lit?.has(op.id)) names.push("sg-lit");
			if (op.job === this.job) names.push("sg-chosen");
			if (op.id === this.cursor) names.push("sg-cursor");
			return names.join(" ");
		}

		lateness(op) {
			const late = op.late_hours || 0;
			if (!late) return this.jobs.get(op.job)?.due ? "ok" : "none";
			return late <= 24 ? "late1" : late <= 72 ? "late2" : "late3";
		}

		backgrounds(rows) {
			const shared = this.payload.stations.length ? common(this.payload.stations.map(({ closed }) => ({ spans: usual(closed) }))) : [];
			const item = (from, until, group, name) => ({ id: `closed:${group || ""}:${from}:${until}`, start: from, end: until, group, type: "background", className: `sg-closed ${name}` });
			const found = shared.map(([from, until]) => item(from, until, undefined, ""));
			for (const { groups, station } of rows) {
				const closed = station?.closed || [];
				const own = without(usual(closed), shared).map((span) => [...span, ""]);
				const unusual = closed.filter(is_unusual).map(([from, until]) => [at(from), at(until), "sg-unusual"]);
				for (const [from, until, name] of [...own, ...unusual]) groups.forEach((group) => found.push(item(from, until, group, name)));
			}
			return found;
		}

		/** A line where a job is due: in its row, or over all rows for the selected job. */
		due_marks(rows) {
			const mark = (job, group, name) => ({ id: `due:${job.job}`, group, start: at(job.due), end: at(job.due) + MINUTE, type: group ? "range" : "background", className: `sg-due ${name}`, editable: false, job });
			const late = (job) => (job.late ? "sg-due-late" : "");
			if (this.view === "job") return rows.filter(({ job }) => job?.due).map(({ job, groups }) => mark(job, groups[0], late(job)));
			const job = this.jobs.get(this.job);
			return job?.due ? [mark(job, undefined, late(job))] : [];
		}

		/** Where the other plan has what differs. */
		ghosts(known) {
			if (!this.before) return [];
			return this.before.map((op) => {
				const group = this.view === "job" ? `j:${op.job}#0` : `s:${op.workstation}#0`;
				return known.has(group) && { id: `ghost:${op.id}`, group, start: at(op.start), end: at(op.end), op, className: "sg-ghost", editable: false };
			}).filter(Boolean);
		}

		// what the search and "late only" match: a set of ids, or null for everything
		wanted() {
			const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
			const late = this.late_only.checked;
			this.found = undefined;
			if (!words.length && !late) return null;
			const found = this.payload.operations.filter((op) => {
				const text = `${op.job} ${op.item || ""} ${op.operation || ""} ${op.workstation} ${op.job_card || ""}`.toLowerCase();
				return (!late || op.late_hours) && words.every((word) => text.includes(word));
			});
			this.found = found.length;
			return new Set(found.map(({ id }) => id));
		}

		// what stands out from the rest: the selected job with what it waits for, or what is searched for
		lit_now() {
			const wanted = this.wanted();
			if (!this.job && this.before?.length && !wanted) return new Set(this.before.map(({ id }) => id));
			if (!this.job) return wanted;
			const found = new Set(this.payload.operations.filter(({ job }) => job === this.job).map(({ id }) => id));
			(this.jobs.get(this.job)?.chain || []).forEach(({ job, step }) => job && found.add(`${job}/${step}`));
			return found;
		}

		light() {
			this.lit = this.lit_now();
			this.chart.classList.toggle("sg-dim", Boolean(this.lit));
			const changed = [];
			this.items.forEach(({ id, op, className }) => {
				if (!op || className === "sg-ghost") return;
				const setup = id.startsWith("setup:");
				const name = setup ? `sg-setup${this.lit?.has(op.id) ? " sg-lit" : ""}` : this.class_of(op);
				if (name !== className) changed.push({ id, className: name });
			});
			this.items.update(changed);
			const marks = this.view === "job" ? [] : this.due_marks([]);
			if (this.view !== "job") this.items.remove(this.items.getIds({ filter: ({ id }) => id.startsWith("due:") }));
			this.items.add(marks);
			this.count.textContent = this.found === undefined ? "" : this.t("{0} of {1}", [this.found, this.payload.operations.length]);
		}

		/** Highlights a job and what it waits for, and brings it into sight; null: nothing. */
		select_job(name, bring = true) {
			this.job = this.jobs.has(name) ? name : null;
			this.light();
			const job = this.jobs.get(this.job);
			if (job && bring) this.bring(at(job.start), Math.max(at(job.end), job.due ? at(job.due) : 0), this.payload.operations.find((op) => op.job === name)?.id);
		}
	}

	root.sentia_gantt = (element, payload, options = {}) => new SentiaGantt(element, payload, options);
	root.sentia_gantt.parts = { SentiaGantt, make, at, iso, hours, fill, MINUTE, HOUR, DAY, FIRST_VIEW, SNAP, LATENESS, FIXED };
})(typeof globalThis === "undefined" ? window : globalThis);
