// A day-by-day chart with bands, level lines and shaded days, as inline SVG: Frappe's own charts cannot draw bands.
frappe.provide("sentia_ops");

const MARGIN = { top: 14, right: 18, bottom: 26, left: 52 };

/**
 * options: {
 *   start: "2026-11-20",                       first day
 *   length: 60,                                days shown
 *   series: [{label, values, from, colour, dash, width}],       `from`: index of the first value
 *   bands: [{label, low, high, from, colour, opacity}],
 *   levels: [{label, value, colour}],
 *   shaded: {label, days: [index], colour},
 *   split: index of the first planned day,     a "today" line
 *   height, unit
 * }
 */
sentia_ops.Chart = class SentiaChart {
	constructor(parent, options) {
		this.parent = $(parent).empty().addClass("sentia-chart");
		this.options = { series: [], bands: [], levels: [], height: 260, unit: "", ...options };
		this.draw();
		this.observer = new ResizeObserver(() => this.draw_if_resized());
		this.observer.observe(this.parent[0]);
	}

	draw_if_resized() {
		const width = Math.round(this.parent.width());
		if (width && width !== this.width) this.draw();
	}

	draw() {
		this.width = Math.round(this.parent.width()) || 800;
		this.inner = {
			width: this.width - MARGIN.left - MARGIN.right,
			height: this.options.height - MARGIN.top - MARGIN.bottom,
		};
		this.set_scale();
		const body = [
			this.grid(),
			this.shading(),
			...this.options.bands.map((band) => this.band(band)),
			...this.options.levels.map((level) => this.level(level)),
			...this.options.series.map((line) => this.line(line)),
			this.split(),
			`<g class="cursor"></g>`,
		].join("");
		const size = `width="${this.width}" height="${this.options.height}"`;
		this.parent.html(
			`<svg ${size} role="img"><g transform="translate(${MARGIN.left},${MARGIN.top})">${body}</g></svg>
			${this.legend()}<div class="sentia-tip" hidden></div>`
		);
		this.bind_cursor();
	}

	set_scale() {
		const { series, bands, levels } = this.options;
		const values = [0, ...levels.map((l) => l.value)];
		series.forEach((line) => values.push(...line.values.filter((v) => v !== null)));
		bands.forEach((band) => values.push(...band.low, ...band.high));
		const low = Math.min(...values);
		const high = Math.max(...values, low + 1);
		const step = nice_step((high - low) / 5);
		this.ticks = [];
		for (let tick = Math.floor(low / step) * step; tick < high + step; tick += step) this.ticks.push(tick);
		this.low = this.ticks[0];
		this.high = this.ticks[this.ticks.length - 1];
	}

	x(index) {
		return (index / Math.max(this.options.length - 1, 1)) * this.inner.width;
	}

	y(value) {
		return this.inner.height * (1 - (value - this.low) / (this.high - this.low));
	}

	day(index) {
		return frappe.datetime.add_days(this.options.start, index);
	}

	grid() {
		const rows = this.ticks.map((tick) => {
			const y = this.y(tick).toFixed(1);
			const zero = tick === 0 ? "zero" : "";
			return `<line class="grid ${zero}" x1="0" x2="${this.inner.width}" y1="${y}" y2="${y}"/>
				<text class="tick" x="-8" y="${y}" dy="3.5" text-anchor="end">${sentia_ops.number(tick)}</text>`;
		});
		return rows.join("") + this.day_ticks();
	}

	day_ticks() {
		const wanted = Math.max(Math.floor(this.inner.width / 90), 2);
		const step = [1, 2, 7, 14, 28, 56, 91, 182].find((s) => this.options.length / s <= wanted) || 365;
		const first = (this.options.split || 0) % step;
		let html = "";
		for (let i = first; i < this.options.length; i += step) {
			const label = moment(this.day(i)).format("D MMM");
			html += `<text class="tick" x="${this.x(i).toFixed(1)}" y="${this.inner.height + 18}" text-anchor="middle">${label}</text>`;
		}
		return html;
	}

	shading() {
		const { shaded } = this.options;
		if (!shaded) return "";
		const width = Math.max(this.inner.width / Math.max(this.options.length - 1, 1), 1);
		const bar = (i) =>
			`<rect x="${(this.x(i) - width / 2).toFixed(1)}" y="0" width="${width.toFixed(1)}" height="${this.inner.height}"/>`;
		return `<g fill="${shaded.colour}" opacity="0.16">${shaded.days.map(bar).join("")}</g>`;
	}

	points(values, from = 0) {
		return values.map((v, i) => `${this.x(from + i).toFixed(1)},${this.y(v).toFixed(1)}`);
	}

	band({ low, high, from, colour, opacity }) {
		const outline = [...this.points(high, from), ...this.points(low, from).reverse()];
		return `<polygon points="${outline.join(" ")}" fill="${colour}" opacity="${opacity}"/>`;
	}

	line({ values, from, colour, dash, width }) {
		return `<polyline points="${this.points(values, from).join(" ")}" fill="none" stroke="${colour}"
			stroke-width="${width || 2}" stroke-linejoin="round" stroke-dasharray="${dash || ""}"/>`;
	}

	level({ value, colour }) {
		const y = this.y(value).toFixed(1);
		return `<line x1="0" x2="${this.inner.width}" y1="${y}" y2="${y}" stroke="${colour}" stroke-dasharray="5 4"/>`;
	}

	split() {
		if (!this.options.split) return "";
		const x = this.x(this.options.split - 0.5).toFixed(1);
		return `<line class="split" x1="${x}" x2="${x}" y1="0" y2="${this.inner.height}"/>`;
	}

	legend() {
		const { series, bands, levels, shaded } = this.options;
		const entry = (label, style) => `<span><i style="${style}"></i>${sentia_ops.text(label)}</span>`;
		const dashed = (colour) => `border-top: 2px dashed ${colour}; height: 0`;
		const entries = [
			...series.map((s) => entry(s.label, s.dash ? dashed(s.colour) : `background: ${s.colour}; height: 3px`)),
			...bands.map((b) => entry(b.label, `background: ${b.colour}; opacity: ${Math.min(b.opacity * 2, 1)}`)),
			...levels.map((l) => entry(`${l.label} ${sentia_ops.number(l.value)}`, dashed(l.colour))),
		];
		if (shaded && shaded.days.length) entries.push(entry(shaded.label, `background: ${shaded.colour}; opacity: 0.3`));
		return `<div class="sentia-legend">${entries.join("")}</div>`;
	}

	bind_cursor() {
		const svg = this.parent.find("svg");
		svg.on("mousemove", (event) => {
			const x = event.clientX - svg[0].getBoundingClientRect().left - MARGIN.left;
			const index = Math.round((x / this.inner.width) * (this.options.length - 1));
			this.show_tip(Math.min(Math.max(index, 0), this.options.length - 1));
		});
		svg.on("mouseleave", () => {
			this.parent.find(".cursor").empty();
			this.parent.find(".sentia-tip").attr("hidden", true);
		});
	}

	show_tip(index) {
		const x = this.x(index);
		this.parent
			.find(".cursor")
			.html(`<line class="split" x1="${x}" x2="${x}" y1="0" y2="${this.inner.height}"/>`);
		const at = (values, from = 0) => values[index - from];
		const rows = [];
		this.options.series.forEach((s) => rows.push([s.label, at(s.values, s.from), s.colour]));
		this.options.bands.forEach((b) => {
			const [low, high] = [at(b.low, b.from), at(b.high, b.from)];
			if (low !== undefined) rows.push([b.label, `${sentia_ops.number(low)} – ${sentia_ops.number(high)}`, b.colour, b.opacity * 2]);
		});
		const html = rows
			.filter(([, value]) => value !== undefined && value !== null)
			.map(([label, value, colour, opacity = 1]) => {
				const shown = typeof value === "number" ? `${sentia_ops.number(value)} ${this.options.unit}` : value;
				return `<div><i style="background: ${colour}; opacity: ${opacity}"></i>${sentia_ops.text(label)} <b>${sentia_ops.text(shown)}</b></div>`;
			});
		const out = this.options.shaded?.days.includes(index);
		if (out) html.push(`<div>${sentia_ops.text(this.options.shaded.label)}</div>`);
		const tip = this.parent.find(".sentia-tip").removeAttr("hidden");
		tip.html(`<b>${moment(this.day(index)).format("ddd D MMM YYYY")}</b>${html.join("")}`);
		const left = MARGIN.left + x + 14;
		tip.css(left + tip.outerWidth() > this.width ? { left: left - tip.outerWidth() - 28 } : { left });
	}
};

// 1, 2 or 5 times a power of ten, not below `raw`
function nice_step(raw) {
	const power = 10 ** Math.floor(Math.log10(raw));
	return power * [1, 2, 5, 10].find((f) => f * power >= raw * 0.999);
}
