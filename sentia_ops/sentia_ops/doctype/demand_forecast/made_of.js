// What a forecast is made of, and how earlier forecasts of the same item and warehouse did.
const EARLIER = 8; // forecasts shown
const UNKNOWN = -999999999; // an empty number that may be below zero
const DRIFT = { "too high": __("drifts: too high"), "too low": __("drifts: too low"), worse: __("drifts: worse than tested") };

function drift_pill(drift) {
	return drift ? sentia_ops.pill(DRIFT[drift], "orange", __("The newest forecast whose days are over was off by more than its backtest promised.")) : "";
}

function show_parts(frm) {
	const rows = frm.doc.parts || [];
	const used = rows.filter((row) => row.kind !== "method" || row.share > 0);
	const idle = rows.filter((row) => !used.includes(row));
	const kinds = { method: __("method"), factor: __("factor"), adjustment: __("adjustment") };
	const columns = [
		{ label: __("Part"), html: (row) => sentia_ops.text(row.part) },
		{ label: __("Kind"), html: (row) => sentia_ops.text(kinds[row.kind]) },
		{ label: __("Weight"), html: (row) => (row.share >= 0 ? weight_bar(row.share) : "") },
		{ label: __("Effect a day"), align: "text-right", html: (row) => effect(row) },
		{ label: __("Note"), html: (row) => sentia_ops.text(row.note) },
	];
	const not_used = idle.map(({ part, note }) => `<li>${sentia_ops.text(note ? `${part}: ${note}` : part)}</li>`).join("");
	const more = idle.length ? `<details class="small text-muted" style="margin-top: 8px"><summary>${__("Not used: {0}", [idle.length])}</summary><ul>${not_used}</ul></details>` : "";
	const table = used.length ? sentia_ops.table(columns, used) : sentia_ops.empty(__("The next plan says it."));
	frm.fields_dict.made_of.$wrapper.html(table + more);
}

function weight_bar(share) {
	const bar = `<span style="display: inline-block; width: ${Math.round(share * 120)}px; height: 8px; border-radius: 2px; background: #2f7ed8; margin-right: 6px"></span>`;
	return `<span style="white-space: nowrap">${bar}${sentia_ops.percent(share)}</span>`;
}

function effect({ effect }) {
	if (!(effect > UNKNOWN)) return "";
	return `${effect > 0 ? "+" : ""}${sentia_ops.number(effect)}`;
}

async function show_earlier(frm) {
	const { item_code, warehouse } = frm.doc;
	const fields = ["name", "as_of", "model", "planner", "status", "days", "days_scored", "sold", "expected", "bias", "mase", "mase_naive", "mase_machine", "coverage95", "drift"];
	const rows = await frappe.db.get_list("Forecast Score", { filters: { item_code, warehouse }, fields, order_by: "as_of desc", limit: EARLIER });
	const scored = (html) => (row) => (row.status === "scored" && row.days_scored ? html(row) : "");
	const right = "text-right";
	const columns = [
		{ label: __("Forecast of"), html: (row) => sentia_ops.link("Forecast Score", row.name, sentia_ops.date(row.as_of)) },
		{ label: __("Days"), html: (row) => (row.status === "open" ? __("open until {0}", [sentia_ops.date(frappe.datetime.add_days(row.as_of, row.days))]) : String(row.days_scored)) },
		{ label: __("Expected"), align: right, html: scored((row) => sentia_ops.number(row.expected)) },
		{ label: __("Sold"), align: right, html: scored((row) => sentia_ops.number(row.sold)) },
		{ label: __("Bias"), align: right, html: scored((row) => (row.bias >= -1 ? sentia_ops.percent(row.bias) : "")) },
		{ label: __("MASE"), align: right, html: scored((row) => (row.mase >= 0 ? sentia_ops.number(row.mase, 2) : "")) },
		{ label: __("Naive"), align: right, html: scored((row) => (row.mase_naive >= 0 ? sentia_ops.number(row.mase_naive, 2) : "")) },
		{ label: __("Without override"), align: right, html: scored((row) => (row.mase_machine >= 0 ? sentia_ops.number(row.mase_machine, 2) : "")) },
		{ label: __("Inside 95 %"), align: right, html: scored((row) => (row.coverage95 >= 0 ? sentia_ops.percent(row.coverage95) : "")) },
		{ label: __("Planner"), html: (row) => sentia_ops.text(row.planner) },
		{ label: "", html: (row) => drift_pill(row.drift) },
	];
	const none = __("None yet. Each week's first plan keeps the next four weeks, and a later plan scores them.");
	frm.fields_dict.earlier.$wrapper.html(rows.length ? sentia_ops.table(columns, rows) : sentia_ops.empty(none));
}
