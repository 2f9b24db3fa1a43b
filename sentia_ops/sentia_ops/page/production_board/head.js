// On top: which schedule it is, what it says in one sentence, and its figures with the arithmetic behind each.

class Head {
	// on: {show(name)}
	constructor(parent, on) {
		this.element = $(`<div class="pb-head"></div>`).appendTo(parent);
		this.element.on("click", "[data-show]", (event) => on.show(event.currentTarget.dataset.show));
	}

	show({ schedule, figures, schedules, outdated }) {
		if (!schedule.schedule) return this.element.empty();
		const pill = sentia_ops.pill(__(schedule.status), STATUS_COLOURS[schedule.status]);
		const made = frappe.datetime.comment_when(frappe.datetime.convert_to_user_tz(schedule.made_at.replace("T", " ")));
		const others = schedules.filter(({ name }) => name !== schedule.schedule).map(other_button).join("");
		const warning = outdated ? `<div class="pb-note">${__("Out of date:")} ${text(outdated)}</div>` : "";
		this.element.html(`<div class="pb-which">${pill} ${sentia_ops.link("Production Schedule", schedule.schedule)}
			<span class="pb-muted">${__("made {0}", [made])}</span>${others}</div>
			${warning}
			<p class="pb-summary">${text(schedule.summary || "")}</p>
			<div class="pb-figures">${figures.map(figure).join("")}</div>`);
	}
}

function other_button({ name, status }) {
	const label = status === "Published" ? __("Show {0}, published", [name]) : __("Show {0}, draft", [name]);
	return `<button class="btn btn-xs btn-default" data-show="${text(name)}">${label}</button>`;
}

function figure({ label, value, how }) {
	return `<div class="pb-figure" tabindex="0"><span class="label">${text(__(label))}</span><b>${text(value)}</b><span class="how">${text(how)}</span></div>`;
}
