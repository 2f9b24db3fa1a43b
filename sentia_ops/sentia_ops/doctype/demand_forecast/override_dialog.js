// Asks for a planner's override of the forecast shown, and says what it would do before it is saved.
class OverrideDialog {
	constructor(frm, data) {
		this.frm = frm;
		this.uom = data.uom;
		this.dialog = new frappe.ui.Dialog({
			title: __("Override the forecast of {0}", [frm.doc.item_name || frm.doc.item_code]),
			fields: this.fields(),
			primary_action_label: __("Save override"),
			primary_action: () => this.save(),
		});
		this.dialog.show();
		this.preview();
	}

	fields() {
		const onchange = frappe.utils.debounce(() => this.preview(), 250);
		const first = frappe.datetime.get_today() > this.frm.doc.as_of ? frappe.datetime.get_today() : this.frm.doc.as_of;
		const kinds = [
			{ value: "percent", label: __("Change every day by percent") },
			{ value: "add", label: __("Add to the total") },
			{ value: "set", label: __("Set the total to") },
		];
		const shop = this.frm.doc.warehouse;
		return [
			{ fieldname: "from_date", fieldtype: "Date", label: __("From"), reqd: 1, default: first, onchange },
			{ fieldname: "kind", fieldtype: "Select", label: __("Change"), reqd: 1, options: kinds, default: "percent", onchange },
			{ fieldtype: "Column Break" },
			{ fieldname: "to_date", fieldtype: "Date", label: __("To (included)"), reqd: 1, default: frappe.datetime.add_days(first, 27), onchange },
			{ fieldname: "value", fieldtype: "Float", label: __("By, or to"), reqd: 1, default: 0, onchange },
			{ fieldtype: "Section Break" },
			{ fieldname: "only_here", fieldtype: "Check", label: __("Only in {0}", [shop]), default: 1, onchange },
			{ fieldname: "preview", fieldtype: "HTML" },
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 },
		];
	}

	change() {
		// field by field: get_values would empty the required ones that are just being typed
		const change = { item_code: this.frm.doc.item_code };
		for (const name of ["from_date", "to_date", "kind", "value"]) change[name] = this.dialog.get_value(name);
		change.value = change.value || 0;
		return this.dialog.get_value("only_here") ? { ...change, warehouse: this.frm.doc.warehouse } : change;
	}

	async preview() {
		const change = this.change();
		if (!change.from_date || !change.to_date) return;
		const asked = JSON.stringify(change);
		this.asked = asked;
		const found = await sentia_ops.get("sentia_ops.api.forecasts.preview_override", change);
		if (this.asked === asked) this.dialog.fields_dict.preview.$wrapper.html(this.words(found));
	}

	words(found) {
		if (!found) return "";
		if (found.fault) return `<div class="text-danger">${sentia_ops.text(found.fault)}</div>`;
		if (!found.days) return sentia_ops.empty(__("None of these days is forecast yet: the override waits for them."));
		const total = (qty) => `${sentia_ops.number(qty, found.days > 1 ? 1 : 2)} ${sentia_ops.text(this.uom)}`;
		const facts = [[__("Machine, {0} days", [found.days]), total(found.machine)]];
		if (Math.abs(found.now - found.machine) > 0.005) facts.push([__("Planned with now"), total(found.now)]);
		facts.push([__("With this override"), `<b>${total(found.then)}</b>`]);
		return `<div style="margin-bottom: 14px">${sentia_ops.facts(facts)}</div>`;
	}

	async save() {
		const reason = this.dialog.get_value("reason");
		await frappe.db.insert({ doctype: "Forecast Override", ...this.change(), reason });
		this.dialog.hide();
		frappe.show_alert({ message: __("The forecast follows it. Recommendations do with the next plan."), indicator: "green" });
		this.frm.reload_doc();
	}
}
