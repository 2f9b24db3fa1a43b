"""A lead time in words, to be checked with a pocket calculator."""

from __future__ import annotations

import math

PRIOR = {
	"promised": "the supplier's promise",
	"planner": "the planner's figure on the item",
	"default": "the default lead time",
}


def note(row: dict) -> str:
	"""What the mean is made of, what is still open, where it is going, and where the quantiles come from."""
	said = [_mean(row), *_open(row), *_trend(row), _curve(row)]
	return ". ".join(said) + "."


def _mean(row: dict) -> str:
	own = _lines(row["receipts"], "of this item", row["open_lines"])
	grouped = _lines(row["group_receipts"], f"of its group {row['item_group']}")
	pooled = _lines(row["supplier_receipts"], "of this supplier")
	terms = [
		(row["item_percent"], row["item_days"], own),
		(row["group_percent"], row["group_days"], own if row["only_of_group"] else grouped),
		(row["supplier_percent"], row["supplier_days"], own if row["only_of_supplier"] else pooled),
		(row["prior_percent"], row["prior_days"], PRIOR[row["prior_basis"]]),
	]
	used = [(percent, days, words) for percent, days, words in terms if percent]
	mean = f"{row['mean_days']:.1f} days"
	if len(used) == 1:
		return f"{mean}: {used[0][2]}"
	return f"{mean} = " + " + ".join(f"{percent} % x {days:.1f} ({words})" for percent, days, words in used)


def _lines(count: int, of: str, open_lines: int = 0) -> str:
	text = f"{count} receipt{'' if count == 1 else 's'} {of}"
	return f"{text}, {open_lines} open" if open_lines else text


def _open(row: dict) -> list[str]:
	said = []
	if row["open_lines"] > row["forgotten"] and not math.isnan(row["waited"]):
		waiting = row["open_lines"] - row["forgotten"]
		late = row["open_overdue"] - row["forgotten"]
		text = f"{waiting} order line{' is' if waiting == 1 else 's are'} still open"
		if late > 0:
			text += f", {late} overdue"
			if not row["forgotten"]:
				text += f", the oldest by {row['oldest_overdue']} days"
		said.append(
			f"{text}: counted with the days to be expected after so long a wait, {row['waited']:.1f} on average"
		)
	if row["forgotten"]:
		lines = "order line is" if row["forgotten"] == 1 else "order lines are"
		said.append(
			f"{row['forgotten']} {lines} overdue by up to {row['oldest_overdue']:,} days and left out as forgotten: "
			"close or receive"
		)
	return said


def _trend(row: dict) -> list[str]:
	change = math.expm1(row["growth"])
	if not change:
		return []
	word = "slower" if change > 0 else "faster"
	return [f"The supplier gets {word}, {change:+.0%} a year: older receipts are brought to today's level"]


def _curve(row: dict) -> str:
	if row["empirical"]:
		return f"90 % and 95 % from the supplier's own delays ({row['supplier_receipts']} receipts)"
	share = math.sqrt(math.expm1(row["sigma"] ** 2))
	return f"90 % and 95 % from a lognormal curve with a spread of {share:.0%} of the mean"
