"""Is everything that planning needs up?"""

import frappe
from frappe.rate_limiter import rate_limit

from sentia_ops.api.envelope import answer, envelope


@frappe.whitelist(allow_guest=True, methods=["GET"])
@envelope
@rate_limit(limit=120, seconds=60)
def check() -> dict:
	"""Database, cache, queue, workers, scheduler, last plan.

	Returns:
	    data: {"ok": bool}; for users who may read Planning Runs also "database", "cache", "queue" (bool), "workers"
	    (how many serve the long queue), "scheduler" (bool) and "last_run" ({run, status, ended} or null). `ok` is
	    about database, cache and queue: without workers or scheduler people can still work.
	"""
	parts = {"database": _answers(_database), "cache": _answers(_cache), "queue": _answers(_queue)}
	data = {"ok": all(parts.values())}
	if frappe.session.user != "Guest" and frappe.has_permission("Planning Run", "read"):
		data |= parts | {"workers": _workers(), "scheduler": _scheduler(), "last_run": _last_run()}
	return answer(data)


def _answers(ask) -> bool:
	try:
		return bool(ask())
	except Exception:  # whatever it is, the part does not answer
		return False


def _database() -> bool:
	return frappe.db.sql("select 1")[0][0] == 1


def _cache() -> bool:
	return frappe.cache.ping()


def _queue() -> bool:
	from frappe.utils.background_jobs import get_redis_conn

	return get_redis_conn().ping()


def _workers() -> int:
	from frappe.utils.background_jobs import generate_qname, get_redis_conn
	from rq import Worker

	try:
		workers = Worker.all(connection=get_redis_conn())
	except Exception:  # no queue, no workers
		return 0
	return sum(generate_qname("long") in worker.queue_names() for worker in workers)


def _scheduler() -> bool:
	from frappe.utils.scheduler import is_scheduler_inactive

	return not is_scheduler_inactive(verbose=False)


def _last_run() -> dict | None:
	found = frappe.get_list(
		"Planning Run",
		fields=["name as run", "status", "ended"],
		order_by="creation desc",
		limit_page_length=1,
	)
	return found[0] if found else None
