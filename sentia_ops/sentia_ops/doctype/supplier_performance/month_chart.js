// One measure month by month: a line with gaps where there is no data, the number of observations below, odd months marked.
const CHART = { height: 250, left: 52, right: 16, top: 14, bottom: 44 };
const MONTH_MEASURES = [
	{ field: "score", label: __("Score"), n: "on_time_n", low: 0, high: 100, show: (v) => sentia_ops.number(v, 0) },
	{ field: "on_time", label: __("On time"), n: "on_time_n", share: true },
	{ field: "days_late", label: __("Days late"), n: "on_time_n", show: (v) => sentia_ops.number(v, 1) },
	{ field: "in_full", label: __("In full"), n: "in_full_n", share: true },
	{ field: "accepted", label: __("Accepted"), n: "accepted_n", share: true },
	{ field: "inspected", label: __("Inspections passed"), n: "inspected_n", share: true },
	{ field: "price_market", label: __("Price against the market"), n: "price_market_n", percent: true },
	{ field: "price_year", label: __("Price against last year"), n: "price_year_n", percent: true },
	{ field: "response_days", label: __("Days to answer"), n: "response_days_n", show: (v) => sentia_ops.number(v, 1) },
];

class MonthChart {
	// months: child rows; a figure below 0 means that there is none
	constructor(parent, months) {
		this.parent = $(parent).empty().addClass("sentia-chart");
		this.months = every_month(months);
		const known = MONTH_MEASURES.filter((m) => this.months.some((row) => row && row[m.field] >= 0));
		if (!known.length) {
			this.parent.html(sentia_ops.empty(__("No month has any data yet.")));
			return;
		}
		this.picker = $(`<div class="btn-group btn-group-xs" style="margin-bottom: 8px; flex-wrap: wrap">`).appendTo(this.parent);
		known.forEach((m) => {
			const button = $(`<button class="btn btn-xs btn-default">${sentia_ops.text(m.label)}</button>`).appendTo(this.picker);
			button.on("click", () => this.pick(m, button));
		});
		this.canvas = $("<div>").appendTo(this.parent);
		this.pick(known[0], this.picker.children().first());
		new ResizeObserver(() => this.draw_if_resized()).observe(this.parent[0]);
	}

	pick(measure, button) {
		this.picker.children().removeClass("btn-primary").addClass("btn-default");
		button.addClass("btn-primary").removeClass("btn-default");
		this.measure = measure;
		this.draw();
	}

	draw_if_resized() {
		const width = Math.round(this.parent.width());
		if (width && width !== this.width) this.draw();
	}

	show(value) {
		const { share, percent, show } = this.measure;
		return share || percent ? sentia_ops.percent(value, percent ? 1 : 0) : show(value);
	}

	draw() {
		this.width = Math.round(this.parent.width()) || 800;
		const values = this.months.map((row) => (row && row[this.measure.field] >= 0 ? row[this.measure.field] : null));
		this.set_scale(values.filter((v) => v !== null));
		const marks = values.map((v, i) => (v === null ? "" : this.mark(v, i)));
		const size = `width="${this.width}" height="${CHART.height}"`;
		const label = sentia_ops.text(__("{0} month by month", [this.measure.label]));
		this.canvas.html(`<svg ${size} role="img" aria-label="${label}">${this.grid()}${this.line(values)}${marks.join("")}${this.axis()}</svg>`);
	}

	set_scale(values) {
		const { share, low, high } = this.measure;
		if (share || high) [this.low, this.high] = [low || 0, high || 1];
		else if (this.measure.percent) {
			// 100 % always in sight, never less than ten points on each side of it
			const reach = Math.max(0.1, ...values.map((v) => Math.abs(v - 1)));
			[this.low, this.high] = [1 - reach * 1.1, 1 + reach * 1.1];
		} else [this.low, this.high] = [0, Math.max(1, ...values) * 1.1];
	}

	x(i) {
		const inner = this.width - CHART.left - CHART.right;
		return CHART.left + (inner * (i + 0.5)) / this.months.length;
	}

	y(value) {
		const inner = CHART.height - CHART.top - CHART.bottom;
		return CHART.top + inner * (1 - (value - this.low) / (this.high - this.low));
	}

	grid() {
		const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => this.low + share * (this.high - this.low));
		return steps
			.map((value) => {
				const y = this.y(value).toFixed(1);
				return `<line class="grid" x1="${CHART.left}" x2="${this.width - CHART.right}" y1="${y}" y2="${y}"/>
					<text class="tick" x="${CHART.left - 8}" y="${y}" dy="3.5" text-anchor="end">${this.show(value)}</text>`;
			})
			.join("");
	}

	// pieces between months without data
	line(values) {
		const pieces = [[]];
		values.forEach((v, i) => (v === null ? pieces.push([]) : pieces.at(-1).push(`${this.x(i).toFixed(1)},${this.y(v).toFixed(1)}`)));
		return pieces
			.filter((piece) => piece.length > 1)
			.map((piece) => `<polyline points="${piece.join(" ")}" fill="none" stroke="#2f7ed8" stroke-width="2" stroke-linejoin="round"/>`)
			.join("");
	}

	mark(value, i) {
		const row = this.months[i];
		const n = row[this.measure.n];
		const odd = row.anomaly && row.anomaly.includes(this.measure.label);
		const told = [`${moment(row.month).format("MMMM YYYY")}: ${this.show(value)}`, __("{0} observations", [n]), row.anomaly].filter(Boolean);
		const radius = Math.min(2.5 + Math.sqrt(n) / 2, 7);
		return `<circle cx="${this.x(i).toFixed(1)}" cy="${this.y(value).toFixed(1)}" r="${(odd ? radius + 2 : radius).toFixed(1)}"
			fill="${odd ? "#e0524d" : "#2f7ed8"}"><title>${sentia_ops.text(told.join("\n"))}</title></circle>`;
	}

	axis() {
		const every = Math.ceil((this.months.length * 58) / (this.width - CHART.left - CHART.right));
		const texts = this.months.map((row, i) => {
			if ((this.months.length - 1 - i) % every) return "";
			const month = moment(row ? row.month : this.month_at(i)).format(every > 1 || this.months.length > 12 ? "MMM YY" : "MMM YYYY");
			const n = row && row[this.measure.field] >= 0 ? `n ${sentia_ops.number(row[this.measure.n], 0)}` : __("no data");
			const x = this.x(i).toFixed(1);
			return `<text class="tick" x="${x}" y="${CHART.height - 24}" text-anchor="middle">${month}</text>
				<text class="tick" x="${x}" y="${CHART.height - 9}" text-anchor="middle" opacity="0.75">${sentia_ops.text(n)}</text>`;
		});
		return texts.join("");
	}

	month_at(i) {
		return moment(this.months[0].month).add(i, "months").format("YYYY-MM-DD");
	}
}

// oldest first; null for a month without a row
function every_month(rows) {
	const sorted = [...(rows || [])].sort((a, b) => (a.month < b.month ? -1 : 1));
	if (!sorted.length) return [];
	const by_month = Object.fromEntries(sorted.map((row) => [row.month.slice(0, 7), row]));
	const months = [];
	const last = sorted.at(-1).month.slice(0, 7);
	for (let at = moment(sorted[0].month); at.format("YYYY-MM") <= last; at.add(1, "month")) {
		months.push(by_month[at.format("YYYY-MM")] || null);
	}
	return months;
}
