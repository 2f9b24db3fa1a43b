// The table: only the rows in sight are in the document, so that 10,000 scroll like 50.

const ROW = 42; // px, as in the style sheet
const SPARE = 8; // rows drawn above and below those in sight

class Grid {
	// on: {open(row), close(event), edit(row, cell), selected()}
	constructor(parent, rows, on) {
		Object.assign(this, { rows, on, cursor: 0, anchor: 0 });
		this.body = $(`<div class="wb-grid" role="grid" tabindex="0" aria-label="${__("Recommendations")}">
			<div class="wb-head" role="row"></div><div class="wb-space"><div class="wb-rows"></div></div>
		</div>`).appendTo(parent);
		this.head = this.body.find(".wb-head");
		this.space = this.body.find(".wb-space");
		this.block = this.body.find(".wb-rows");
		this.body.on("scroll", () => requestAnimationFrame(() => this.draw()));
		this.body.on("keydown", (event) => this.key(event));
		this.head.on("click", "[data-column]", (event) => this.sort(event.currentTarget.dataset.column));
		this.head.on("change", "input", (event) => this.select_all(event.target.checked));
		this.block.on("click", ".wb-row", (event) => this.click(event));
		new ResizeObserver(() => this.draw()).observe(this.body[0]);
	}

	// narrow: beside the open panel, fewer columns
	set_view(view, selectable, narrow = false) {
		this.columns = VIEWS[view][narrow ? "beside" : "columns"];
		this.selectable = selectable;
		const widths = this.columns.map((name) => COLUMNS[name].width);
		this.body.css("--wb-columns", ["34px", ...widths].join(" "));
		this.draw_head();
	}

	draw_head() {
		const order = this.rows.order;
		const cell = (name) => {
			const { label, align, hint } = COLUMNS[name];
			const arrow = order?.name === name ? (order.down ? " ↓" : " ↑") : "";
			const sorted = arrow ? ` aria-sort="${order.down ? "descending" : "ascending"}"` : "";
			return `<div class="wb-cell ${align || ""}" role="columnheader" data-column="${name}"${sorted}
				title="${text(hint || label)}">${text(label)}${arrow}</div>`;
		};
		const box = this.selectable ? `<input type="checkbox" title="${__("Select all that match")}">` : "";
		this.head.html(`<div class="wb-cell wb-box">${box}</div>${this.columns.map(cell).join("")}`);
		this.mark_head();
	}

	mark_head() {
		const box = this.head.find("input")[0];
		if (!box) return;
		const marked = this.rows.shown.filter((row) => this.rows.selected.has(row.name)).length;
		box.checked = marked > 0 && marked === this.rows.shown.length;
		box.indeterminate = marked > 0 && !box.checked;
	}

	// after other rows, another order or another selection
	refresh() {
		const count = this.rows.shown.length;
		this.cursor = Math.min(this.cursor, Math.max(count - 1, 0));
		this.space.css("height", count * ROW);
		this.body.attr("aria-rowcount", count);
		this.mark_head();
		this.draw(true);
	}

	draw(anyway = false) {
		const top = this.body[0].scrollTop;
		const first = Math.max(Math.floor(top / ROW) - SPARE, 0);
		const typing = this.block.find("input.wb-edit");
		if (typing.length) return Math.abs(first - this.first) > SPARE ? typing.trigger("blur") : undefined;
		const last = Math.min(Math.ceil((top + this.body[0].clientHeight) / ROW) + SPARE, this.rows.shown.length);
		if (!anyway && first === this.first && last === this.last) return;
		Object.assign(this, { first, last });
		const lines = this.rows.shown.slice(first, last).map((row, i) => this.row(row, first + i));
		this.block.css("transform", `translateY(${first * ROW}px)`).html(lines.join(""));
	}

	row(row, place) {
		const on = this.rows.selected.has(row.name);
		const box = this.selectable ? `<input type="checkbox" tabindex="-1" ${on ? "checked" : ""}>` : "";
		const cell = (name) =>
			`<div class="wb-cell ${COLUMNS[name].align || ""}" role="gridcell" data-cell="${name}">${COLUMNS[name].html(row)}</div>`;
		const marks = [on && "selected", place === this.cursor && "cursor", row.name === this.opened && "opened"];
		return `<div class="wb-row ${marks.filter(Boolean).join(" ")}" role="row" data-place="${place}"
			aria-rowindex="${place + 1}" aria-selected="${on}"><div class="wb-cell wb-box">${box}</div>
			${this.columns.map(cell).join("")}</div>`;
	}

	click(event) {
		const place = Number(event.currentTarget.dataset.place);
		const row = this.rows.shown[place];
		const target = $(event.target);
		if (target.is("input.wb-edit") || target.closest("a").length) return;
		if (target.closest("[data-edit]").length) {
			this.go(place);
			this.edit();
		} else if (this.selectable && target.closest(".wb-box").length) {
			if (event.shiftKey) this.select_range(this.anchor, place, !this.rows.selected.has(row.name));
			else this.rows.toggle(row.name);
			this.anchor = place;
			this.go(place);
			this.on.selected();
		} else {
			this.go(place);
			this.on.open(row);
		}
	}

	key(event) {
		if ($(event.target).is("input.wb-edit")) return;
		const page = Math.max(Math.floor(this.body[0].clientHeight / ROW) - 2, 1);
		const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 };
		const row = this.rows.shown[this.cursor];
		if (event.key in steps) this.move(steps[event.key], event.shiftKey);
		else if (event.key === " " && row && this.selectable) this.mark(row);
		else if (event.key === "Enter" && row) this.on.open(row);
		else if (event.key === "Escape" && this.opened) this.on.close(event);
		else if (event.key === "F2" && row) this.edit();
		else if (event.key === "a" && (event.ctrlKey || event.metaKey)) this.select_all(true);
		else return;
		event.preventDefault();
		event.stopPropagation();
	}

	move(step, extend) {
		const place = Math.min(Math.max(this.cursor + step, 0), this.rows.shown.length - 1);
		if (extend && this.selectable) {
			this.select_range(this.cursor, place, true);
			this.on.selected();
		}
		this.go(place);
		if (this.opened) this.on.open(this.rows.shown[place]);
	}

	go(place) {
		this.cursor = place;
		const { scrollTop, clientHeight } = this.body[0];
		const head = this.head.outerHeight();
		if (place * ROW < scrollTop) this.body[0].scrollTop = place * ROW;
		if ((place + 1) * ROW > scrollTop + clientHeight - head) {
			this.body[0].scrollTop = (place + 1) * ROW - clientHeight + head;
		}
		this.draw(true);
	}

	mark(row) {
		this.rows.toggle(row.name);
		this.anchor = this.cursor;
		this.draw(true);
		this.on.selected();
	}

	select_range(from, to, on) {
		const [low, high] = from < to ? [from, to] : [to, from];
		this.rows.shown.slice(low, high + 1).forEach((row) => this.rows.toggle(row.name, on));
	}

	select_all(on) {
		if (!this.selectable) return;
		this.rows.select_shown(on);
		this.on.selected();
	}

	sort(name) {
		const { order } = this.rows;
		const same = order?.name === name;
		// a third click: the most urgent first again
		this.rows.order = same && order.down ? null : { name, value: COLUMNS[name].value, down: same };
		this.rows.arrange();
		this.draw_head();
		this.body[0].scrollTop = 0;
		this.refresh();
	}

	edit() {
		const row = this.rows.shown[this.cursor];
		const cell = this.block.find(`[data-place="${this.cursor}"] [data-cell="qty"]`);
		if (row && cell.length && sentia_ops.workbench.may_edit) this.on.edit(row, cell);
	}

	focus() {
		this.body[0].focus({ preventScroll: true });
	}
}
