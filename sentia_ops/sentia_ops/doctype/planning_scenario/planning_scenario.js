{% include "sentia_ops/sentia_ops/doctype/planning_scenario/scenario_view.js" %}

const LOOK_EVERY = 2000; // ms; the page stays right where socket.io is blocked

frappe.ui.form.on("Planning Scenario", {
	refresh(frm) {
		const result = sentia_ops.parse(frm.doc.result, null);
		const known = Boolean(result) && frm.doc.status !== "Running";
		for (const part of ["measures", "totals", "orders", "promotion"]) {
			frm.toggle_display(`${part}_section`, known);
			frm.fields_dict[`${part}_view`].$wrapper.empty();
		}
		show_overview(frm, known ? result : null);
		lock(frm);
		add_buttons(frm);
		follow(frm);
		if (!known) return;
		new ScenarioView(frm, result).show();
		show_promotion(frm);
	},

	onload_post_render(frm) {
		const { grid } = frm.fields_dict.changes;
		for (const field of ["warehouse", "into_warehouse"]) {
			grid.get_field(field).get_query = () => ({ filters: { is_group: 0 } });
		}
		grid.add_custom_button(__("Add in words"), () => ask_words(frm));
	},
});

// "demand Kitchen x1.2" instead of five fields
function ask_words(frm) {
	if (frm.fields_dict.changes.df.read_only) return;
	const examples = [
		"demand Kitchen x1.2",
		"demand UK -10% from 2026-12-01 to 2026-12-31",
		"late SUPPLIER 5",
		"price SUPPLIER +8%",
		"service 98%",
		"service AX 99%",
		"budget 20000",
		"budget -20%",
		"gone SUPPLIER",
		"closed WAREHOUSE into OTHER",
		"review 14",
		"holding 30%",
	];
	const help = examples.map((text) => `<code>${sentia_ops.text(text)}</code>`).join("<br>");
	const dialog = new frappe.ui.Dialog({
		title: __("What changes?"),
		fields: [
			{ fieldname: "words", fieldtype: "Data", label: __("In words"), reqd: 1 },
			{ fieldname: "help", fieldtype: "HTML", options: `<div class="text-muted small">${help}</div>` },
		],
		primary_action_label: __("Add"),
		async primary_action({ words }) {
			const row = await sentia_ops.post("sentia_ops.api.scenarios.understand", { words });
			if (!row) return;
			drop_empty(frm);
			frm.add_child("changes", row);
			frm.refresh_field("changes");
			frm.dirty();
			dialog.hide();
		},
	});
	dialog.show();
}

// the row a new document begins with, if nobody touched it
function drop_empty(frm) {
	const [first, ...rest] = frm.doc.changes || [];
	const untouched = first && !rest.length && first.kind === "demand" && !first.value && !first.words;
	if (untouched) frm.clear_table("changes");
}

function show_overview(frm, result) {
	const { doc } = frm;
	const parts = [];
	if (doc.status === "Failed") parts.push(`<div class="text-danger">${sentia_ops.text(doc.error)}</div>`);
	else if (frm.is_new()) parts.push(sentia_ops.empty(HELP()));
	else if (doc.status === "Draft") parts.push(sentia_ops.empty(__("Not run yet. Running it writes nothing but this document.")));
	if (result) {
		const [first, ...rest] = result.headline;
		parts.push(`<div class="sentia-headline">${sentia_ops.text(first)}</div>`);
		parts.push(`<ul>${rest.map((text) => `<li>${sentia_ops.text(text)}</li>`).join("")}</ul>`);
		const warned = [...result.warnings, ...(result.site_warnings || [])];
		if (warned.length) {
			const lines = warned.map((text) => `<li>${sentia_ops.text(text)}</li>`).join("");
			parts.push(`<details class="sentia-note"><summary>${__("{0} warnings", [warned.length])}</summary><ul>${lines}</ul></details>`);
		}
	}
	frm.fields_dict.overview.$wrapper.html(parts.join(""));
}

function HELP() {
	return __("Put together what you want to try, save, and run: the plan is made twice, as things are and as they would be.");
}

// what was proposed or is being calculated stands
function lock(frm) {
	const stands = ["Running", "Proposed", "Promoted"].includes(frm.doc.status);
	frm.set_df_property("changes", "read_only", stands ? 1 : 0);
	frm.set_df_property("title", "read_only", frm.doc.status === "Promoted" ? 1 : 0);
}

function add_buttons(frm) {
	if (frm.is_new() || !frm.perm[0]?.write) return;
	const { status } = frm.doc;
	if (["Draft", "Ready", "Failed"].includes(status)) {
		const label = status === "Ready" ? __("Run again") : __("Run");
		const button = frm.add_custom_button(label, () => act(frm, "sentia_ops.api.scenarios.run"));
		if (status !== "Ready") button.addClass("btn-primary");
	}
	if (status === "Ready") frm.add_custom_button(__("Propose"), () => act(frm, "sentia_ops.api.scenarios.propose")).addClass("btn-primary");
	if (status === "Proposed") {
		frm.add_custom_button(__("Send back"), () => act(frm, "sentia_ops.api.scenarios.send_back"));
		if (frappe.user.has_role("Operations Manager")) {
			frm.add_custom_button(__("Promote"), () => ask(frm)).addClass("btn-primary");
		}
	}
}

async function act(frm, method) {
	if (frm.is_dirty()) {
		frappe.show_alert({ message: __("Save first."), indicator: "orange" });
		return;
	}
	const done = await sentia_ops.post(method, { name: frm.doc.name });
	if (done) await frm.reload_doc();
	return done;
}

// promotion: said on the form before the click, and again in the question
async function show_promotion(frm) {
	if (frm.doc.status === "Promoted") {
		const by = [frm.doc.promoted_by, frappe.datetime.str_to_user(frm.doc.promoted_on)].map(sentia_ops.text);
		const run = sentia_ops.link("Planning Run", frm.doc.run);
		const list = `<a href="/app/reorder-recommendation?scenario=${encodeURIComponent(frm.doc.name)}">${__("its recommendations")}</a>`;
		frm.fields_dict.promotion_view.$wrapper.html(`${__("Promoted by {0} on {1}", by)}: ${run}, ${list}.`);
		return;
	}
	const { name } = frm.doc;
	const told = await sentia_ops.get("sentia_ops.api.scenarios.promotion", { name });
	if (!told || frm.doc.name !== name) return;
	frm.promotion = told;
	frm.fields_dict.promotion_view.$wrapper.html(promotion_html(told));
}

function promotion_html(told) {
	const list = (texts) => `<ul>${texts.map((text) => `<li>${sentia_ops.text(text)}</li>`).join("")}</ul>`;
	const refused = told.refused ? `<p class="text-danger">${sentia_ops.text(told.refused)}</p>` : "";
	const left = told.not_real.length ? `<p class="text-muted">${__("Not made real:")}</p>${list(told.not_real)}` : "";
	return `${refused}<p class="text-muted">${__("Made real, at once and once only:")}</p>${list(told.real)}${left}`;
}

async function ask(frm) {
	const told = await sentia_ops.get("sentia_ops.api.scenarios.promotion", { name: frm.doc.name });
	if (!told) return;
	if (told.refused) {
		frappe.msgprint({ title: __("Cannot be promoted"), indicator: "red", message: sentia_ops.text(told.refused) });
		return;
	}
	frappe.confirm(promotion_html(told), async () => {
		const done = await act(frm, "sentia_ops.api.scenarios.promote");
		if (!done) return;
		const made = __("{0} recommendations, {1} settings, {2} overrides", [done.recommendations, done.settings, done.overrides]);
		frappe.show_alert({ message: __("Promoted: {0}.", [made]), indicator: "green" });
	});
}

// progress
function follow(frm) {
	clearInterval(frm.follower);
	frappe.realtime.off("sentia_scenario", frm.on_progress);
	if (frm.doc.status !== "Running") return;
	const { name } = frm.doc;
	frm.fields_dict.overview.$wrapper.html(
		`<div class="sentia-run" role="status"><div class="sentia-run-text"></div>
		<div class="progress"><div class="progress-bar"></div></div></div>`
	);
	const stop = () => {
		clearInterval(frm.follower);
		frappe.realtime.off("sentia_scenario", frm.on_progress);
	};
	const show = ({ status, progress, text, lost }) => {
		if (frm.doc.name !== name) return stop();
		const words = lost ? __("Its worker has ended without a word: run it again.") : text || __("Calculating");
		frm.fields_dict.overview.$wrapper.find(".sentia-run-text").text(words);
		frm.fields_dict.overview.$wrapper.find(".progress-bar").css("width", `${Math.max(cint(progress), 2)}%`);
		if (lost) {
			stop();
			frm.add_custom_button(__("Run"), () => act(frm, "sentia_ops.api.scenarios.run")).addClass("btn-primary");
		} else if (status !== "Running") {
			stop();
			frm.reload_doc();
		}
	};
	frm.on_progress = (event) => event.scenario === name && show(event);
	frappe.realtime.on("sentia_scenario", frm.on_progress);
	const look = async () => {
		const state = await sentia_ops.get("sentia_ops.api.scenarios.status", { name });
		if (state) show(state);
	};
	look();
	frm.follower = setInterval(look, LOOK_EVERY);
}
