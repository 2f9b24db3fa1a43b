"""Which recommendations become one document: those to one supplier, for one warehouse, in one currency, up to a size.

A document that exists already is never added to, not even a draft of the same day: somebody may have it open, or may
have sent it. Two approvals one after the other make two drafts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

import frappe

ORDER, REQUEST = "Purchase Order", "Material Request"
LINES = 50  # of one document, where nothing is set
REQUESTED = {"make": "Manufacture", "transfer": "Material Transfer"}  # never bought


class Line(Protocol):
	"""What is looked at of a recommendation."""

	name: str
	action: str
	supplier: str | None
	company: str
	currency: str | None
	warehouse: str
	from_warehouse: str | None
	cost: float


def document_type(line: Line) -> str:
	"""Purchase Order by setting, where there is somebody to order from; else Material Request."""
	if line.action in REQUESTED or not line.supplier:
		return REQUEST
	return frappe.get_cached_doc("Sentia Settings").order_document or ORDER


def key(line: Line) -> tuple[str, ...]:
	"""Lines with the same key may share a document."""
	if document_type(line) == ORDER:
		return (ORDER, line.company, line.supplier, line.warehouse, line.currency or "")
	kind = REQUESTED.get(line.action, "Purchase")
	return (REQUEST, line.company, kind, line.warehouse, line.from_warehouse or "")


def groups(lines: Iterable[Line]) -> list[list[Line]]:
	"""Lines of one document each, in a fixed order; see `cap`."""
	settings = frappe.get_cached_doc("Sentia Settings")
	alike = defaultdict(list)
	for line in lines:
		alike[key(line)].append(line)
	return [
		chunk
		for _key, found in sorted(alike.items())
		for chunk in cap(found, settings.order_lines or LINES, settings.order_value or 0)
	]


def cap(lines: list[Line], most: int, value: float) -> list[list[Line]]:
	"""`lines` in their order, cut where a document would have more than `most` lines or cost more than `value` (0: any).

	A line that costs more than `value` stands alone: it cannot be cut.
	"""
	chunks, spent = [], 0.0
	for line in lines:
		cost = line.cost or 0
		full = chunks and (len(chunks[-1]) >= most or (value and spent + cost > value))
		if not chunks or full:
			chunks.append([])
			spent = 0.0
		chunks[-1].append(line)
		spent += cost
	return chunks
