// Approve, snooze and reject what is selected: asked first, sent in batches, told per row.

const BATCH = 200; // decided in one request
const MOST_APPROVED = 5000; // in one request; beyond 50 it is a job in the background
const POLL_JOB = 1500; // ms

// Sends [name, modified] of the rows in batches; done: every answered row, failure: why it ended early.
async function decide_all(rows, method, args, title) {
	const done = [];
	const size = method === "approve" ? MOST_APPROVED : BATCH;
	const bar = rows.length > BATCH || (method === "approve" && rows.length > 20) ? progress_dialog(title, rows.length, method) : null;
	let failure = null;
	if (!bar) frappe.dom.freeze();
	for (let start = 0; start < rows.length && !failure && !bar?.stopped; start += size) {
		const batch = rows.slice(start, start + size).map((row) => [row.name, row.modified]);
		const { data, error } = await ask_server(method, { rows: batch, ...args });
		failure = error?.message || null;
		done.push(...(data?.results || []));
		if (data?.job) done.push(...(await results_of(data.job, bar, (share) => bar.show(done.length + share * batch.length))));
		bar?.show(done.length);
	}
	if (!bar) frappe.dom.unfreeze();
	bar?.hide();
	return { done, failure };
}

// of the job that approves many; the user is told by a notification as well, should the page be closed
async function results_of(job, bar, show) {
	while (!bar.stopped) {
		const state = await sentia_ops.get("sentia_ops.api.recommendations.progress", { job });
		if (state) show(state.progress / 100);
		if (state?.done) return state.results;
		await new Promise((resolve) => setTimeout(resolve, POLL_JOB));
	}
	return [];
}

function progress_dialog(title, total, method) {
	const dialog = new frappe.ui.Dialog({ title, static: true });
	const stop = { stopped: false };
	dialog.set_secondary_action(() => (stop.stopped = true));
	dialog.set_secondary_action_label(method === "approve" ? __("Go on in the background") : __("Stop after this batch"));
	const bar = $(`<div><p></p><div class="progress"><div class="progress-bar"></div></div></div>`).appendTo(dialog.body);
	stop.show = (count) => {
		bar.find("p").text(__("{0} of {1}", [Math.round(count), total]));
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
	const limit = board.approve_up_to;
	const above = is_empty(limit) ? 0 : rows.filter((row) => row.cost > limit).length;
	const limits = above ? `<p class="wb-late">${__("{0} of them cost more than you may approve ({1} each) and will be left.", [above, format_currency(limit, board.currencies[rows[0].company])])}</p>` : "";
	const table = `<div class="wb-orders">${sentia_ops.table(columns, orders)}</div>`;
	$(dialog.body).append(`<p>${words}</p>${limits}${table}`);
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

function ask_to_reject(rows, { reject_reasons }, go) {
	const options = reject_reasons.map((reason) => ({ value: reason, label: __(reason) }));
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
		left ? `<p>${__("{0} have no answer yet, or were not sent.", [left])}</p>` : "",
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
