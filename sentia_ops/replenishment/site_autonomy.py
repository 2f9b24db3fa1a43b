"""Earned autonomy on the site: what has earned it is approved without a person, as marked drafts, and said."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import escape_html, flt

from sentia_ops.permissions import MANAGER
from sentia_ops.replenishment.approval import DOCTYPE, approve_many
from sentia_ops.replenishment.engine.autonomy import AutonomyRules

RIGHT = "Approval Right"
MOST = 1000  # approved automatically after one plan
BY_URGENCY = "field(urgency, 'Critical', 'High', 'Medium', 'Low'), order_by, name"


def rules() -> AutonomyRules:
	settings = frappe.get_cached_doc("Sentia Settings")
	return AutonomyRules(
		backtest_share=flt(settings.autonomy_backtest_share) / 100,
		min_backtests=settings.autonomy_min_backtests,
		good_share=flt(settings.autonomy_good_share) / 100,
		min_outcomes=settings.autonomy_min_outcomes,
	)


def approve_earned(run: str) -> list[dict]:
	"""Approve the drafts of this run whose class has the right, within the amounts set; nothing where it is switched off.

	Returns: as `approve_many`.
	"""
	names = candidates(run)
	if not names:
		return []
	results = approve_many(names, automatic=True)
	made = sorted({row["document"] for row in results if "document" in row})
	refused = [row for row in results if "error" in row]
	text = _("{0} of {1} recommendations approved automatically, in {2} draft orders: {3}.").format(
		len(results) - len(refused), len(results), len(made), ", ".join(made) or _("none")
	)
	lines = "".join(f"<li>{row['name']}: {escape_html(row['error'])}</li>" for row in refused)
	frappe.get_doc("Planning Run", run).add_comment("Info", f"{text}<ul>{lines}</ul>")
	if made:
		tell_managers(_("Orders approved automatically"), text, run)
	return results


def candidates(run: str) -> list[str]:
	"""Names of what may be approved automatically, the most urgent first: bought, priced, and wanted by this very run."""
	settings = frappe.get_cached_doc("Sentia Settings")
	if not settings.use_autonomy:
		return []
	allowed = frappe.get_all(RIGHT, {"may_approve": 1}, pluck="segment")
	only = {
		name.strip()
		for name in (settings.autonomy_segments or "").replace(";", ",").split(",")
		if name.strip()
	}
	rows = frappe.get_all(
		DOCTYPE,
		{
			"run": run,
			"status": "Draft",
			"action": "buy",
			"supplier": ("is", "set"),
			"service_class": ("in", [name for name in allowed if not only or name in only] or [""]),
			"cost": ("<=", flt(settings.autonomy_cap)),
		},
		["name", "cost"],
		order_by=BY_URGENCY,
		limit_page_length=MOST,
	)
	left = flt(settings.autonomy_total) or float("inf")
	names = []
	for row in rows:
		if 0 < row.cost <= left:  # 0: not known
			left -= row.cost
			names.append(row.name)
	return names


def tell_managers(subject: str, text: str, run: str) -> None:
	"""A notification for every Operations Manager."""
	users = frappe.get_all("Has Role", {"role": MANAGER, "parenttype": "User"}, pluck="parent")
	enabled = frappe.get_all(
		"User", {"name": ("in", users or [""]), "enabled": 1, "user_type": "System User"}, pluck="name"
	)
	for user in enabled:
		frappe.get_doc(
			{
				"doctype": "Notification Log",
				"type": "Alert",
				"for_user": user,
				"document_type": "Planning Run",
				"document_name": run,
				"subject": subject,
				"email_content": escape_html(text),
			}
		).insert(ignore_permissions=True)
