"""When the published schedule no longer holds: it is marked with the reasons, and a new draft is proposed.

Nothing is ever published here. However many reasons come at once, one job at a time makes one draft; what happened
while it was being made is in the next one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from sentia_ops.sentia_ops.doctype.production_schedule.running import DOCTYPE, published, tell

TOLERANCE = timedelta(minutes=30)  # a start or an end that differs by less is as planned
REASONS_KEPT = 20
NAMED = 3  # operations named in a reason
OPEN_OPERATION = """s.schedule = %(schedule)s and j.status not in ('completed', 'cancelled') and j.closed = 0
	and coalesce(o.status, 'pending') = 'pending'"""
FROM_OPERATIONS = """from `tabScheduled Operation` s join `tabProduction Job` j on j.name = s.job
	left join `tabProduction Job Operation` o on o.parent = s.job and o.step = s.step"""


def outdate(reason: str, replan: bool = True) -> bool:
	"""Note a reason with the published schedule, once, and have a new draft made if the settings say so.

	Returns: whether it was new.
	"""
	name = published()
	if not name:
		return False
	known = (frappe.db.get_value(DOCTYPE, name, "outdated", for_update=True) or "").split("\n")
	if reason in known:
		return False
	lines = [line for line in (*known, reason) if line][-REASONS_KEPT:]
	values = {"outdated": "\n".join(lines), "outdated_on": now_datetime()}
	frappe.db.set_value(DOCTYPE, name, values, update_modified=False)
	frappe.clear_document_cache(DOCTYPE, name)
	tell(name, "outdated", reason)
	if replan:
		frappe.db.after_commit.add(propose)
	return True


def propose() -> str | None:
	"""Queue a draft that answers the reasons noted so far, unless one is queued or being made; its Planning Run."""
	from sentia_ops.errors import SentiaError
	from sentia_ops.tasks import enqueue_schedule

	reasons = open_reasons()
	if not reasons:
		return None
	try:
		return enqueue_schedule("event", reasons)
	except SentiaError as error:
		frappe.log_error(title="Sentia Ops: no new schedule was proposed", message=str(error))
		return None


def open_reasons() -> str:
	"""Why the published schedule is out of date, where no draft has been begun since and the settings want one."""
	name = published()
	if not name or not frappe.get_cached_doc("Sentia Settings").replan:
		return ""
	since, reasons = frappe.db.get_value(DOCTYPE, name, ["outdated_on", "outdated"])
	drafts = frappe.get_all(DOCTYPE, {"status": "Draft"}, pluck="made_at", order_by="made_at desc", limit=1)
	if not since or (drafts and get_datetime(drafts[0]) >= get_datetime(since)):
		return ""
	return "; ".join((reasons or "").split("\n"))


# reasons


def outdated_by_card(card) -> None:
	"""A Job Card that starts or ends elsewhere in time than it was published."""
	row = frappe.db.get_value(
		"Production Job Operation",
		{"job_card": card.name, "kind": ["!=", "inspection"]},
		["parent", "operation", "scheduled_start", "scheduled_end"],
		as_dict=True,
	)
	if not row or not row.scheduled_start:
		return
	begun = [get_datetime(log.from_time) for log in card.time_logs if log.from_time]
	ended = [get_datetime(log.to_time) for log in card.time_logs if log.to_time]
	subject = f"{row.operation} of {row.parent} ({card.name})"
	if begun and card.docstatus == 0:
		_differs(subject, _("started"), min(begun), row.scheduled_start)
	if ended and card.docstatus == 1:
		_differs(subject, _("ended"), max(ended), row.scheduled_end)


def _differs(subject: str, what: str, at: datetime, planned: datetime) -> None:
	gap = at - get_datetime(planned)
	if abs(gap) >= TOLERANCE:
		side = _("later") if gap > timedelta() else _("earlier")
		outdate(_("{0} {1} {2} {3} than planned").format(subject, what, duration(abs(gap)), side))


def outdated_by_downtime(entry) -> None:
	"""A workstation that is down while operations are planned on it."""
	name = published()
	if not name or not (entry.workstation and entry.from_time and entry.to_time):
		return
	rows = frappe.db.sql(
		f"""select s.job, s.operation {FROM_OPERATIONS} where {OPEN_OPERATION}
			and s.workstation = %(workstation)s and s.starts_at < %(until)s and s.ends_at > %(since)s order by s.starts_at""",
		{
			"schedule": name,
			"workstation": entry.workstation,
			"since": entry.from_time,
			"until": entry.to_time,
		},
	)
	if rows:
		until = get_datetime(entry.to_time)
		outdate(
			_("{0} is down until {1:%d %b %H:%M} ({2}): {3}").format(
				entry.workstation, until, entry.name, _listed(rows)
			)
		)


def outdated_by_delivery(order: str, item_code: str, warehouse: str | None, day, text: str = "") -> None:
	"""A delivery that comes after operations that need it were to begin.

	Args:
	    text: what is said of it; default: on which day it comes.
	"""
	name = published()
	if not name:
		return
	rows = frappe.db.sql(
		f"""select s.job, min(s.operation) {FROM_OPERATIONS} join `tabWork Order` h on h.name = j.work_order
		join `tabWork Order Item` l on l.parent = h.name and l.item_code = %(item)s
			and l.required_qty > if(h.skip_transfer = 1, l.consumed_qty, l.transferred_qty)
			and (coalesce(l.source_warehouse, '') in ('', %(warehouse)s) or %(warehouse)s = '')
		where {OPEN_OPERATION} and s.starts_at < %(ready)s group by s.job order by min(s.starts_at)""",
		{"schedule": name, "item": item_code, "warehouse": warehouse or "", "ready": day + timedelta(days=1)},
	)
	if rows:
		text = text or _("comes on {0:%d %b}").format(day)
		outdate(_("{0} of {1} {2}: {3}").format(item_code, order, text, _listed(rows)))


def outdated_by_job(job: str, reason: str) -> None:
	"""A job that is in the published schedule and will not be made, or the other way round; worth a note, not a new plan."""
	if frappe.db.exists("Scheduled Operation", {"schedule": published() or "", "job": job}):
		outdate(_("{0}: {1}").format(job, reason), replan=False)


def outdated_by_time() -> None:
	"""What should have begun, or come, and has not: looked for every hour."""
	name = published()
	if not name:
		return
	now = now_datetime()
	rows = frappe.db.sql(
		f"""select s.job, s.operation, s.workstation, s.starts_at {FROM_OPERATIONS} where {OPEN_OPERATION}
			and s.kind = 'work' and s.starts_at < %(late)s order by s.starts_at, s.job, s.step""",
		{"schedule": name, "late": now - TOLERANCE},
	)
	for job, operation, workstation, start in rows[:REASONS_KEPT]:
		outdate(
			_("{0} of {1} was to start on {2} at {3:%d %b %H:%M} and has not").format(
				operation, job, workstation, start
			)
		)
	_overdue_deliveries(now.date())


def _overdue_deliveries(today) -> None:
	"""Order lines that should be here and are not, which a job is planned to use today or tomorrow."""
	for order, item, warehouse, due in frappe.db.sql(
		"""select o.name, l.item_code, l.warehouse, coalesce(l.expected_delivery_date, l.schedule_date) from `tabPurchase Order` o join `tabPurchase Order Item` l on l.parent = o.name
		where o.docstatus = 1 and o.status not in ('Closed', 'Completed', 'Delivered') and l.received_qty < l.qty
			and coalesce(l.expected_delivery_date, l.schedule_date) < %(today)s
			and l.item_code in (select i.item_code from `tabWork Order Item` i
				join `tabProduction Job` j on j.work_order = i.parent and j.status not in ('completed', 'cancelled'))
		order by o.name, l.idx""",
		{"today": today},
	):
		on_hand = frappe.db.get_value("Bin", {"item_code": item, "warehouse": warehouse}, "actual_qty") or 0
		if on_hand <= 0:
			text = _("was due on {0:%d %b} and is not here").format(due)
			outdated_by_delivery(order, item, warehouse, today, text)


def _listed(rows) -> str:
	shown = ", ".join(f"{operation or _('an operation')} of {job}" for job, operation in rows[:NAMED])
	return shown + (_(" and {0} more").format(len(rows) - NAMED) if len(rows) > NAMED else "")


def duration(gap: timedelta) -> str:
	"""90 minutes as "1.5 hours"."""
	minutes = round(gap.total_seconds() / 60)
	return _("{0} minutes").format(minutes) if minutes < 90 else _("{0:.1f} hours").format(minutes / 60)


def late_jobs() -> None:
	"""Jobs whose due date has passed are late from then on."""
	frappe.db.sql(
		"""update `tabProduction Job` set status = 'late'
		where status in ('pending', 'scheduled', 'in progress') and due_at < %(now)s""",
		{"now": now_datetime()},
	)


def watch() -> None:
	"""Every hour: late jobs are marked, slips noted, and a draft made that an earlier attempt could not make."""
	late_jobs()
	outdated_by_time()
	frappe.db.commit()  # nosemgrep: what follows has transactions of its own
	propose()
