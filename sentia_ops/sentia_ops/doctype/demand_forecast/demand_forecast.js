{% include "sentia_ops/sentia_ops/doctype/demand_forecast/made_of.js" %}
const BLUE = "#2f7ed8";

frappe.ui.form.on("Demand Forecast", {
	async refresh(frm) {
		frm.disable_save();
		show_parts(frm);
		show_earlier(frm);
		const { message: history } = await frm.call("get_history");
		show(frm, history || { start: frm.doc.as_of, qty: [], out: [] });
	},
});

function show(frm, history) {
	const { doc } = frm;
	const tested = doc.mase >= 0; // -1: not measured
	const facts = [
		[__("Next 28 days"), `${sentia_ops.number(doc.next_28_days)}`],
		[__("Last 8 weeks, a day"), sentia_ops.number(doc.mean_daily)],
		[__("Demand class"), sentia_ops.pill(__(doc.demand_class), "blue")],
		[__("Error against last week's same day"), tested ? better(doc) : sentia_ops.pill(__("untested"), "gray")],
		[__("Newest forecast scored"), drift_pill(doc.drift)],
		[__("Inside the 95 % band"), doc.coverage95 >= 0 ? sentia_ops.percent(doc.coverage95) : ""],
		[__("Days out of stock"), doc.stockout_days ? String(doc.stockout_days) : ""],
	];
	const verdict = doc.verdict ? `<div class="sentia-headline">${sentia_ops.text(doc.verdict)}</div>` : "";
	const wrapper = frm.fields_dict.overview.$wrapper.html(verdict + sentia_ops.facts(facts));
	const parent = $(`<div style="margin-top: 14px">`).appendTo(wrapper);
	frm.forecast_chart?.observer.disconnect();
	frm.forecast_chart = draw(parent, frm, history);
}

function better(doc) {
	if (!(doc.mase_naive > 0)) return sentia_ops.number(doc.mase, 2);
	const gain = 1 - doc.mase / doc.mase_naive;
	const words = gain >= 0 ? __("{0} smaller", [sentia_ops.percent(gain)]) : __("{0} larger", [sentia_ops.percent(-gain)]);
	return sentia_ops.pill(words, gain > 0.02 ? "green" : gain < -0.02 ? "red" : "gray");
}

function draw(parent, frm, history) {
	const points = frm.doc.points || [];
	const column = (name) => points.map((point) => point[name]);
	const split = history.qty.length;
	return new sentia_ops.Chart(parent, {
		start: split ? history.start : frm.doc.as_of,
		length: split + points.length,
		split,
		height: 320,
		unit: history.uom || "",
		series: [
			{ label: __("Sold"), values: history.qty, from: 0, colour: "#8d99a6", width: 1.5 },
			{ label: __("Forecast"), values: column("demand_qty"), from: split, colour: BLUE, width: 2.5 },
		],
		bands: [
			{ label: __("95 % of days"), low: column("lo95"), high: column("hi95"), from: split, colour: BLUE, opacity: 0.13 },
			{ label: __("80 % of days"), low: column("lo80"), high: column("hi80"), from: split, colour: BLUE, opacity: 0.24 },
		],
		shaded: { label: __("Out of stock: sales understate demand"), days: history.out, colour: "#e0524d" },
	});
}
