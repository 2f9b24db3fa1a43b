// What if: a machine down, overtime, a rush order, late material. Computed beside the current plan; nothing is written.

const CHANGES = {
	down: () => __("A machine is down"),
	overtime: () => __("Overtime"),
	rush: () => __("A rush order"),
	late: () => __("Material comes late"),
};

class WhatIf {
	constructor(board) {
		this.board = board;
		this.changes = [];
		this.element = $(`<div class="pb-what-if"><p class="pb-muted">${__("Describe one or more changes and see what they do to the plan. Nothing is written.")}</p>
			<div class="pb-fields"></div><button class="btn btn-xs btn-default" data-add>${__("Add this change")}</button>
			<ul class="pb-changes"></ul><button class="btn btn-sm btn-primary" data-compute>${__("Show the effect")}</button></div>`);
		this.element.on("click", "[data-add]", () => this.add());
		this.element.on("click", "[data-compute]", () => this.compute());
		this.element.on("click", "[data-drop]", (event) => {
			this.changes.splice(Number(event.currentTarget.dataset.drop), 1);
			this.draw();
		});
	}

	attach(parent) {
		this.element.appendTo(parent);
		if (!this.fields) this.make_fields();
		this.fields.set_df_property("workstation", "options", this.board.board.stations.map(({ name }) => name));
		this.draw();
	}

	detach() {
		this.element.detach();
	}

	make_fields() {
		const on = (...kinds) => `eval:${JSON.stringify(kinds)}.includes(doc.kind)`;
		const soon = moment.utc(this.board.board.from).add(1, "day").startOf("day");
		const at = (hour) => soon.clone().hour(hour).format("YYYY-MM-DD HH:mm:ss");
		this.fields = new frappe.ui.FieldGroup({
			parent: this.element.find(".pb-fields")[0],
			fields: [
				{ fieldname: "kind", fieldtype: "Select", label: __("Change"), default: "down", options: Object.entries(CHANGES).map(([value, label]) => ({ value, label: label() })) },
				{ fieldname: "workstation", fieldtype: "Autocomplete", label: __("Workstation"), depends_on: on("down", "overtime") },
				{ fieldname: "from", fieldtype: "Datetime", label: __("From"), default: at(8), depends_on: on("down", "overtime") },
				{ fieldname: "until", fieldtype: "Datetime", label: __("Until"), default: at(16), depends_on: on("down", "overtime") },
				{ fieldname: "reason", fieldtype: "Data", label: __("Reason"), depends_on: on("down") },
				{ fieldname: "item_code", fieldtype: "Link", options: "Item", label: __("Item"), depends_on: on("rush", "late") },
				{ fieldname: "qty", fieldtype: "Float", label: __("Quantity"), depends_on: on("rush") },
				{ fieldname: "due", fieldtype: "Datetime", label: __("Due"), depends_on: on("rush") },
				{ fieldname: "days", fieldtype: "Int", label: __("Days later"), depends_on: on("late") },
			],
		});
		this.fields.make();
	}

	// the change that the fields describe; null after telling what is missing
	read() {
		const { kind, ...values } = this.fields.get_values(true);
		const wanted = { down: ["workstation", "from", "until"], overtime: ["workstation", "from", "until"], rush: ["item_code", "qty"], late: ["item_code", "days"] }[kind];
		const missing = wanted.filter((name) => !values[name]).map((name) => this.fields.get_field(name).df.label);
		if (missing.length) {
			frappe.show_alert({ message: __("Fill in: {0}", [missing.join(", ")]), indicator: "orange" });
			return null;
		}
		const optional = { down: ["reason"], rush: ["due"] }[kind] || [];
		const names = [...wanted, ...optional.filter((name) => values[name])];
		return { kind, ...Object.fromEntries(names.map((name) => [name, values[name]])) };
	}

	add() {
		const change = this.read();
		if (!change) return false;
		this.changes.push(change);
		this.draw();
		return true;
	}

	draw() {
		const row = (change, i) => `<li>${text(this.words(change))} <button class="btn btn-xs" data-drop="${i}" aria-label="${__("Remove")}">✕</button></li>`;
		this.element.find(".pb-changes").html(this.changes.map(row).join(""));
	}

	words({ kind, workstation, from, until, item_code, qty, due, days, reason }) {
		if (kind === "down") return __("{0} is down {1} – {2}", [workstation, when(from), when(until)]) + (reason ? ` (${reason})` : "");
		if (kind === "overtime") return __("{0} works {1} – {2}", [workstation, when(from), when(until)]);
		if (kind === "rush") return __("Rush order of {0} {1}", [qty, item_code]) + (due ? `, ${__("due {0}", [when(due)])}` : "");
		return __("{0} comes {1} days later", [item_code, days]);
	}

	compute() {
		if (!this.changes.length && !this.add()) return;
		this.board.trial.what_if(this.changes);
	}
}
