{% include "sentia_ops/sentia_ops/doctype/supplier_performance/month_chart.js" %}

const RISK_COLOURS = { "no data": "gray", low: "green", medium: "orange", high: "red" };
const TREND_COLOURS = { "no data": "gray", steady: "gray", better: "green", worse: "red", mixed: "orange" };

frappe.ui.form.on("Supplier Performance", {
	refresh(frm) {
		frm.disable_save();
		const measures = sentia_ops.parse(frm.doc.measures, []);
		show_overview(frm);
		frm.fields_dict.measures_table.$wrapper.html(measures_table(measures));
		new MonthChart($("<div>").appendTo(frm.fields_dict.months_chart.$wrapper.empty()), frm.doc.months);
		const filters = { supplier: frm.doc.supplier };
		frm.add_custom_button(__("On time: ERPNext and Sentia"), () =>
			frappe.set_route("query-report", "On Time by ERPNext and Sentia", filters)
		);
		frm.add_custom_button(__("Supplier"), () => frappe.set_route("Form", "Supplier", frm.doc.supplier));
	},
});

function show_overview(frm) {
	const { doc } = frm;
	const known = doc.score >= 0; // -1: no data
	const interval = known ? ` <span class="text-muted">(${sentia_ops.number(doc.score_low, 0)} – ${sentia_ops.number(doc.score_high, 0)})</span>` : "";
	const facts = [
		[__("Score of 100, 95 % sure between"), known ? `${sentia_ops.number(doc.score, 0)}${interval}` : sentia_ops.pill(__("no data"), "gray")],
		[__("Confidence"), known ? sentia_ops.text(__(doc.confidence)) : ""],
		[__("Risk"), sentia_ops.pill(__(doc.risk), RISK_COLOURS[doc.risk])],
		[__("Trend"), sentia_ops.pill(__(doc.trend), TREND_COLOURS[doc.trend])],
		[__("9 of 10 lines complete within"), doc.late_p90 >= 0 ? __("{0} days after the promise", [sentia_ops.number(doc.late_p90, 0)]) : ""],
		[__("Overdue and open"), doc.overdue_lines ? __("{0} of its order lines, the oldest {1} days", [doc.overdue_lines, doc.overdue_days]) : ""],
		[__("Items nobody else has"), doc.sole_items ? String(doc.sole_items) : ""],
	];
	const note = doc.note ? `<div class="sentia-note text-muted small">${sentia_ops.text(doc.note)}</div>` : "";
	const headline = `<div class="sentia-headline">${sentia_ops.text(doc.recommendation)}</div>`;
	frm.fields_dict.overview.$wrapper.html(headline + sentia_ops.facts(facts) + note);
}

function measures_table(measures) {
	const show = (m, value) => (m.unit === "%" ? sentia_ops.percent(value, 1) : __("{0} days", [sentia_ops.number(value, 1)]));
	const none = sentia_ops.pill(__("no data"), "gray");
	const columns = [
		{ label: __("Measure"), html: (m) => `<b>${sentia_ops.text(__(m.label))}</b>` },
		{ label: __("Figure"), html: (m) => (m.n ? show(m, m.value) : none), align: "text-right" },
		{ label: __("95 % sure between"), html: (m) => (m.n ? `${show(m, m.low)} – ${show(m, m.high)}` : ""), align: "text-right" },
		{ label: __("Observations"), html: (m) => (m.n ? `${sentia_ops.number(m.n, 0)} ${sentia_ops.text(__(m.what))}` : "") },
		{ label: __("Points"), html: (m) => (m.n ? sentia_ops.number(m.points, 0) : ""), align: "text-right" },
		{ label: __("Weight"), html: (m) => (m.n ? sentia_ops.percent(m.weight / 100, 0) : ""), align: "text-right" },
		{
			label: __("Trend"),
			html: (m) => (m.n ? sentia_ops.pill(__(m.trend), TREND_COLOURS[m.trend], m.trend_text) : ""),
		},
	];
	const sums = measures
		.filter((m) => m.n)
		.map((m) => `<li><b>${sentia_ops.text(__(m.label))}</b>: ${sentia_ops.text(m.text)}.</li>`);
	const known = measures.filter((m) => m.n && m.counts);
	const total = known.map((m) => `${sentia_ops.number(m.points, 1)} × ${sentia_ops.number(m.weight, 1)} %`).join(" + ");
	const sum = known.reduce((all, m) => all + (m.points * m.weight) / 100, 0);
	const whole = known.length ? `<li><b>${__("Score")}</b>: ${total} = ${sentia_ops.number(sum, 1)}.</li>` : "";
	const details = `<details style="margin-top: 12px"><summary class="small text-muted" style="cursor: pointer">${__("The arithmetic")}</summary>
		<ul class="small" style="margin-top: 8px; padding-left: 18px">${sums.join("")}${whole}</ul></details>`;
	return sentia_ops.table(columns, measures) + (sums.length ? details : "");
}
