"""What-if: make a scenario, run it, compare several, propose and promote one."""

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope
from sentia_ops.api.paging import LARGEST_PAGE, page

DOCTYPE = "Planning Scenario"
FIELDS = [
	"name",
	"title",
	"status",
	"as_of",
	"base_run",
	"cost_now",
	"cost_then",
	"cost_change",
	"orders_changed",
	"company_currency",
	"modified",
]
COMPARED = 6  # scenarios side by side; more do not fit a screen


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=60, seconds=60 * 60)
def create(title: str, changes: list[str], note: str = "") -> dict:
	"""Make a scenario from changes as one types them, e.g. ["demand Kitchen x1.2", "service 98%"]; not run yet.

	Returns:
	    data: {"name", "changes": [in words]}.

	Raises:
	    400 invalid: a change cannot be understood or names what is not there; the message says what is.
	"""
	frappe.has_permission(DOCTYPE, "create", throw=True)
	rows = _rows(changes)
	doc = frappe.get_doc({"doctype": DOCTYPE, "title": title, "note": note, "changes": rows}).insert()
	return answer({"name": doc.name, "changes": [row.words for row in doc.changes]})


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=600, seconds=60 * 60)
def understand(words: str) -> dict:
	"""One change as one types it, as a row of a scenario's table; nothing is saved.

	Returns:
	    data: {"kind", "words", and what it uses of "value", "item_group", "item_code", "warehouse", "market", "supplier",
	    "service_class", "into_warehouse", "from_date", "to_date"}.

	Raises:
	    400 invalid: it cannot be understood or names what is not there; the message says what is.
	"""
	frappe.has_permission(DOCTYPE, "create", throw=True)
	return answer(_rows([words])[0])


def _rows(changes: list[str]) -> list[dict]:
	"""Rows of a scenario's table.

	Raises:
	    SentiaError: a change cannot be made.
	"""
	from sentia_ops.scenarios.engine.changes import Refused, check
	from sentia_ops.scenarios.flow import names_in, refusal
	from sentia_ops.scenarios.grammar import parse
	from sentia_ops.scenarios.site import as_row, nested_groups
	from sentia_ops.store.site import SiteStore

	names = names_in(SiteStore(), nested_groups())
	try:
		found = [parse(text, names) for text in changes]
		for change in found:
			check(change, names)
	except Refused as error:
		raise refusal(error) from error
	return [as_row(change) for change in found]


@frappe.whitelist(methods=["POST"])
@envelope
@rate_limit(limit=60, seconds=60 * 60)
def run(name: str) -> dict:
	"""Queue a scenario's run; needs write permission on it.

	Returns:
	    data: {"name"}. Progress comes as realtime event `sentia_scenario`, or from `status`.

	Raises:
	    409 busy: it is queued or running. 400 invalid: it is proposed or promoted. 503: the job queue does not answer.
	"""
	from sentia_ops.tasks import enqueue_scenario

	doc = _scenario(name, "write")
	if doc.status in ("Proposed", "Promoted"):
		frappe.throw(_("{0} is {1}: its result stands.").format(name, _(doc.status)))
	enqueue_scenario(name)
	return answer({"name": name}, "The scenario is queued.")


@frappe.whitelist(methods=["GET"])
@envelope
def status(name: str) -> dict:
	"""How far a scenario's run is.

	Returns:
	    data: {"name", "status", "progress" (percent), "text", "error", "lost" (its worker died: run it again)}.
	"""
	from sentia_ops.sentia_ops.doctype.planning_scenario.running import progress_of
	from sentia_ops.tasks import scenario_active

	doc = _scenario(name)
	running = doc.status == "Running"
	live = (progress_of(name) if running else None) or {}
	return answer(
		{
			"name": name,
			"status": doc.status,
			"progress": live.get("progress", 0 if running else 100),
			"text": live.get("text", ""),
			"error": doc.error,
			"lost": running and not scenario_active(name),
		}
	)


@frappe.whitelist(methods=["GET"])
@envelope
def get(name: str) -> dict:
	"""A scenario and what it answers.

	Returns:
	    data: the fields of `list`, "changes" (in words), "result": null before a run, else {"headline": [sentence],
	    "measures": [{"name", "label", "now", "then", "change", "unit", "better", "how"}], "totals": {"supplier",
	    "warehouse", "class": [{"name", "cost_now", "cost_then", "orders_now", "orders_then"}]}, "orders" (the 200 with the
	    largest change in cost; all of them: `orders`), "orders_changed", "orders_same", "kinds", "notes", "warnings",
	    "currency", "budget"}. Figures that are not known are null.
	"""
	doc = _scenario(name)
	row = {field: doc.get(field) for field in FIELDS}
	row["changes"] = [change.words for change in doc.changes]
	row["result"] = frappe.parse_json(doc.result) if doc.result else None
	return answer(row)


@frappe.whitelist(methods=["GET"])
@envelope
def orders(name: str, kind: str | None = None, start: int = 0, limit: int = 100) -> dict:
	"""The orders that differ, the largest change in cost first.

	Args:
	    kind: new, gone, larger, smaller or changed; default: all.

	Returns:
	    data: {"rows": [{item_code, item_name, warehouse, action, kind, change, supplier_now, supplier_then, qty_now,
	    qty_then, cost_now, cost_then, order_by_now, order_by_then, urgency_now, urgency_then, why}], "total", "start",
	    "limit"}.
	"""
	from sentia_ops.scenarios.frames import ORDER_DIFFERENCES
	from sentia_ops.scenarios.site import kept_tables
	from sentia_ops.scenarios.telling import plain_rows

	_scenario(name)
	if start < 0 or not 1 <= limit <= LARGEST_PAGE:
		frappe.throw(_("start must be 0 or more and limit 1 to {0}.").format(LARGEST_PAGE))
	rows = kept_tables(name, ORDER_DIFFERENCES.name).get(ORDER_DIFFERENCES.name, ORDER_DIFFERENCES.empty())
	rows = rows[rows["kind"] == kind] if kind else rows
	found = plain_rows(rows.iloc[start : start + limit])
	return answer({"rows": found, "total": len(rows), "start": start, "limit": limit})


@frappe.whitelist(methods=["GET"])
@envelope
def compare(names: str) -> dict:
	"""Several scenarios side by side, each against the plan it was compared with.

	Args:
	    names: a JSON list of 2 to 6 scenarios that have a result.

	Returns:
	    data: {"scenarios": [{"name", "title", "status", "changes", "headline", "as_of", "base_run", "kinds", "orders_same",
	    "measures"}], "same_base" (all were compared with the same plan of the same day), "currency"}.
	"""
	wanted = list_of(names)
	if not 2 <= len(wanted) <= COMPARED:
		frappe.throw(_("Choose 2 to {0} scenarios.").format(COMPARED))
	rows = []
	for name in wanted:
		doc = _scenario(name)
		if not doc.result:
			frappe.throw(_("{0} has no result yet: run it first.").format(name))
		result = frappe.parse_json(doc.result)
		row = {field: doc.get(field) for field in ("name", "title", "status", "as_of", "base_run")}
		row |= {key: result[key] for key in ("changes", "headline", "kinds", "orders_same", "measures")}
		rows.append(row)
	same = len({(str(row["as_of"]), row["base_run"]) for row in rows}) == 1
	currency = frappe.parse_json(doc.result).get("currency")
	return answer({"scenarios": rows, "same_base": same, "currency": currency})


def list_of(names: str) -> list[str]:
	"""Distinct names, in their order."""
	return [*dict.fromkeys(str(name) for name in frappe.parse_json(names))]


@frappe.whitelist(methods=["GET"])
@envelope
def promotion(name: str) -> dict:
	"""What promoting the scenario would make real.

	Returns:
	    data: {"real": [sentence], "not_real": [sentence], "refused": why it cannot be promoted as it is, or empty}.
	"""
	from sentia_ops.sentia_ops.doctype.planning_scenario.promoting import what_it_does

	doc = _scenario(name)
	if not doc.result:
		frappe.throw(_("{0} has no result yet: run it first.").format(name))
	return answer(what_it_does(doc))


@frappe.whitelist(methods=["POST"])
@envelope
def propose(name: str) -> dict:
	"""Ask for a scenario's promotion; needs write permission on it.

	Raises:
	    400 invalid: it has no result, or an outdated one.
	"""
	from sentia_ops.sentia_ops.doctype.planning_scenario import promoting

	promoting.propose(name)
	return answer({"name": name}, "Proposed: an Operations Manager can promote it.")


@frappe.whitelist(methods=["POST"])
@envelope
def send_back(name: str) -> dict:
	"""Take a proposal back; needs write permission on the scenario."""
	from sentia_ops.sentia_ops.doctype.planning_scenario import promoting

	promoting.send_back(name)
	return answer({"name": name}, "Sent back.")


@frappe.whitelist(methods=["POST"])
@envelope
def promote(name: str) -> dict:
	"""Make a proposed scenario real, exactly once; Operations Managers only.

	Returns:
	    data: {"run": Planning Run, "recommendations", "settings", "overrides": how many were written}.

	Raises:
	    403 forbidden: no Operations Manager. 409 busy: a plan is under way. 400 invalid: it is not proposed, or was made
	    for another day or before the newest plan.
	"""
	from sentia_ops.sentia_ops.doctype.planning_scenario import promoting

	return answer(promoting.promote(name), "Promoted.")


def _scenario(name: str, right: str = "read"):
	doc = frappe.get_doc(DOCTYPE, name)
	doc.check_permission(right)
	return doc


@frappe.whitelist(methods=["GET"])
@envelope
def list(  # the endpoint's name; last in the module, as it hides the builtin
	status: str | None = None, start: int = 0, limit: int = 20
) -> dict:
	"""Scenarios, the newest first.

	Returns:
	    data: {"rows": [{name, title, status, as_of, base_run, cost_now, cost_then, cost_change, orders_changed,
	    company_currency, modified}], "total", "start", "limit"}.
	"""
	return answer(page(DOCTYPE, FIELDS, {"status": status}, "creation desc", start, limit))
