// Approve, snooze and reject what is selected: asked first, sent in batches, told per row.

const BATCH = 200; // what the server takes at once
const REASONS = ["Not needed", "Quantity too large", "Quantity too small", "Other supplier", "Price too high"];
REASONS.push("Wait for a delivery", "Wait for the budget", "Other");

// Sends [name, modified] of the rows in batches; done: every answered row, and an error that ended it early.
async function decide_all(rows, method, args, title) {
	const done = [];
	const bar = rows.length > BATCH ? progress_dialog(title, rows.length) : null;
	let failure = null;
	for (let start = 0; start < rows.length && !failure && !bar?.stopped; start += BATCH) {
		const batch = rows.slice(start, start + BATCH).map((row) => [row.name, row.modified]);
		if (!bar) frappe.dom.freeze();
		const { data, error } = await ask_server(method, { rows: batch, ...args });
		if (!bar) frappe.dom.unfreeze();
		failure = error?.message || null;
		done.push(...(data || []));
		bar?.show(done.length);
	}
	bar?.hide();
	return { done, failure };
}

function progress_dialog(title, total) {
	const dialog = new frappe.ui.Dialog({ title, static: true });
	const stop = { stopped: false };
	dialog.set_secondary_action(() => (stop.stopped = true));
	dialog.set_secondary_action_label(__("Stop after this batch"));
	const bar = $(`<div><p></p><div class="progress"><div class="progress-bar"></div></div></div>`).appendTo(dialog.body);
	stop.show = (count) => {
		bar.find("p").text(__("{0} of {1}", [count, total]));
		bar.find(".progress-bar").css("width", `${(100 * count) / total}%`);
	};
	stop.hide = () => dialog.hide();
	dialog.show();
	stop.show(0);
	return stop;
}

function ask_to_approve(rows, board, go) {
	const orders = grouped(rows, ["action", "supplier", "warehouse"], board.currencies);
	const total = money(sums(rows, board.currencies));
	const columns = [
		{ label: __("Supplier"), html: (g) => text(source_of({ ...g.rows[0] })) },
		{ label: __("Warehouse"), html: (g) => text(g.warehouse) },
		{ label: __("Lines"), align: "num", html: (g) => format_number(g.rows.length, null, 0) },
		{ label: __("Cost"), align: "num", html: (g) => text_of_money(g.sums) },
		{ label: "", html: (g) => shortfall(g, board) },
	];
	const words = __("Approve {0} recommendations worth {1}? They become draft orders that a buyer can still change.", [
		`<b>${format_number(rows.length, null, 0)}</b>`,
		`<b>${total}</b>`,
	]);
	const dialog = new frappe.ui.Dialog({
		title: __("Approve selected"),
		size: "large",
		primary_action_label: __("Approve {0}", [format_number(rows.length, null, 0)]),
		primary_action: () => {
			dialog.hide();
			go();
		},
		secondary_action_label: __("Cancel"),
		secondary_action: () => dialog.hide(),
	});
	const table = `<div class="wb-orders">${sentia_ops.table(columns, orders)}</div>`;
	$(dialog.body).append(`<p>${words}</p>${table}`);
	dialog.show();
}

const text_of_money = (found) => text($("<div>").html(money(found)).text());

// what a supplier's order lacks to its minimum value
function shortfall({ action, supplier, rows }, { minimum_values, currencies }) {
	const least = action === "buy" ? minimum_values[supplier] : 0;
	if (!least) return "";
	const own = currencies[rows[0].company];
	const lacking = least - rows.reduce((sum, row) => sum + (row.cost || 0), 0);
	if (lacking <= 0) return `<span class="wb-muted">${__("minimum {0} met", [format_currency(least, own)])}</span>`;
	return `<span class="wb-late">${__("{0} short of the minimum {1}", [format_currency(lacking, own), format_currency(least, own)])}</span>`;
}

function ask_to_snooze(rows, go) {
	const first = frappe.datetime.add_days(frappe.datetime.get_today(), 1);
	const fields = [
		{ fieldname: "until", fieldtype: "Date", label: __("Show them again on"), reqd: 1, default: frappe.datetime.add_days(first, 6) },
	];
	const title = __("Snooze {0} recommendations", [rows.length]);
	frappe.prompt(fields, ({ until }) => go({ until }), title, __("Snooze"));
}

function ask_to_reject(rows, go) {
	const options = REASONS.map((reason) => ({ value: reason, label: __(reason) }));
	const fields = [
		{ fieldname: "reason", fieldtype: "Select", label: __("Why?"), options, reqd: 1 },
		{ fieldname: "note", fieldtype: "Small Text", label: __("Note (for whoever looks at it later)") },
	];
	const title = __("Reject {0} recommendations", [rows.length]);
	frappe.prompt(fields, ({ reason, note }) => go({ reason, note: note || "" }), title, __("Reject"));
}

// one line when all went well, else a list of what did not, and why
function tell({ done, failure }, rows, title) {
	const failed = done.filter((row) => row.error);
	const good = done.filter((row) => !row.error);
	const orders = new Map(good.filter((r) => r.document).map((r) => [`${r.doctype}|${r.document}`, r]));
	if (!failed.length && !failure && !orders.size) {
		return frappe.show_alert({ message: text(title(good.length)), indicator: "green" });
	}
	const by_name = new Map(rows.map((row) => [row.name, row]));
	const columns = [
		{ label: __("Item"), html: (r) => sentia_ops.link("Reorder Recommendation", r.name, by_name.get(r.name)?.item_code || r.name) },
		{ label: __("Not done because"), html: (r) => text(r.error) },
	];
	const left = rows.length - done.length;
	const parts = [
		failure ? `<p class="text-danger">${text(failure)}</p>` : "",
		left ? `<p>${__("{0} were not sent.", [left])}</p>` : "",
		orders.size ? `<p>${__("Draft orders: {0}", [orders.size])}</p><p class="wb-made">${[...orders.values()].map(made_link).join(" ")}</p>` : "",
		failed.length ? sentia_ops.table(columns, failed.slice(0, 100)) : "",
	];
	frappe.msgprint({
		title: title(good.length),
		indicator: failed.length || failure ? "orange" : "green",
		message: parts.join(""),
		wide: true,
	});
}

const made_link = ({ doctype, document: name }) => sentia_ops.link(doctype, name);
