// A quantity typed in its cell: saved on Enter, Tab or when the cell is left; Escape leaves it as it was.

class QuantityEdit {
	// on: {saved(row, packed), conflict(row), done()}
	constructor(row, cell, on) {
		Object.assign(this, { row, cell, on });
		const value = String(row.qty);
		this.input = $(`<input class="wb-edit form-control input-xs" inputmode="decimal" aria-label="${__("Quantity")}">`).val(value);
		cell.find(".wb-1").html(this.input);
		this.input.on("keydown", (event) => this.key(event)).on("blur", () => this.save());
		this.input.trigger("focus").trigger("select");
	}

	key(event) {
		event.stopPropagation();
		if (event.key === "Escape") this.end();
		else if (event.key === "Enter" || event.key === "Tab") this.save();
		else return;
		event.preventDefault();
	}

	async save() {
		if (this.saving || this.ended) return;
		const typed = this.input.val().trim();
		const qty = typed === "" ? NaN : flt(typed);
		if (qty === this.row.qty || typed === "") return this.end();
		if (!(qty > 0)) return this.warn(__("Type a quantity above zero."));
		this.saving = true;
		this.input.prop("readonly", true);
		await save_quantity(this.row, qty, this.on);
		this.end();
	}

	warn(words) {
		this.input.attr("title", words);
		frappe.show_alert({ message: text(words), indicator: "red" });
		this.input.trigger("focus");
	}

	end() {
		if (this.ended) return;
		this.ended = true;
		this.input.off().remove();
		this.on.done();
	}
}

async function save_quantity(row, qty, on, exactly = false) {
	const { name, modified } = row;
	const { data, message, error } = await ask_server("set_quantity", { name, qty, modified, exactly });
	if (!error) {
		on.saved(row, data.row);
		if (message) offer_exact(row, qty, message, on);
		return;
	}
	frappe.show_alert({ message: text(error.message), indicator: "red" }, 10);
	if (error.code === "conflict" || error.code === "not_found") await on.conflict(row);
}

// the server made a full pack of it; a buyer who has agreed otherwise with the supplier may insist
function offer_exact(row, qty, message, on) {
	const keep = row.qty === qty ? "" : ` <a class="wb-exact">${__("Keep {0} all the same", [text(qty)])}</a>`;
	const words = text(message) + keep;
	const alert = frappe.show_alert({ message: words, indicator: "blue" }, 12);
	alert.find(".wb-exact").on("click", () => {
		alert.find(".close").trigger("click");
		save_quantity(row, qty, on, true);
	});
}
