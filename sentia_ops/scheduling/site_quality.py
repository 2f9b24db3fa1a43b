"""What share of an operation's inspections sends work back, as ERPNext's Quality Inspections have it."""

from __future__ import annotations

import frappe

LEAST = 10  # inspections below which their share says nothing
MOST = 90.0  # percent; more than that is no rework but scrap


def rework_shares() -> dict[str, float]:
	"""Operation -> percent of its submitted Quality Inspections of Job Cards that were rejected, where there are enough."""
	rows = frappe.db.sql(
		"""select c.operation, 100 * avg(q.status = 'Rejected') from `tabQuality Inspection` q
		join `tabJob Card` c on c.name = q.reference_name
		where q.docstatus = 1 and q.reference_type = 'Job Card' and coalesce(c.operation, '') != ''
		group by c.operation having count(*) >= %(least)s""",
		{"least": LEAST},
	)
	return {operation: min(float(share), MOST) for operation, share in rows}
