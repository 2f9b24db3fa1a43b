// How the schedule's Gantt is used: toolbar, zoom, tooltip, keyboard, dragging. Loaded after schedule_gantt.js.
(function (root) {
	"use strict";
	const { SentiaGantt, make, at, iso, hours, MINUTE, HOUR, DAY, FIRST_VIEW, SNAP, LATENESS, FIXED } = root.sentia_gantt.parts;
	const KEYS = "← → ↑ ↓: next operation · Enter: its job · + −: zoom · Home: now · Shift + ← →: move the view · /: search · Esc: let go";

	Object.assign(SentiaGantt.prototype, {
		make_toolbar() {
			const __ = this.t;
			const bar = this.element.appendChild(make("div", "sg-bar"));
			const button = (label, hint, act) => {
				const found = bar.appendChild(make("button", "sg-btn", label));
				Object.assign(found, { type: "button", title: hint, onclick: act });
				found.setAttribute("aria-label", hint);
				return found;
			};
			this.views = {
				station: button(__("By workstation"), __("One row for each workstation"), () => this.set_view("station")),
				job: button(__("By job"), __("One row for each job, the first due on top"), () => this.set_view("job")),
			};
			this.mark_view();
			this.search = bar.appendChild(make("input", "sg-search"));
			Object.assign(this.search, { type: "search", placeholder: __("Search job, item, operation") });
			this.search.setAttribute("aria-label", this.search.placeholder);
			let waiting;
			this.search.oninput = () => {
				clearTimeout(waiting);
				waiting = setTimeout(() => this.searched(), 150);
			};
			const label = bar.appendChild(make("label", "sg-check"));
			this.late_only = label.appendChild(make("input"));
			Object.assign(this.late_only, { type: "checkbox", onchange: () => this.searched() });
			label.append(__("Late only"));
			this.count = bar.appendChild(make("span", "sg-count"));
			bar.appendChild(make("span", "sg-gap"));
			button("−", __("Zoom out"), () => this.timeline.zoomOut(0.4));
			button("+", __("Zoom in"), () => this.timeline.zoomIn(0.4));
			button(__("Now"), __("Go to now, or to the start of the plan"), () => this.go_now());
			button(__("All"), __("Show the whole plan"), () => this.fit());
			button("?", `${__(KEYS)} · ${__("Ctrl + wheel: zoom · drag: move the view")}`, () => this.say(__(KEYS)));
		},

		make_timeline(payload) {
			const { vis } = root;
			const first = at(payload.from);
			const last = Math.min(first + FIRST_VIEW, Math.max(at(payload.until), first + DAY));
			this.timeline = new vis.Timeline(this.chart, [], [], {
				start: first - 2 * HOUR,
				end: last,
				moment: (date) => vis.moment.utc(date),
				height: this.options.height || "100%",
				stack: false,
				groupHeightMode: "fixed",
				groupOrder: "order",
				orientation: { axis: "top", item: "top" },
				margin: { axis: 2, item: { horizontal: 0, vertical: 3 } },
				showCurrentTime: Boolean(this.options.now),
				verticalScroll: true,
				horizontalScroll: true,
				horizontalScrollKey: "shiftKey",
				zoomKey: "ctrlKey",
				zoomMin: 30 * MINUTE,
				zoomFriction: 4,
				showTooltips: false,
				snap: (date) => Math.round(date / SNAP) * SNAP,
				template: (item) => this.content_of(item),
				groupTemplate: (group) => this.label_of(group),
				itemsAlwaysDraggable: { item: true, range: false },
				onMoving: (item, done) => this.dragged(item, done),
				onMove: (item, done) => this.dropped(item, done),
			});
			if (this.options.now) this.timeline.setCurrentTime(at(this.options.now));
			this.timeline.emit("rangechanged"); // the library stays hidden until one has come, and sends none of its own here
		},

		bounds() {
			const [first, last] = [at(this.payload.from), at(this.payload.until)];
			return { min: first - 2 * DAY, max: last + 2 * DAY, zoomMax: Math.max(last - first + 4 * DAY, 5 * DAY) };
		},

		editing(movable = Boolean(this.options.on_move)) {
			return movable ? { updateTime: true, updateGroup: this.view === "station", add: false, remove: false } : false;
		},

		content_of({ op, id, className }) {
			if (!op || String(id).startsWith("setup:") || className === "sg-ghost") return "";
			const what = op.operation || `${op.step}`;
			const text = op.kind === "maintenance" ? what : this.view === "job" ? `${what} · ${op.workstation}` : `${op.job.slice(this.prefix)} ${what}`;
			const label = make("span", "sg-label", text);
			if (op.late_hours) label.prepend(make("b", "", `+${hours(op.late_hours)} h `));
			return label;
		},

		label_of(group) {
			if (!group?.row) return "";
			const box = make("div", "sg-row");
			if (group.lane) return box;
			box.appendChild(make("b", "", group.row.label));
			if (group.row.note) box.appendChild(make("span", "", group.row.note));
			box.title = [group.row.label, group.row.note].filter(Boolean).join(" · ");
			if (group.row.job?.late) box.classList.add("sg-row-late");
			return box;
		},

		draw_legend() {
			const __ = this.t;
			this.legend.textContent = "";
			const entry = (name, text) => {
				const box = this.legend.appendChild(make("span"));
				box.appendChild(make("i", `sg-swatch ${name}`));
				box.append(text);
			};
			const ops = this.payload.operations;
			const used = new Set(ops.map((op) => this.lateness(op)));
			LATENESS.filter(([name]) => used.has(name)).forEach(([name, text]) => entry(`sg-op sg-${name}`, __(text)));
			if (ops.some((op) => op.setup_from)) entry("sg-setup", __("setup"));
			if (ops.some((op) => op.kind === "maintenance")) entry("sg-op sg-maintenance", __("maintenance"));
			if (ops.some((op) => op.kind === "inspection")) entry("sg-op sg-ok sg-inspection", __("inspection"));
			if (ops.some((op) => op.fixed_why)) entry("sg-op sg-ok sg-fixed sg-pinned", __("stays: started, frozen or pinned"));
			if (!this.before && ops.some((op) => op.moved_minutes || op.moved_from)) entry("sg-op sg-ok sg-moved", __("moved since published"));
			if (this.before) entry("sg-ghost", __("where it is without this change"));
			entry("sg-closed", __("closed"));
			if (this.items.get({ filter: ({ limitSize }) => limitSize === false }).length) entry("sg-op sg-ok sg-paused", __("pauses while closed"));
			if (this.chart.querySelector(".sg-unusual")) entry("sg-closed sg-unusual", __("down"));
			entry("sg-due-swatch", __("due"));
		},

		listen() {
			const { timeline, chart } = this;
			timeline.on("select", ({ items }) => this.picked(items[0] && this.items.get(items[0])));
			timeline.on("itemover", ({ item, event }) => this.show_tip(this.items.get(item), event));
			timeline.on("itemout", () => this.hide_tip());
			timeline.on("mouseMove", ({ event, what, group, time }) => what === "background" && this.show_closed(group, +time, event));
			timeline.on("rangechange", () => this.dragging || this.hide_tip());
			chart.addEventListener("pointermove", (event) => (this.pointer = event), true);
			chart.addEventListener("mouseleave", () => this.hide_tip());
			chart.addEventListener("keydown", (event) => this.key(event));
			this.search.addEventListener("keydown", (event) => {
				if (event.key !== "Escape") return;
				event.stopPropagation();
				this.search.value = "";
				this.searched();
				chart.focus();
			});
		},

		picked(item) {
			const op = item?.op || null;
			this.cursor = op?.id || null;
			this.select_job(op?.job || item?.job?.job || null, false);
			this.options.on_select?.(op);
		},

		searched() {
			if (this.view === "job") this.draw();
			else this.light();
			const first = this.found && this.payload.operations.find(({ id }) => this.lit.has(id));
			if (first && this.found < 50) this.bring(at(first.start), at(first.end), first.id);
		},

		set_view(view) {
			this.view = view;
			this.mark_view();
			this.draw();
			if (this.job) this.select_job(this.job);
		},

		mark_view() {
			Object.entries(this.views).forEach(([name, button]) => button.setAttribute("aria-pressed", String(name === this.view)));
		},

		// the view goes there only as far as it must
		bring(from, until, id = null) {
			const { start, end } = this.timeline.getWindow();
			if (from < +start || until > +end) {
				const span = Math.max(+end - start, (until - from) * 1.15);
				const left = from - Math.min(span * 0.1, (span - (until - from)) / 2);
				this.timeline.setWindow(left, left + span, { animation: false });
			}
			if (id) this.bring_row(this.items.get(id)?.group);
		},

		bring_row(group) {
			const label = group && this.timeline.itemSet.groups[group]?.dom?.label;
			if (!label) return;
			const panel = this.chart.querySelector(".vis-panel.vis-center").getBoundingClientRect();
			const row = label.getBoundingClientRect();
			const off = row.top < panel.top ? panel.top - row.top : row.bottom > panel.bottom ? panel.bottom - row.bottom : 0;
			if (!off) return;
			this.timeline._setScrollTop(this.timeline._getScrollTop() + off);
			this.timeline.redraw();
		},

		go_now() {
			const { start, end } = this.timeline.getWindow();
			const centre = this.options.now ? this.timeline.getCurrentTime() : at(this.payload.from);
			const left = centre - (end - start) * 0.15;
			this.timeline.setWindow(left, left + (end - start), { animation: false });
		},

		fit() {
			this.timeline.setWindow(at(this.payload.from), at(this.payload.until), { animation: false });
		},

		when(text) {
			return root.vis.moment.utc(at(text)).format("ddd D MMM HH:mm");
		},

		span(from, until) {
			const same = from.slice(0, 10) === until.slice(0, 10);
			return `${this.when(from)} – ${same ? until.slice(11) : this.when(until)}`;
		},

		/** [line] that says in plain words what an operation is, and why it is there. */
		words(op) {
			const __ = this.t;
			const job = this.jobs.get(op.job);
			const lines = [[op.job, op.operation || __("step {0}", [op.step]), op.item].filter(Boolean).join(" · ")];
			lines.push(__("{0}: {1}, {2} h of work", [op.workstation, this.span(op.start, op.end), hours(op.minutes / 60)]));
			if (op.setup_from) lines.push(__("Setup before: {0}, {1} min", [this.span(op.setup_from, op.start), op.setup_minutes]));
			if (op.late_hours && job?.due) lines.push(__("Its job ends {0} h after it is due ({1}).", [hours(op.late_hours), this.when(job.due)]));
			else if (job?.due) lines.push(__("Its job is on time: ends {0}, due {1}.", [this.when(job.end), this.when(job.due)]));
			if (op.fixed_why) lines.push(__(FIXED[op.fixed_why]));
			lines.push(...(this.before ? [] : this.moved_words(op)));
			if (op.why) lines.push(op.why);
			return lines;
		},

		moved_words({ moved_from, moved_minutes }) {
			const __ = this.t;
			const by = hours(Math.abs(moved_minutes || 0) / 60);
			const time = moved_minutes > 0 ? __("{0} h later than published.", [by]) : __("{0} h earlier than published.", [by]);
			return [moved_from && __("Published on {0}.", [moved_from]), moved_minutes && time].filter(Boolean);
		},

		show_tip(item, event) {
			const __ = this.t;
			if (!item || this.dragging) return;
			if (item.job) return this.put_tip([item.job.job, __("Due {0}", [this.when(item.job.due)])], event);
			if (!item.op) return;
			if (item.className === "sg-ghost") return this.put_tip([__("Without this change: {0}", [item.op.job]), `${item.op.workstation}: ${this.span(item.op.start, item.op.end)}`], event);
			this.put_tip(this.words(item.op), event);
		},

		show_closed(group, time, event) {
			const row = this.rows.find(({ groups }) => groups.includes(group));
			if (this.dragging) return;
			const span = row?.spans.find(([from, until]) => from <= time && time < until);
			if (!span) return this.hide_tip();
			this.put_tip([row.label, `${this.t("Closed")}: ${this.span(iso(span[0]), iso(span[1]))}`, span[2]].filter(Boolean), event);
		},

		put_tip(lines, event) {
			this.tip.textContent = "";
			lines.forEach((line, i) => this.tip.appendChild(make(i ? "div" : "b", "", line)));
			this.tip.hidden = false;
			const box = this.element.getBoundingClientRect();
			const x = Math.min(event.clientX - box.left + 14, box.width - this.tip.offsetWidth - 8);
			const below = event.clientY - box.top + 18;
			const above = event.clientY - box.top - this.tip.offsetHeight - 12;
			const fits = event.clientY + 18 + this.tip.offsetHeight < root.innerHeight;
			this.tip.style.transform = `translate(${Math.max(x, 4)}px, ${fits ? below : above}px)`;
		},

		hide_tip() {
			this.tip.hidden = true;
		},

		say(text) {
			this.spoken.textContent = text;
			this.count.textContent = text === this.t(KEYS) ? text : this.count.textContent;
		},

		key(event) {
			const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
			const step = steps[event.key];
			if (event.altKey || event.metaKey || event.ctrlKey) return;
			if (step && event.shiftKey) this.pan(step[0] * 0.2);
			else if (step) this.step_to(...step);
			else if (event.key === "+" || event.key === "=") this.timeline.zoomIn(0.4);
			else if (event.key === "-") this.timeline.zoomOut(0.4);
			else if (event.key === "Home") this.go_now();
			else if (event.key === "/") this.search.focus();
			else if (event.key === "Enter" && this.cursor) this.picked(this.items.get(this.cursor));
			else if (event.key === "Escape" && (this.cursor || this.job)) this.picked(null);
			else return;
			event.preventDefault();
			event.stopPropagation();
		},

		pan(share) {
			const { start, end } = this.timeline.getWindow();
			const by = (end - start) * share;
			this.timeline.setWindow(+start + by, +end + by, { animation: false });
		},

		// along the row, or to what is nearest in time in the next row that has something
		step_to(along, across) {
			const rows = this.rows.filter(({ pieces }) => pieces.length);
			if (!rows.length) return;
			const centre = (op) => (at(op.start) + at(op.end)) / 2;
			const nearest = (row, time) => row.pieces.reduce((a, b) => (Math.abs(centre(b.op) - time) < Math.abs(centre(a.op) - time) ? b : a)).op;
			const row = rows.findIndex(({ pieces }) => pieces.some(({ op }) => op.id === this.cursor));
			const { start, end } = this.timeline.getWindow();
			let op;
			if (row < 0) op = nearest(rows[0], (+start + +end) / 2);
			else if (across) op = nearest(rows[Math.min(Math.max(row + across, 0), rows.length - 1)], centre(this.by_id.get(this.cursor)));
			else {
				const ordered = [...rows[row].pieces].sort((a, b) => a.from - b.from || a.lane - b.lane).map((piece) => piece.op);
				const place = ordered.findIndex(({ id }) => id === this.cursor);
				op = ordered[Math.min(Math.max(place + along, 0), ordered.length - 1)];
			}
			this.cursor = op.id;
			this.light();
			this.bring(at(op.start), at(op.end), op.id);
			this.say(this.words(op).join(" "));
		},

		// where a dragged bar is held
		wish_of(item) {
			const station = this.rows.find(({ groups }) => groups.includes(item.group))?.station;
			return { workstation: station?.name || this.by_id.get(item.id).workstation, start: iso(Math.round(item.start / SNAP) * SNAP) };
		},

		dragged(item, done) {
			const op = this.by_id.get(item.id);
			const { workstation, start } = this.wish_of(item);
			this.dragging = true;
			if (this.pointer) this.put_tip([`${op.job} · ${op.operation || op.step}`, `${workstation}: ${this.when(start)}`], this.pointer);
			done(item);
		},

		dropped(item, done) {
			const op = this.by_id.get(item.id);
			const wish = this.wish_of(item);
			this.dragging = false;
			this.hide_tip();
			done(null); // back to where the plan has it, until the effect is known
			if (wish.start !== op.start || wish.workstation !== op.workstation) this.options.on_move(op, wish);
		},

		destroy() {
			this.timeline.destroy();
			this.element.textContent = "";
		},
	});
})(typeof globalThis === "undefined" ? window : globalThis);
