{% include "sentia_ops/sentia_ops/doctype/demand_forecast/made_of.js" %}
{% include "sentia_ops/sentia_ops/doctype/demand_forecast/forecast_chart.js" %}
{% include "sentia_ops/sentia_ops/doctype/demand_forecast/override_dialog.js" %}

frappe.ui.form.on("Demand Forecast", {
	async refresh(frm) {
		frm.disable_save();
		show_parts(frm);
		show_earlier(frm);
		const { item_code, warehouse } = frm.doc;
		const data = await sentia_ops.get("sentia_ops.api.forecasts.chart", { item_code, warehouse });
		show(frm, data);
		if (data && frappe.model.can_create("Forecast Override")) {
			frm.remove_custom_button(__("Override"));
			frm.add_custom_button(__("Override"), () => new OverrideDialog(frm, data));
		}
	},
});

function show(frm, data) {
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
	frm.forecast_chart?.observer.disconnect();
	if (!data) return;
	const parent = $(`<div style="margin-top: 14px">`).appendTo(wrapper);
	const title = __("Sales and forecast of {0} in {1}, {2} a day", [doc.item_name || doc.item_code, doc.warehouse, data.uom]);
	frm.forecast_chart = new ForecastChart(parent, data, title);
	wrapper.append(override_table(data));
}

function better(doc) {
	if (!(doc.mase_naive > 0)) return sentia_ops.number(doc.mase, 2);
	const gain = 1 - doc.mase / doc.mase_naive;
	const words = gain >= 0 ? __("{0} smaller", [sentia_ops.percent(gain)]) : __("{0} larger", [sentia_ops.percent(-gain)]);
	return sentia_ops.pill(words, gain > 0.02 ? "green" : gain < -0.02 ? "red" : "gray");
}

function override_table({ overrides }) {
	if (!overrides.length) return "";
	const period = (o) => `${sentia_ops.date(o.first)} – ${sentia_ops.date(o.last)}`;
	const columns = [
		{ label: __("Override"), html: (o) => sentia_ops.link("Forecast Override", o.name, in_words(o)) },
		{ label: __("Period"), html: period },
		{ label: __("Warehouse"), html: (o) => sentia_ops.text(o.warehouse || __("all")) },
		{ label: __("Planner"), html: (o) => sentia_ops.text(o.planner) },
		{ label: __("Reason"), html: (o) => sentia_ops.text(o.reason) },
	];
	return `<div style="margin-top: 14px">${sentia_ops.table(columns, overrides)}</div>`;
}
