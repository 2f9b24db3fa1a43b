// Below the table: what is selected, what it costs, each supplier's share against its minimum order value, what to do.

const SUPPLIERS_SHOWN = 4;

class Footer {
	// on: {approve(), snooze(), reject(), reopen(), export_rows(), clear()}
	constructor(parent, rows, on) {
		Object.assign(this, { rows });
		this.element = $(`<div class="wb-foot"></div>`).appendTo(parent);
		this.element.on("click", "[data-do]", (event) => on[event.currentTarget.dataset.do]());
		this.element.on("click", ".wb-more", () => this.show_all());
	}

	refresh(board) {
		this.board = board;
		const chosen = this.rows.chosen();
		const rows = chosen.length ? chosen : this.rows.shown;
		const total = board.view === "planned" ? "" : money(sums(rows, board.currencies));
		const count = format_number(rows.length, null, 0);
		const words = chosen.length ? __("{0} selected", [count]) : __("{0} shown", [count]);
		const groups = chosen.length ? grouped(chosen, ["action", "supplier"], board.currencies) : [];
		groups.sort((a, b) => Boolean(shortfall_of(b, board)) - Boolean(shortfall_of(a, board)));
		const shares = groups.slice(0, SUPPLIERS_SHOWN).map((group) => share(group, board));
		const left = groups.length - SUPPLIERS_SHOWN;
		const more = left > 0 ? `<a class="wb-more">${__("and {0} more", [left])}</a>` : "";
		this.element.html(`<div class="wb-total"><b>${words}</b><span>${total}</span></div>
			<div class="wb-shares">${shares.join("")}${more}</div><div class="wb-do">${this.buttons(chosen.length, board)}</div>`);
	}

	buttons(count, { may_edit, may_approve, view }) {
		const button = (name, label, kind = "default") =>
			`<button class="btn btn-sm btn-${kind}" data-do="${name}">${label}</button>`;
		const found = [];
		if (count) found.push(button("clear", __("Clear"), "link"));
		found.push(button("export_rows", __("Export")));
		if (!count) return found.join("");
		if (may_edit && view === "Draft") found.push(button("snooze", __("Snooze")));
		if (may_edit && view === "Snoozed") found.push(button("reopen", __("Show now")));
		if (may_edit) found.push(button("reject", __("Reject")));
		if (may_approve && view === "Draft") found.push(button("approve", __("Approve {0}", [format_number(count, null, 0)]), "primary"));
		return found.join("");
	}

	show_all() {
		const groups = grouped(this.rows.chosen(), ["action", "supplier"], this.board.currencies);
		const columns = [
			{ label: __("Supplier"), html: (g) => text(source_of(g.rows[0])) },
			{ label: __("Lines"), align: "num", html: (g) => format_number(g.rows.length, null, 0) },
			{ label: __("Cost"), align: "num", html: (g) => text_of_money(g.sums) },
			{ label: "", html: (g) => shortfall(g, this.board) },
		];
		frappe.msgprint({ title: __("Selected, by supplier"), message: sentia_ops.table(columns, groups), wide: true });
	}
}

const shortfall_of = (group, board) => shortfall(group, board).includes("wb-late");

function share(group, board) {
	const note = shortfall(group, board);
	return `<span class="wb-share"><b>${clip(source_of(group.rows[0]))}</b> ${money(group.sums)} ${note}</span>`;
}
