"""What happens to Production Jobs and to the published schedule when ERPNext's documents of production change.

None of it may stop ERPNext's own work: a failure here is a line in the Error Log, and the hourly task catches up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import frappe


def never_in_the_way(handler: Callable) -> Callable:
	"""Undo what a failing handler wrote, log it, and let the document through."""

	@wraps(handler)
	def wrapper(doc, method=None):
		if frappe.flags.in_install or frappe.flags.in_migrate or frappe.flags.in_uninstall:
			return
		point = f"sentia_{frappe.generate_hash(length=8)}"
		frappe.db.savepoint(point)
		try:
			handler(doc, method)
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			raise  # the whole transaction is gone
		except Exception:
			frappe.db.rollback(save_point=point)
			frappe.log_error(title=f"Sentia Ops: {handler.__name__} of {doc.doctype} {doc.name}")

	return wrapper
