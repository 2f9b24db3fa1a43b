frappe.ui.form.on("Reorder Recommendation", {
	refresh(frm) {
		show_overview(frm);
		show_projection(frm);
		show_reasons(frm);
		show_alternatives(frm);
		add_buttons(frm);
		show_rights(frm);
	},

	before_workflow_action(frm) {
		if (frm.selected_workflow_action === "Reject") return ask_why(frm);
		if (frm.selected_workflow_action === "Snooze") return ask_until(frm);
	},
});

// Frappe has frozen the page by now, and reads the document anew before it applies the action. A promise that stays
// open, after the dialog was closed, calls the action off.
function ask(frm, fields, title, button, values_of) {
	frappe.dom.unfreeze();
	return new Promise((resolve) => {
		const note_and_go = async (given) => {
			await frappe.db.set_value(frm.doctype, frm.docname, values_of(given));
			resolve();
		};
		frappe.prompt(fields, note_and_go, title, button);
	});
}

function ask_why(frm) {
	const reasons = frappe.meta.get_docfield(frm.doctype, "reject_reason").options;
	const fields = [
		{ fieldname: "reason", fieldtype: "Select", label: __("Reason"), options: reasons, reqd: 1 },
		{ fieldname: "note", fieldtype: "Small Text", label: __("Note (for whoever looks at it later)") },
	];
	const values_of = ({ reason, note }) => ({ reject_reason: reason, decision_note: note || "" });
	return ask(frm, fields, __("Reject this recommendation"), __("Reject"), values_of);
}

function ask_until(frm) {
	const day = frappe.datetime.add_days(frappe.datetime.get_today(), 7);
	const field = { fieldname: "until", fieldtype: "Date", label: __("Until"), reqd: 1, default: day };
	return ask(frm, field, __("Snooze this recommendation"), __("Snooze"), ({ until }) => ({ snoozed_until: until }));
}

function show_overview(frm) {
	const { doc } = frm;
	const money = format_currency(doc.cost, erpnext.get_currency(doc.company));
	const facts = [
		[__("Order made"), order_links(doc)],
		[__("Urgency"), sentia_ops.urgency_pill(doc.urgency)],
		[__("Order by"), when(doc.order_by)],
		[__("Needed by"), sentia_ops.date(doc.need_by)],
		[__("Cost"), money],
		[__("Risk of running out"), doc.run ? sentia_ops.percent(doc.stockout_risk) : ""],
		[__("Confidence"), doc.run ? confidence(doc.confidence) : ""],
		[__("Cost of running out, if not ordered"), measured_money(doc, "cost_without")],
		[__("... and if ordered"), measured_money(doc, "cost_with")],
		[__("Days of cover"), doc.run && doc.days_of_cover >= 0 ? sentia_ops.number(doc.days_of_cover) : ""],
		[__("Class"), sentia_ops.text(doc.service_class)],
		[__("Service level"), doc.service_level ? sentia_ops.percent(doc.service_level, 1) : ""],
	];
	const headline = doc.summary ? `<div class="sentia-headline">${sentia_ops.text(doc.summary)}</div>` : "";
	const notes = [cut(doc), sentia_ops.text(doc.changes), changes(doc)].filter(Boolean);
	frm.fields_dict.overview.$wrapper.html(
		headline + sentia_ops.facts(facts) + notes.map((note) => `<div class="sentia-note">${note}</div>`).join("")
	);
}

// -1 stands for a number that is not known
function measured_money(doc, field) {
	return doc.run && doc[field] >= 0 ? format_currency(doc[field], erpnext.get_currency(doc.company)) : "";
}

function cut(doc) {
	if (!doc.cut_by || !(doc.wanted_qty >= 0)) return "";
	const by = { budget: __("the budget"), capacity: __("the warehouse's capacity"), "order value": __("the supplier's minimum order value"), scarcity: __("scarcity") };
	const [wanted, qty] = [sentia_ops.number(doc.wanted_qty), sentia_ops.number(doc.qty)];
	return __("{0} were wanted; {1} changed that to {2}", [wanted, by[doc.cut_by] || sentia_ops.text(doc.cut_by), qty]);
}

function show_rights(frm) {
	const why = frm.doc.__onload?.cannot_approve;
	const can_write = frm.perm[0]?.write;
	if (why && can_write && frm.doc.status === "Draft") frm.set_intro(sentia_ops.text(why), "orange");
	else if (frm.doc.is_automatic) frm.set_intro(__("Approved automatically: its class has earned it (see Approval Right)."), "blue");
}

function order_links(doc) {
	const order = sentia_ops.link("Purchase Order", doc.purchase_order);
	return order || sentia_ops.link("Material Request", doc.material_request);
}

function when(date) {
	const days = frappe.datetime.get_day_diff(date, frappe.datetime.get_today());
	if (!date) return "";
	if (days < 0) return `<span class="text-danger">${sentia_ops.date(date)} (${__("{0} days ago", [-days])})</span>`;
	return sentia_ops.date(date) + (days === 0 ? ` (${__("today")})` : "");
}

function confidence(share) {
	const word = share >= 0.75 ? __("good") : share >= 0.5 ? __("fair") : __("weak");
	const colour = share >= 0.75 ? "green" : share >= 0.5 ? "yellow" : "gray";
	return sentia_ops.pill(`${sentia_ops.percent(share)} · ${word}`, colour);
}

function changes(doc) {
	const words = [];
	const qty = doc.previous_qty && doc.previous_qty !== doc.qty;
	const urgency = doc.previous_urgency && doc.previous_urgency !== doc.urgency;
	if (qty) words.push(__("the run before said {0}", [sentia_ops.number(doc.previous_qty)]));
	if (urgency) words.push(__("its urgency was {0}", [sentia_ops.text(__(doc.previous_urgency))]));
	if (doc.first_seen) words.push(__("first proposed on {0}", [sentia_ops.date(doc.first_seen)]));
	const text = words.join(" · ");
	return text.charAt(0).toUpperCase() + text.slice(1);
}

function show_projection(frm) {
	const projection = sentia_ops.parse(frm.doc.projection, {});
	const known = Boolean(projection.without?.length);
	frm.toggle_display("projection_section", known);
	if (!known) return;
	frm.stock_chart?.observer.disconnect();
	const promise = { label: __("Free to promise"), values: projection.atp, colour: "#8a63c9", dash: "2 3" };
	const parent = $("<div>").appendTo(frm.fields_dict.projection_view.$wrapper.empty());
	frm.stock_chart = new sentia_ops.Chart(parent, {
		start: projection.start,
		length: projection.without.length,
		unit: frm.doc.stock_uom,
		series: [
			{ label: __("Without the order"), values: projection.without, colour: "#e0524d", dash: "6 4" },
			{ label: __("With the order"), values: projection.with, colour: "#2f7ed8", width: 2.5 },
			...(projection.atp?.length ? [promise] : []), // recommendations of older plans have none
		],
		levels: [
			{ label: __("Reorder point"), value: projection.reorder_point, colour: "#d9922b" },
			{ label: __("Safety stock"), value: projection.safety_stock, colour: "#3c9d6a" },
		],
	});
}

function show_reasons(frm) {
	const reasons = sentia_ops.parse(frm.doc.reasons, []);
	frm.toggle_display("reasons_section", reasons.length > 0);
	const columns = [
		{ label: __("Reason"), html: (r) => `<b>${sentia_ops.text(r.label)}</b>` },
		{ label: __("How it comes about"), html: (r) => sentia_ops.text(r.text) },
		{ label: __("Value"), align: "num", html: (r) => value_of(r.value) },
	];
	frm.fields_dict.reasons_view.$wrapper.html(sentia_ops.table(columns, reasons));
}

function value_of(value) {
	return typeof value === "number" ? sentia_ops.number(value) : sentia_ops.text(value);
}

function show_alternatives(frm) {
	const rows = sentia_ops.parse(frm.doc.alternatives, []);
	const own = erpnext.get_currency(frm.doc.company);
	const columns = [
		{ label: __("Supplier"), html: (r) => sentia_ops.link("Supplier", r.supplier) },
		{ label: __("Unit price"), align: "num", html: (r) => format_currency(r.unit_price, r.currency || own) },
		{ label: __("Quantity"), align: "num", html: (r) => sentia_ops.number(r.qty) },
		{ label: __("Total cost"), align: "num", html: (r) => format_currency(r.total_cost, own) },
		{ label: __("Lead time (days)"), align: "num", html: (r) => sentia_ops.number(r.lead_days) },
		{ label: __("Why not"), html: (r) => sentia_ops.text(r.why_not) },
	];
	frm.toggle_display("alternatives_section", frm.doc.action === "buy" && !frm.is_new());
	frm.fields_dict.alternatives_view.$wrapper.html(
		rows.length ? sentia_ops.table(columns, rows) : sentia_ops.empty(__("No other supplier offers this item."))
	);
}

function add_buttons(frm) {
	if (frm.is_new()) return;
	for (const [doctype, field] of [
		["Purchase Order", "purchase_order"],
		["Material Request", "material_request"],
	]) {
		if (!frm.doc[field]) continue;
		frm.add_custom_button(__(doctype), () => frappe.set_route("Form", doctype, frm.doc[field]), __("View"));
	}
	const { item_code, warehouse } = frm.doc;
	frm.add_custom_button(__("Forecast"), () => open_of("Demand Forecast", { item_code, warehouse }), __("View"));
	frm.add_custom_button(__("Stock Policy"), () => open_of("Stock Policy", { item_code, warehouse }), __("View"));
}

async function open_of(doctype, filters) {
	const { message } = await frappe.db.get_value(doctype, filters, "name");
	if (message?.name) frappe.set_route("Form", doctype, message.name);
	else frappe.show_alert({ message: __("There is none yet: plan first."), indicator: "orange" });
}
