// A Sales Order's own form: the earliest honest date of each item that is made, against the current schedule.
frappe.ui.form.on("Sales Order", {
	refresh(frm) {
		if (frm.doc.docstatus > 1 || !frappe.model.can_read("Production Schedule")) return;
		frm.add_custom_button(__("Promise date"), () => ask(frm), __("Planning"));
	},
});

async function ask(frm) {
	const lines = frm.doc.items.filter((row) => row.item_code && row.qty - (row.delivered_qty || 0) > 0);
	if (!lines.length) {
		frappe.msgprint(__("There is nothing left to deliver."));
		return;
	}
	const dialog = new frappe.ui.Dialog({ title: __("Promise dates"), size: "large" });
	dialog.$body.html(`<div class="p-4 text-muted">${__("Looking for gaps in the schedule")}</div>`);
	dialog.show();
	const found = [];
	const together = {}; // lines of one item are made one after the other: the second is ready when both are
	for (const row of lines) {
		const qty = (row.qty - (row.delivered_qty || 0)) * (row.conversion_factor || 1);
		together[row.item_code] = (together[row.item_code] || 0) + qty;
		const total = together[row.item_code];
		found.push({ row, qty, total, promise: await promise_of(row.item_code, total) });
	}
	dialog.$body.html(`<div class="p-4">${found.map(shown).join("")}</div>`);
	if (frm.doc.docstatus === 0 && found.some(({ promise }) => promise.at)) {
		dialog.set_primary_action(__("Use as delivery dates"), () => {
			use(frm, found);
			dialog.hide();
		});
	}
}

// a refusal is an answer here, not an error: the other lines may have a date
async function promise_of(item_code, qty) {
	const query = new URLSearchParams({ item_code, qty });
	const response = await fetch(`/api/method/sentia_ops.api.schedules.promise?${query}`, { headers: { Accept: "application/json" } });
	const body = await response.json().catch(() => ({}));
	return body.success ? body.data : { at: null, text: body.error?.message || __("No answer from the server."), notes: [] };
}

function shown({ row, qty, total, promise }) {
	const date = promise.at ? frappe.datetime.str_to_user(promise.at) : sentia_ops.pill(__("no date"), "orange");
	const free = promise.free > 0 ? __("{0} are free in stock.", [sentia_ops.number(promise.free)]) : "";
	const above = total > qty ? __("{0} with the lines above.", [sentia_ops.number(total)]) : "";
	const notes = [above, free, ...(promise.notes || [])].filter(Boolean).map((text) => `<div class="text-muted small">${sentia_ops.text(text)}</div>`);
	return `<div class="mb-4"><b>${sentia_ops.text(row.item_code)}</b> × ${sentia_ops.number(qty)}: ${date}
		<div>${sentia_ops.text(promise.text)}</div>${notes.join("")}</div>`;
}

function use(frm, found) {
	for (const { row, promise } of found) {
		if (promise.at) frappe.model.set_value(row.doctype, row.name, "delivery_date", day_after(promise.at));
	}
}

// what is ready in the course of a day can be delivered that day; after noon, the next
function day_after(at) {
	const [day, time] = at.split(" ");
	return time < "12:00:00" ? day : frappe.datetime.add_days(day, 1);
}
