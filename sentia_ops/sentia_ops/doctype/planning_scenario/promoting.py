"""From a scenario to the real thing: what is asked for by a planner, and made by a manager, exactly once.

| change | becomes |
| --- | --- |
| service level, budget, review period, holding cost | Sentia Settings |
| demand | Forecast Overrides of the items concerned, over the days forecast |
| late, price, gone, closed | nothing: facts are changed where they are kept, and the next plan goes by them |
| all of them | the scenario's orders become the open recommendations, as drafts |
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import getdate, now_datetime, today

from sentia_ops.permissions import MANAGER
from sentia_ops.scenarios.flow import last_plan
from sentia_ops.scenarios.frames import ORDER_DIFFERENCES
from sentia_ops.scenarios.site import changes_of, in_words, kept_tables, mark_recommendations
from sentia_ops.sentia_ops.doctype.forecast_override.applying import apply_now
from sentia_ops.sentia_ops.doctype.planning_scenario.overriding import make_overrides, planned_overrides
from sentia_ops.store.registry import FRAMES
from sentia_ops.store.site import SiteStore

DOCTYPE = "Planning Scenario"
HYPOTHETICAL = ("late", "price", "gone", "closed")
CLASS_FIELDS = [f"level_{a}{x}" for a in "abc" for x in "xyz"]


def propose(name: str) -> None:
	"""Ask for promotion; needs the right to change the scenario."""
	doc = _locked(name)
	if doc.status != "Ready":
		frappe.throw(_("{0} is {1}; only one with a result can be proposed.").format(name, _(doc.status)))
	_refuse_outdated(doc)
	_save(doc, status="Proposed", proposed_by=frappe.session.user, proposed_on=now_datetime())
	doc.add_comment("Workflow", _("Proposed"))


def send_back(name: str) -> None:
	"""From proposed to ready again; needs the right to change the scenario."""
	doc = _locked(name)
	if doc.status != "Proposed":
		frappe.throw(_("{0} is {1}, not proposed.").format(name, _(doc.status)))
	_save(doc, status="Ready", proposed_by=None, proposed_on=None)
	doc.add_comment("Workflow", _("Sent back"))


def promote(name: str) -> dict:
	"""Make a proposed scenario's decisions real, all of them or none.

	Returns: {"run", "recommendations", "settings", "overrides"}: the Planning Run, and how many of each were written.

	Raises:
	    frappe.PermissionError: the user is no Operations Manager.
	    frappe.ValidationError: it is not proposed (any more), or was made for another day or an older plan.
	    BusyError: a plan is under way.
	"""
	if MANAGER not in frappe.get_roles():
		frappe.throw(_("Only an Operations Manager may promote a scenario."), frappe.PermissionError)
	_refuse_unless_proposed(_locked(name))
	store = SiteStore()
	with store.run("promotion", parameters={"scenario": name, "as_of": today()}) as run:
		doc = _locked(name)
		_refuse_unless_proposed(doc)
		overrides = make_overrides(doc)
		settings = _change_settings(doc)
		for table, rows in kept_tables(name).items():
			if table != ORDER_DIFFERENCES.name:
				store.write(FRAMES[table], rows.assign(run=run.name), run=run)
		marked = mark_recommendations(name, run.name)
		_save(
			doc, status="Promoted", promoted_by=frappe.session.user, promoted_on=now_datetime(), run=run.name
		)
		doc.add_comment("Workflow", _("Promoted"))
	if overrides:
		apply_now(overrides)
	return {"run": run.name, "recommendations": marked, "settings": settings, "overrides": len(overrides)}


def what_it_does(doc) -> dict[str, list[str]]:
	"""What promoting would make real, and what not, in sentences: {"real": [...], "not_real": [...], "refused": text}."""
	result = frappe.parse_json(doc.result or "{}")
	real = [_("{0}: {1}, now {2} (Sentia Settings).").format(*row) for row in _settings_told(doc)]
	not_real = []
	for change in changes_of(doc):
		words = in_words(change)
		if change.kind in HYPOTHETICAL:
			not_real.append(
				_("{0}. The next plan goes by the facts again: {1}").format(words, _(LASTING[change.kind]))
			)
	for part in planned_overrides(doc):
		told, left = part.told()
		real += told
		not_real += left
	then = next((m["then"] for m in result.get("measures", []) if m["name"] == "orders"), 0)
	real.append(
		_(
			"The open recommendations become the {0} of this scenario; they stay drafts that somebody approves."
		).format(int(then or 0))
	)
	return {"real": real, "not_real": not_real, "refused": outdated(doc) or ""}


LASTING = {
	"late": "correct the promise or the orders' dates in ERPNext to make it last.",
	"price": "change the Item Price in ERPNext to make it last.",
	"gone": "put the supplier on hold in ERPNext to make it last.",
	"closed": "disable the warehouse in ERPNext to make it last.",
}


# refusals


def outdated(doc) -> str | None:
	"""Why the result no longer fits the site, if it does not."""
	if doc.as_of and getdate(doc.as_of) != getdate(today()):
		return _("It was made for {0}. Run it again.").format(frappe.format(doc.as_of, "Date"))
	newest = last_plan(SiteStore())
	if newest != (doc.base_run or ""):
		return _("{0} has planned anew since it was run. Run it again.").format(newest)
	return None


def _refuse_outdated(doc) -> None:
	why = outdated(doc)
	if why:
		frappe.throw(f"{doc.name}: {why}")


def _refuse_unless_proposed(doc) -> None:
	if doc.status == "Promoted":
		frappe.throw(_("{0} was promoted by {1} already.").format(doc.name, doc.promoted_by))
	if doc.status != "Proposed":
		frappe.throw(_("{0} is {1}; only a proposed one can be promoted.").format(doc.name, _(doc.status)))
	_refuse_outdated(doc)


def _locked(name: str):
	doc = frappe.get_doc(DOCTYPE, name, for_update=True)
	doc.check_permission("write")
	return doc


def _save(doc, **values) -> None:
	doc.update(values)
	doc.flags.by_system = True
	doc.save()


# settings


def _new_settings(doc) -> dict[str, object]:
	"""Field of Sentia Settings -> value the scenario wants."""
	settings, wanted = frappe.get_cached_doc("Sentia Settings"), {}
	for change in sorted(changes_of(doc), key=lambda c: c.service_class != ""):
		match change.kind:
			case "service" if not change.service_class:
				wanted |= {"service_level": change.value, "use_classes": 0}
			case "service":
				by_class = wanted.get("use_classes", settings.use_classes)
				level = wanted.get("service_level", settings.service_level)
				wanted |= {} if by_class else dict.fromkeys(CLASS_FIELDS, level)
				wanted |= {"use_classes": 1, f"level_{change.service_class.lower()}": change.value}
			case "budget" | "budget cut":
				wanted |= {"use_budget": 1, "budget": frappe.parse_json(doc.result or "{}").get("budget")}
			case "no budget":
				wanted["use_budget"] = 0
			case "review":
				wanted["review_days"] = int(change.value)
			case "holding":
				wanted["holding_rate"] = change.value
	return {field: value for field, value in wanted.items() if settings.get(field) != value}


def _settings_told(doc) -> list[tuple[str, str, str]]:
	"""(label, new value, value now) of every setting that would change."""
	settings = frappe.get_cached_doc("Sentia Settings")
	rows = []
	for field, value in _new_settings(doc).items():
		df = settings.meta.get_field(field)
		if df.fieldtype == "Check":
			shown = (_("yes") if value else _("no"), _("yes") if settings.get(field) else _("no"))
		else:
			shown = (f"{float(value):,g}", f"{float(settings.get(field) or 0):,g}")
		rows.append((_(df.label), *shown))
	return rows


def _change_settings(doc) -> int:
	wanted = _new_settings(doc)
	if wanted:
		settings = frappe.get_doc("Sentia Settings")
		settings.update(wanted)
		settings.save()
	return len(wanted)
