// Words, rights and small pieces that the parts of the board share.

const may_plan = () => sentia_ops.may_plan();
const text = (value) => sentia_ops.text(value);
const STATUS_COLOURS = { Draft: "orange", Published: "green", Superseded: "gray" };

// "2026-11-23 08:00:00" as the board writes times
const minute = (value) => value.slice(0, 16).replace(" ", "T");

function when(iso) {
	return iso ? moment.utc(iso).format("ddd D MMM HH:mm") : "";
}

function span_of_hours(hours) {
	const size = Math.abs(hours);
	if (size < 1) return __("{0} min", [Math.round(size * 60)]);
	return __("{0} h", [sentia_ops.number(size, size < 10 ? 1 : 0)]);
}

// "WO-1: ends 3 h later, Tue 24 Nov 13:00 (due Mon 23 Nov 17:00)"
function change_words(row) {
	const end = when(row.ends_after || row.ends_before);
	const due = row.due_at ? __("due {0}", [when(row.due_at)]) : __("no due date");
	if (row.kind === "new") return __("new, ends {0} ({1})", [end, due]);
	if (row.kind === "gone") return __("no longer placed ({0})", [due]);
	const turned = !row.late_before && row.late_after ? ` ${__("Now late.")}` : row.late_before && !row.late_after ? ` ${__("No longer late.")}` : "";
	const words = row.kind === "later" ? __("{0} later, ends {1} ({2}).", [span_of_hours(row.hours), end, due]) : __("{0} earlier, ends {1} ({2}).", [span_of_hours(row.hours), end, due]);
	return words + turned;
}

function measure_row({ label, before, after, unit }) {
	const shown = (value) => (value === null || value === undefined ? "" : sentia_ops.number(value, unit === "hours" ? 1 : 0));
	const by = (after || 0) - (before || 0);
	const tone = Math.abs(by) < 0.05 ? "" : by > 0 ? "pb-worse" : "pb-better";
	const sign = tone ? `${by > 0 ? "+" : "−"}${shown(Math.abs(by))}` : __("same");
	return `<tr><td>${text(label)}</td><td class="num">${shown(before)}</td><td class="num">${shown(after)}</td><td class="num ${tone}">${sign}</td></tr>`;
}

// what a change does: sentences, aims before and after, jobs that end later or earlier
function difference_html({ headline, measures, jobs, unplaced }) {
	const rows = measures.map(measure_row).join("");
	const job = (row) => `<li data-job="${text(row.job)}" tabindex="0"><b>${text(row.job)}</b> ${text(change_words(row))}</li>`;
	const many = jobs.length > 60 ? `<p class="pb-muted">${__("The {0} largest changes of {1}.", [60, jobs.length])}</p>` : "";
	return [
		headline.map((line) => `<p>${text(line)}</p>`).join(""),
		`<table class="sentia-table"><thead><tr><th></th><th class="num">${__("Before")}</th><th class="num">${__("After")}</th><th class="num">${__("Change")}</th></tr></thead><tbody>${rows}</tbody></table>`,
		jobs.length ? `<h5>${__("Jobs that end at another time")}</h5>${many}<ul class="pb-list">${jobs.slice(0, 60).map(job).join("")}</ul>` : `<p class="pb-muted">${__("No job ends at another time.")}</p>`,
		unplaced?.length ? `<h5>${__("No longer placed")}</h5><ul class="pb-list">${unplaced.map((row) => `<li><b>${text(row.job)}</b> ${text(row.text)}</li>`).join("")}</ul>` : "",
	].join("");
}
