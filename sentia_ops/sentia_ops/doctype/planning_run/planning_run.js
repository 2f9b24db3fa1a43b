frappe.ui.form.on("Planning Run", {
	refresh(frm) {
		frm.disable_save();
		show(frm);
		if (frm.doc.status === "Running") {
			sentia_ops.follow_run(frm.page, frm.doc.name, () => frm.reload_doc());
		}
	},
});

function show(frm) {
	const { doc } = frm;
	const colour = { Running: "blue", Completed: "green", Failed: "red" }[doc.status];
	const facts = sentia_ops.facts([
		[__("Status"), sentia_ops.pill(__(doc.status), colour)],
		[__("Started"), doc.started ? frappe.datetime.str_to_user(doc.started) : ""],
		[__("Took"), doc.duration ? seconds(doc.duration) : ""],
		[__("Started by"), `${sentia_ops.text(__(doc.trigger))}${doc.user ? ` (${sentia_ops.text(doc.user)})` : ""}`],
	]);
	const blocks = [
		failure(doc),
		counts(__("Rows read"), sentia_ops.parse(doc.rows_in, {})),
		counts(__("Rows written"), sentia_ops.parse(doc.rows_out, {})),
		counts(__("Lines refused"), sentia_ops.parse(doc.refused, {})),
		warnings(sentia_ops.parse(doc.warnings, [])),
		counts(__("Parameters"), flatten(sentia_ops.parse(doc.parameters, {}))),
		counts(__("Versions"), sentia_ops.parse(doc.versions, {})),
	].filter(Boolean);
	frm.fields_dict.overview.$wrapper.html(`${facts}<div class="sentia-blocks">${blocks.join("")}</div>`);
}

function seconds(total) {
	return total < 90 ? __("{0} seconds", [format_number(total, null, 1)]) : __("{0} minutes", [format_number(total / 60, null, 1)]);
}

function block(title, html, kind = "") {
	return `<div class="sentia-block ${kind}"><h5>${sentia_ops.text(title)}</h5>${html}</div>`;
}

function failure(doc) {
	return doc.status === "Failed" ? block(__("What went wrong"), sentia_ops.text(doc.error), "wide") : "";
}

function counts(title, values) {
	const rows = Object.entries(values);
	if (!rows.length) return "";
	const shown = (v) => (typeof v === "number" ? sentia_ops.number(v) : sentia_ops.text(v));
	const cells = rows.map(([name, value]) => `<tr><td>${sentia_ops.text(name)}</td><td class="num">${shown(value)}</td></tr>`);
	return block(title, `<table class="sentia-table"><tbody>${cells.join("")}</tbody></table>`);
}

function warnings(texts) {
	if (!texts.length) return "";
	return block(__("Warnings"), `<ul>${texts.map((text) => `<li>${sentia_ops.text(text)}</li>`).join("")}</ul>`, "wide");
}

// {policy: {review_days: 7}} -> {"policy: review days": 7}
function flatten(values, prefix = "") {
	const flat = {};
	for (const [name, value] of Object.entries(values)) {
		const label = prefix + name.replaceAll("_", " ");
		if (Array.isArray(value)) flat[label] = value.join(", ");
		else if (value && typeof value === "object") Object.assign(flat, flatten(value, `${label}: `));
		else flat[label] = value ?? "";
	}
	return flat;
}
