frappe.listview_settings["Reorder Recommendation"] = {
	add_fields: ["item_code", "urgency", "cost", "company", "stock_uom", "status"],
	hide_name_column: true,
	filters: [["status", "=", "Draft"]],
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
		put_own_approve(listview);
	},
};

// Frappe's bulk workflow action asks nothing and answers in two dialogs; ours names the money and every result.
function put_own_approve(listview) {
	const theirs = listview.workflow_action_items?.Approve;
	if (!theirs) return;
	delete listview.workflow_action_items.Approve;
	theirs.closest("li").remove();
	if (!frappe.user.has_role("Operations Manager")) return;
	listview.page.add_actions_menu_item(__("Approve and make orders"), () => ask(listview), true);
}

function ask(listview) {
	const rows = listview.get_checked_items();
	const drafts = rows.filter((row) => row.status === "Draft");
	if (!drafts.length) {
		frappe.msgprint(__("None of the selected recommendations is a draft."));
		return;
	}
	const text = __("Approve {0} recommendations worth {1}? Each becomes a draft order that a buyer can still change.", [
		drafts.length,
		worth(drafts),
	]);
	frappe.confirm(text, () => approve(listview, drafts.map((row) => row.name)));
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
	const method = "sentia_ops.sentia_ops.doctype.reorder_recommendation.reorder_recommendation.approve_selected";
	const { message } = await frappe.call({ method, type: "POST", args: { names }, freeze: true });
	const failed = message.filter((row) => row.error);
	const columns = [
		{ label: __("Recommendation"), html: (r) => sentia_ops.link("Reorder Recommendation", r.name) },
		{
			label: __("Result"),
			html: (r) => (r.error ? sentia_ops.text(r.error) : `${__(r.doctype)} ${sentia_ops.link(r.doctype, r.document)}`),
		},
	];
	frappe.msgprint({
		title: __("{0} of {1} approved", [message.length - failed.length, message.length]),
		indicator: failed.length ? "orange" : "green",
		message: sentia_ops.table(columns, [...failed, ...message.filter((row) => !row.error)]),
		wide: true,
	});
	listview.clear_checked_items();
	listview.refresh();
}
