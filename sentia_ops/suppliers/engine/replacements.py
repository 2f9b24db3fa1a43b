"""Who takes the orders of a supplier that may not be ordered from."""

from __future__ import annotations

from collections.abc import Mapping


def stand_ins(barred: Mapping[str, str], replaced_by: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
	"""Follow the chain of replacements from each supplier to one that may be ordered from.

	Args:
	    barred: supplier -> why no order may be placed; empty or absent: it may.
	    replaced_by: supplier -> who delivers instead; empty or absent: nobody.

	Returns:
	    supplier -> who takes its orders: itself where it may, "" where nobody does; and warnings in plain words:
	    suppliers that replace each other in a circle, and barred ones whose replacement is barred, too.
	"""
	names = {**barred, **replaced_by}
	order_from, warnings = {}, []
	circles: set[frozenset[str]] = set()
	for supplier in names:
		path, circle = _follow(supplier, replaced_by)
		if circle and frozenset(circle) not in circles:
			circles.add(frozenset(circle))
			warnings.append(
				f"Suppliers replace each other in a circle ({' -> '.join([*circle, circle[0]])}): none of them is used "
				"as a replacement. Correct 'Replaced by' of one of them."
			)
		if not barred.get(supplier):
			order_from[supplier] = supplier
			continue
		order_from[supplier] = "" if circle else next((name for name in path[1:] if not barred.get(name)), "")
		if len(path) > 1 and not circle and not order_from[supplier]:
			warnings.append(
				f"{supplier} may not be ordered from ({barred[supplier]}), nor may its replacement {' -> '.join(path[1:])} "
				f"({barred[path[-1]]}): name another one, or nobody takes its orders."
			)
	return order_from, warnings


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
