"""Who delivers in place of a supplier that may not be ordered from: what is wrong with the chain of names."""

from __future__ import annotations

from collections.abc import Mapping


def odd_replacements(barred: Mapping[str, str], replaced_by: Mapping[str, str]) -> list[str]:
	"""Suppliers that replace each other in a circle, and barred ones at whose chain's end nobody may be ordered from.

	Args:
	    barred: supplier -> why no order may be placed; empty or absent: it may.
	    replaced_by: supplier -> who delivers instead; empty or absent: nobody.

	Returns:
	    Warnings in plain words, each circle once.
	"""
	warnings = []
	circles: set[frozenset[str]] = set()
	for supplier in replaced_by:
		path, circle = _follow(supplier, replaced_by)
		if circle and frozenset(circle) not in circles:
			circles.add(frozenset(circle))
			warnings.append(
				f"Suppliers replace each other in a circle ({' -> '.join([*circle, circle[0]])}): none of them is used "
				"as a replacement. Correct 'Replaced by' of one of them."
			)
		if len(path) > 1 and not circle and all(barred.get(name) for name in path):
			warnings.append(
				f"{supplier} may not be ordered from ({barred[supplier]}), nor may its replacement {' -> '.join(path[1:])} "
				f"({barred[path[-1]]}): name another one, or nobody takes its orders."
			)
	return warnings


def _follow(supplier: str, replaced_by: Mapping[str, str]) -> tuple[list[str], list[str]]:
	"""The chain from `supplier` on, itself first; and the circle it runs into, beginning with the least name."""
	path = [supplier]
	while following := replaced_by.get(path[-1], ""):
		if following in path:
			circle = path[path.index(following) :]
			least = circle.index(min(circle))
			return path, circle[least:] + circle[:least]
		path.append(following)
	return path, []
