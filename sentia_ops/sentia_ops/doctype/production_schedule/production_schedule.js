frappe.ui.form.on("Production Schedule", {
	refresh(frm) {
		frm.disable_save();
		show_overview(frm);
		add_buttons(frm);
		frappe.realtime.off("sentia_schedule", frm.on_schedule);
		frm.on_schedule = (event) => event.schedule === frm.doc.name && frm.reload_doc();
		frappe.realtime.on("sentia_schedule", frm.on_schedule);
	},
});

function show_overview(frm) {
	const { doc } = frm;
	const colours = { Draft: "gray", Published: "green", Superseded: "orange" };
	const facts = [
		[__("Status"), sentia_ops.pill(__(doc.status), colours[doc.status])],
		[__("Late jobs"), `${sentia_ops.number(doc.late_jobs)} ${__("of")} ${sentia_ops.number(doc.jobs)}`],
		[__("Not placed"), sentia_ops.number(doc.unplaced)],
		[__("Utilisation"), doc.utilisation < 0 ? sentia_ops.pill(__("no data"), "gray") : sentia_ops.percent(doc.utilisation)],
		[__("Setup"), __("{0} hours", [sentia_ops.number(doc.setup_hours, 1)])],
	];
	const lines = (doc.outdated || "").split("\n").filter(Boolean);
	const list = `<ul>${lines.map((text) => `<li>${sentia_ops.text(text)}</li>`).join("")}</ul>`;
	const outdated = lines.length ? `<div class="sentia-note"><b>${__("Out of date, because")}</b>${list}</div>` : "";
	const where = [
		["Scheduled Operation", __("Operations")],
		["Production Schedule Job", __("Jobs, and why they are late")],
		["Unplaced Operation", __("Not placed")],
		["Station Load", __("Load of the workstations")],
	].map(([doctype, label]) => {
		const route = frappe.router.slug(doctype);
		return `<a href="/app/${route}?schedule=${encodeURIComponent(doc.name)}">${label}</a>`;
	});
	frm.fields_dict.overview.$wrapper.html(`${sentia_ops.facts(facts)}${outdated}<p>${where.join(" · ")}</p>`);
	frm.toggle_display("outdated", false);
}

function add_buttons(frm) {
	const { doc } = frm;
	const board = () => {
		frappe.route_options = { schedule: doc.name };
		frappe.set_route("production-board");
	};
	frm.add_custom_button(__("Board"), board);
	if (!frappe.user.has_role("Operations Manager")) return;
	if (doc.status === "Draft") frm.add_custom_button(__("Publish"), () => ask(frm)).addClass("btn-primary");
	if (doc.status === "Published") frm.add_custom_button(__("Take back"), () => take_back(frm));
}

function ask(frm) {
	const text = [
		__("Its times become those of the Job Cards and Work Orders."),
		__("Job Cards that are started or submitted are left alone, and it can be taken back."),
	];
	frappe.confirm(text.join(" "), () => act(frm, "sentia_ops.api.schedules.publish"));
}

function take_back(frm) {
	const text = __("Job Cards and Work Orders get the times they had before. This is refused where somebody has changed them since.");
	frappe.confirm(text, () => act(frm, "sentia_ops.api.schedules.revert"));
}

async function act(frm, method) {
	const done = await sentia_ops.post(method, { schedule: frm.doc.name });
	if (!done) return;
	const text = done.left_alone ? ` ${done.left_alone}` : "";
	frappe.show_alert({ message: __("{0} documents written.", [done.documents]) + text, indicator: "green" });
	frm.reload_doc();
}
