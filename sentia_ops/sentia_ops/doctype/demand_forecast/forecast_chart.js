// The chart of one Demand Forecast: sales, days without stock, forecast with bands, overrides, open orders, last year.
const COLOURS = {
	sold: "#8d99a6",
	forecast: "#2f7ed8",
	machine: "#7a8793",
	last_year: "#a585d6",
	out: "#e0524d",
	override: "#d08a00",
	orders: "#2e9e6b",
};
const WEEK = 7;

class ForecastChart extends sentia_ops.Chart {
	// data: what api.forecasts.chart answers
	constructor(parent, data, title) {
		const split = data.sold.length;
		const { forecast } = data;
		const length = split + forecast.qty.length;
		super(parent, {
			start: data.start,
			length,
			split,
			height: 340,
			unit: data.uom,
			title,
			orders: forecast.committed,
			overrides: data.overrides.map((o) => ({
				...o,
				from: frappe.datetime.get_day_diff(o.first, data.start),
				to: frappe.datetime.get_day_diff(o.last, data.start),
			})),
			series: [
				{ label: __("Sold"), values: data.sold, from: 0, colour: COLOURS.sold, width: 1.5 },
				{ label: __("A year before, mean of 7 days"), values: weekly_mean(data.last_year), from: 0, colour: COLOURS.last_year, width: 2, dash: "2 4" },
				{ label: __("Forecast without override"), values: where_different(forecast), from: split, colour: COLOURS.machine, width: 1.5, dash: "5 4" },
				{ label: __("Forecast"), values: forecast.qty, from: split, colour: COLOURS.forecast, width: 2.5 },
			].filter((line) => line.values.some((value) => value !== null)),
			bands: [
				{ label: __("95 % of days"), low: forecast.lo95, high: forecast.hi95, from: split, colour: COLOURS.forecast, opacity: 0.13 },
				{ label: __("80 % of days"), low: forecast.lo80, high: forecast.hi80, from: split, colour: COLOURS.forecast, opacity: 0.24 },
			],
			shaded: { label: __("Out of stock: sales understate demand"), days: data.out, colour: COLOURS.out },
		});
	}

	draw() {
		super.draw();
		this.parent.find("svg").attr("aria-label", this.options.title);
	}

	grid() {
		const unit = sentia_ops.text(__("{0} a day", [this.options.unit]));
		return `${super.grid()}<text class="tick" x="4" y="-4">${unit}</text>`;
	}

	// behind the lines
	shading() {
		return super.shading() + this.order_bars() + this.override_marks();
	}

	day_width() {
		return this.inner.width / Math.max(this.options.length - 1, 1);
	}

	order_bars() {
		const width = Math.max(this.day_width() * 0.6, 1.5);
		const bars = this.options.orders.map((qty, i) => {
			if (!(qty > 0)) return "";
			const [x, y] = [this.x(this.options.split + i) - width / 2, this.y(Math.min(qty, this.high))];
			return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${(this.y(0) - y).toFixed(1)}"/>`;
		});
		return `<g fill="${COLOURS.orders}" opacity="0.55">${bars.join("")}</g>`;
	}

	override_marks() {
		const half = this.day_width() / 2;
		const marks = this.options.overrides.map(({ from, to }) => {
			const left = Math.max(this.x(Math.max(from, this.options.split)) - half, 0);
			const right = Math.min(this.x(Math.min(to, this.options.length - 1)) + half, this.inner.width);
			const box = (y, height, opacity) =>
				`<rect x="${left.toFixed(1)}" y="${y}" width="${Math.max(right - left, 2).toFixed(1)}" height="${height}" opacity="${opacity}"/>`;
			return box(0, this.inner.height, 0.07) + box(0, 4, 0.9);
		});
		return `<g fill="${COLOURS.override}">${marks.join("")}</g>`;
	}

	// a line with a gap wherever nothing is known
	line({ values, from, ...style }) {
		const pieces = [];
		values.forEach((value, i) => {
			if (value === null) return;
			if (i && values[i - 1] !== null) pieces[pieces.length - 1].values.push(value);
			else pieces.push({ values: [value], from: (from || 0) + i, ...style });
		});
		return pieces.map((piece) => super.line(piece)).join("");
	}

	legend() {
		const entry = (label, colour, opacity) =>
			`<span><i style="background: ${colour}; opacity: ${opacity}"></i>${sentia_ops.text(label)}</span>`;
		const more = [];
		if (this.options.overrides.length) more.push(entry(__("Override"), COLOURS.override, 0.9));
		if (this.options.orders.some((qty) => qty > 0)) more.push(entry(__("Open orders"), COLOURS.orders, 0.55));
		return super.legend().replace(/<\/div>$/, `${more.join("")}</div>`);
	}

	show_tip(index) {
		super.show_tip(index);
		const rows = this.options.overrides
			.filter(({ from, to }) => from <= index && index <= to && index >= this.options.split)
			.map((o) => [`${in_words(o)} · ${o.planner}`, o.reason, COLOURS.override]);
		const orders = this.options.orders[index - this.options.split];
		if (orders > 0) rows.unshift([__("Open orders"), `${sentia_ops.number(orders)} ${this.options.unit}`, COLOURS.orders]);
		const html = rows.map(
			([label, value, colour]) =>
				`<div style="max-width: 320px; white-space: normal"><i style="background: ${colour}"></i>${sentia_ops.text(label)} <b>${sentia_ops.text(value)}</b></div>`
		);
		const tip = this.parent.find(".sentia-tip").append(html.join("")).css({ left: 0 });
		// over the days forecast the tip stands left of the cursor, so that the days to come stay in sight
		const room = tip.outerWidth() + 14;
		const x = this.x(index) + (this.width - this.inner.width) * 0.75;
		tip.css({ left: index >= this.options.split && x > room ? x - room : Math.min(x + 14, this.width - room) });
	}
}

// "+20 %", "set to 300": what an override says, over its period
function in_words({ kind, value }) {
	const sign = value > 0 ? "+" : "";
	if (kind === "set") return __("set to {0}", [sentia_ops.number(value)]);
	return kind === "percent" ? `${sign}${sentia_ops.number(value)}\u202f%` : `${sign}${sentia_ops.number(value)}`;
}

// single days of another year are noise: what can be compared is the level
function weekly_mean(values) {
	const half = (WEEK - 1) / 2;
	return values.map((value, i) => {
		const around = values.slice(Math.max(i - half, 0), i + half + 1).filter((v) => v !== null);
		return value === null ? null : around.reduce((sum, v) => sum + v, 0) / around.length;
	});
}

// the machine's forecast on the days that differ, and their neighbours, so that the line meets the forecast
function where_different({ qty, machine_qty }) {
	const differs = qty.map((value, i) => Math.abs(value - machine_qty[i]) > 0.001 * Math.max(value, machine_qty[i], 0.01));
	return machine_qty.map((value, i) => (differs[i] || differs[i - 1] || differs[i + 1] ? value : null));
}
