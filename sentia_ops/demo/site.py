"""The demo company on an ERPNext site, as real documents in a company of its own.

`make` may be run again: it finds the first day that is missing and goes on from there, with the seed and the day it
began with. `remove` takes away what `make` made, and what others made inside the demo company since.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import frappe
from frappe.utils.data import getdate
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.global_search import sync_global_search
from frappe.utils.synchronization import filelock

from sentia_ops.demo import generate
from sentia_ops.demo.catalogue import COMPANY
from sentia_ops.demo.site_documents import Archive
from sentia_ops.demo.site_marks import set_setting, setting
from sentia_ops.demo.site_masters import refuse_foreign_names, steps
from sentia_ops.demo.site_papers import Paper
from sentia_ops.demo.site_removal import remove_all
from sentia_ops.errors import BusyError, SentiaError
from sentia_ops.store.base import Progress

SEED, ITEMS, DAYS = 2026, 30, 120
ABROAD = 0.6  # fewer lines to write: each delivered one costs ERPNext some thirty queries
BATCH = 20  # documents between two commits: what a kill can cost


def make(progress: Progress | None = None, *, items: int = ITEMS, days: int = DAYS) -> dict[str, int]:
	"""Write the company to the site; `items` and `days` count on the first run only.

	Returns:
	    doctype -> documents there are now of the history; and "new", how many of them this call made.

	Raises:
	    SentiaError: the site is not set up, has records of its own under the demo's names, or a demo of another version.
	    BusyError: another demo is being made or removed.
	"""
	tell = progress or (lambda share, text: None)
	with _alone():
		parameters = _parameters(items, days)
		company = generate(**parameters)
		refuse_foreign_names(company)
		_remember(parameters, company.digest())
		chores = steps(company)
		for number, (text, step) in enumerate(chores):
			tell(0.05 * number / len(chores), text)
			step()
			frappe.db.commit()  # a kill must not cost what is done; the next call goes on from here
		counts = _write_history(Archive(company).papers(), tell)
		sync_global_search()
		return counts


def remove(progress: Progress | None = None) -> dict[str, int]:
	"""Take the demo company off the site.

	Returns:
	    doctype -> records removed; "kept": items, suppliers or retailers that stay because other documents use them.
	"""
	with _alone():
		sync_global_search()  # what waits there would come back after the removal
		importing, frappe.flags.in_import = frappe.flags.in_import, True  # no "deleted" note for each record
		try:
			return remove_all(progress or (lambda share, text: None))
		finally:
			frappe.flags.in_import = importing


def _parameters(items: int, days: int) -> dict:
	"""Those of the first run, so that a later one completes the same company."""
	if not setting("as_of"):
		return {"seed": SEED, "items": items, "days": days, "as_of": getdate(), "abroad": ABROAD}
	kept = {key: int(setting(key)) for key in ("seed", "items", "days")}
	return {**kept, "as_of": date.fromisoformat(setting("as_of")), "abroad": float(setting("abroad"))}


def _remember(parameters: dict, digest: str) -> None:
	if not setting("as_of"):
		for key, value in {**parameters, "digest": digest}.items():
			set_setting(key, str(value))
		frappe.db.commit()  # before the first record, so that a killed run is completed and not mixed with another
	elif setting("digest") != digest:
		raise SentiaError(
			"The demo company on this site was made by another version of Sentia Ops.",
			"Remove it with 'sentia-demo --remove', then make it again.",
		)


def _write_history(papers: list[Paper], tell: Progress) -> dict[str, int]:
	mine = {"company": COMPANY}
	there = {
		doctype: set(frappe.get_all(doctype, mine, pluck="name")) for doctype in {p.doctype for p in papers}
	}
	made = 0
	for number, paper in enumerate(papers):
		if paper.name in there[paper.doctype]:
			continue
		paper.insert()
		made += 1
		if made % BATCH == 0:
			frappe.db.commit()  # whole documents in time order: the next call goes on after the last of them
			frappe.clear_messages()
			tell(
				0.05 + 0.95 * number / len(papers),
				f"{paper.day:%d %b %Y}: {number:,} of {len(papers):,} documents",
			)
	frappe.db.commit()  # the end of the last batch
	tell(1.0, f"the demo company is on the site, {len(papers):,} documents")
	counts: dict[str, int] = {"new": made}
	for paper in papers:
		counts[paper.doctype] = counts.get(paper.doctype, 0) + 1
	return counts


@contextmanager
def _alone() -> Iterator[None]:
	"""One at a time, as Administrator, without mail."""
	user, mute = frappe.session.user, frappe.flags.mute_emails
	try:
		with filelock("sentia_demo", timeout=1):
			frappe.set_user("Administrator")
			frappe.flags.mute_emails = True
			yield
	except LockTimeoutError as error:
		raise BusyError(
			"The demo company is being made or removed just now.", "Wait until that has finished."
		) from error
	except BaseException:
		frappe.db.rollback()  # the unfinished batch: whoever called must not commit half of it
		raise
	finally:
		frappe.set_user(user)
		frappe.flags.mute_emails = mute
