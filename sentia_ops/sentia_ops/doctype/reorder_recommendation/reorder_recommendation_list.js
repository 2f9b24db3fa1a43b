frappe.listview_settings["Reorder Recommendation"] = {
	add_fields: ["item_code", "urgency", "cost", "company", "stock_uom", "status", "snoozed_until", "reject_reason"],
	hide_name_column: true,
	filters: [["status", "=", "Draft"]],
	// of the states whose mark the workflow leaves to the list; short, as the column is narrow
	get_indicator(doc) {
		if (doc.status === "Snoozed") {
			const day = moment(doc.snoozed_until).format("D MMM");
			return [__("until {0}", [day]), "orange", "status,=,Snoozed"];
		}
		return [__(doc.reject_reason || "Rejected"), "red", "status,=,Rejected"];
	},
	formatters: {
		urgency: (value) => sentia_ops.urgency_pill(value),
		qty: (value, df, doc) => `${sentia_ops.number(value)} ${sentia_ops.text(doc.stock_uom)}`,
		order_by(value) {
			const late = value && value < frappe.datetime.get_today();
			return `<span class="${late ? "text-danger" : ""}">${sentia_ops.date(value)}</span>`;
		},
	},

	onload(listview) {
		sentia_ops.add_plan_button(listview.page, () => listview.refresh());
	},

	refresh(listview) {
		put_own_actions(listview);
	},
};

const ENDPOINTS = {
	approve: "sentia_ops.api.recommendations.approve",
	progress: "sentia_ops.api.recommendations.progress",
	reject: "sentia_ops.api.recommendations.reject",
	snooze: "sentia_ops.api.recommendations.snooze",
	reopen: "sentia_ops.api.recommendations.reopen",
	limits: "sentia_ops.api.recommendations.limits",
};

// Frappe's bulk workflow actions ask nothing and answer in two dialogs; ours name the money and every result.
async function put_own_actions(listview) {
	const theirs = listview.workflow_action_items || {};
	for (const [action, item] of Object.entries(theirs)) {
		item.closest("li").remove();
		delete theirs[action];
	}
	if (listview.sentia_actions || !frappe.model.can_write("Reorder Recommendation")) return;
	listview.sentia_actions = true;
	const add = (label, run) => listview.page.add_actions_menu_item(label, run, true);
	listview.sentia_limits = await sentia_ops.get(ENDPOINTS.limits);
	if (listview.sentia_limits?.may_approve) add(__("Approve and make orders"), () => ask_approve(listview));
	add(__("Snooze"), () => ask_snooze(listview));
	add(__("Reject"), () => ask_reject(listview));
	add(__("Reopen"), () => decide(listview, chosen(listview, ["Snoozed"]), ENDPOINTS.reopen, {}, __("reopened")));
}

function chosen(listview, states) {
	const rows = listview.get_checked_items().filter((row) => states.includes(row.status));
	const words = states.map((state) => __(state)).join(", ");
	if (!rows.length) frappe.msgprint(__("None of the selected recommendations is in one of the states: {0}.", [words]));
	return rows;
}

function ask_approve(listview) {
	const drafts = chosen(listview, ["Draft"]);
	if (!drafts.length) return;
	const text = __(
		"Approve {0} recommendations worth {1}? They become one draft order for each supplier and warehouse, which a buyer can still change.",
		[drafts.length, worth(drafts)]
	);
	frappe.confirm(text + over_limit(listview, drafts), () => approve(listview, drafts.map((row) => row.name)));
}

function over_limit(listview, rows) {
	const limit = listview.sentia_limits.up_to;
	const above = limit === null ? 0 : rows.filter((row) => flt(row.cost) > limit).length;
	if (!above) return "";
	const most = format_currency(limit, erpnext.get_currency(rows[0].company));
	return `<p class="text-warning">${__("{0} of them cost more than {1}, which is the most you may approve: they stay drafts.", [above, most])}</p>`;
}

// companies may keep their books in different currencies
function worth(rows) {
	const sums = {};
	for (const row of rows) {
		const currency = erpnext.get_currency(row.company);
		sums[currency] = (sums[currency] || 0) + flt(row.cost);
	}
	return Object.entries(sums)
		.map(([currency, sum]) => format_currency(sum, currency))
		.join(" + ");
}

async function approve(listview, names) {
	frappe.dom.freeze();
	const answer = await sentia_ops.post(ENDPOINTS.approve, { names }).finally(() => frappe.dom.unfreeze());
	if (!answer) return;
	const results = answer.job ? await wait_for(answer.job) : answer.results;
	show(listview, results, __("approved"));
}

// Asked for, not told: also where no socket.io runs.
async function wait_for(job) {
	for (;;) {
		const state = await sentia_ops.get(ENDPOINTS.progress, { job });
		const percent = state?.progress || 0;
		frappe.show_progress(__("Approving"), percent, 100, __("It goes on when you leave this page; the result comes as a notification."));
		if (state?.done) {
			frappe.hide_progress();
			return state.results;
		}
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
}

function ask_snooze(listview) {
	const rows = chosen(listview, ["Draft"]);
	if (!rows.length) return;
	const until = { fieldname: "until", fieldtype: "Date", label: __("Until"), reqd: 1, default: frappe.datetime.add_days(frappe.datetime.get_today(), 7) };
	const go = (values) => decide(listview, rows, ENDPOINTS.snooze, values, __("snoozed"));
	frappe.prompt(until, go, __("Snooze {0} recommendations", [rows.length]), __("Snooze"));
}

function ask_reject(listview) {
	const rows = chosen(listview, ["Draft", "Snoozed"]);
	if (!rows.length) return;
	const reasons = frappe.meta.get_docfield("Reorder Recommendation", "reject_reason").options;
	const fields = [
		{ fieldname: "reason", fieldtype: "Select", label: __("Reason"), options: reasons, reqd: 1 },
		{ fieldname: "note", fieldtype: "Small Text", label: __("Note") },
	];
	const go = (values) => decide(listview, rows, ENDPOINTS.reject, values, __("rejected"));
	frappe.prompt(fields, go, __("Reject {0} recommendations", [rows.length]), __("Reject"));
}

async function decide(listview, rows, method, values, done) {
	if (!rows.length) return;
	const answer = await sentia_ops.post(method, { names: rows.map((row) => row.name), ...values });
	if (answer) show(listview, answer.results, done);
}

function show(listview, results, done) {
	const failed = results.filter((row) => row.error);
	listview.clear_checked_items();
	listview.refresh();
	const title = __("{0} of {1} {2}", [results.length - failed.length, results.length, done]);
	if (!failed.length && !results.some((row) => row.document)) {
		frappe.show_alert({ message: title, indicator: "green" });
		return;
	}
	const columns = [
		{ label: __("Recommendation"), html: (r) => sentia_ops.link("Reorder Recommendation", r.name) },
		{ label: __("Not done, because"), html: (r) => sentia_ops.text(r.error) },
	];
	frappe.msgprint({
		title,
		indicator: failed.length ? "orange" : "green",
		message: orders_made(results) + (failed.length ? sentia_ops.table(columns, failed) : ""),
		wide: true,
	});
}

function orders_made(results) {
	const lines = {};
	const kinds = {};
	for (const row of results.filter((row) => row.document)) {
		lines[row.document] = (lines[row.document] || 0) + 1;
		kinds[row.document] = row.doctype;
	}
	const columns = [
		{ label: __("Draft"), html: (name) => `${__(kinds[name])} ${sentia_ops.link(kinds[name], name)}` },
		{ label: __("Lines"), align: "num", html: (name) => lines[name] },
	];
	return Object.keys(lines).length ? `${sentia_ops.table(columns, Object.keys(lines))}<br>` : "";
}
