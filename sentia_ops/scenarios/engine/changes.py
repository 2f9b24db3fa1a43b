"""What a scenario changes: kinds, their limits, and the words for them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

CLASSES = tuple(abc + xyz for abc in "ABC" for xyz in "XYZ")
PLACES = ("item_code", "item_group", "warehouse", "market")
SCOPES = (*PLACES, "supplier", "service_class")
LARGEST_FACTOR, MOST_DAYS = 100.0, 365.0


@dataclass(frozen=True)
class Kind:
	"""Attributes:
	scopes: what such a change may be limited to.
	needs: scopes that must be given.
	value: what the number is, in words; empty: none is needed.
	low, high: its limits; open: they are excluded.
	"""

	scopes: tuple[str, ...] = ()
	needs: tuple[str, ...] = ()
	value: str = ""
	low: float = -math.inf
	high: float = math.inf
	open: bool = False


KINDS = {
	"demand": Kind(PLACES, value="factor, such as 1.2", low=0, high=LARGEST_FACTOR, open=True),
	"late": Kind(
		("supplier", "item_code", "item_group"), ("supplier",), "number of days late", 0, MOST_DAYS, True
	),
	"price": Kind(("supplier", "item_code", "item_group"), (), "percent, such as -8", -100, 1000, True),
	"service": Kind(("service_class",), value="service level in percent", low=50, high=100),
	"budget": Kind(value="amount of the budget, in company currency", low=0),
	"budget cut": Kind(value="percent to cut the budget by", low=0, high=100),
	"no budget": Kind(),
	"gone": Kind(("supplier",), ("supplier",)),
	"closed": Kind(("warehouse",), ("warehouse",)),
	"review": Kind(value="number of days between two reviews", low=1, high=365),
	"holding": Kind(value="cost of holding stock for a year, in percent", low=0, high=1000, open=True),
}


class Refused(ValueError):
	"""A change that cannot be made.

	Attributes:
	    name, known, what: for a name that does not exist, what there is.
	"""

	def __init__(self, text: str, name: str = "", known: Iterable[str] = (), what: str = ""):
		super().__init__(text)
		self.name, self.known, self.what = name, list(known), what


@dataclass(frozen=True)
class Names:
	"""What there is to change. `groups` holds, for each item group, the groups within it (itself included)."""

	items: frozenset[str]
	warehouses: frozenset[str]
	markets: frozenset[str]
	suppliers: frozenset[str]
	groups: Mapping[str, frozenset[str]]

	def of(self, scope: str) -> Iterable[str]:
		return {
			"item_code": self.items,
			"item_group": self.groups,
			"warehouse": self.warehouses,
			"into": self.warehouses,
			"market": self.markets,
			"supplier": self.suppliers,
			"service_class": CLASSES,
		}[scope]


WORDS = {
	"item_code": "item",
	"item_group": "item group",
	"warehouse": "warehouse",
	"into": "warehouse",
	"market": "market",
	"supplier": "supplier",
	"service_class": "service class",
}


@dataclass(frozen=True)
class Change:
	"""One change; a scope left empty means all.

	Attributes:
	    kind: one of KINDS.
	    value: factor, days, percent or amount, as the kind has it.
	    into: where demand, stock and open orders of a closed warehouse go; empty: they are lost.
	    first, last: days a demand change holds for, both included; None: no limit.
	"""

	kind: str
	value: float = math.nan
	item_code: str = ""
	item_group: str = ""
	warehouse: str = ""
	market: str = ""
	supplier: str = ""
	service_class: str = ""
	into: str = ""
	first: date | None = None
	last: date | None = None

	@property
	def scope(self) -> dict[str, str]:
		"""The scopes given, by name."""
		return {name: getattr(self, name) for name in SCOPES if getattr(self, name)}

	def __str__(self) -> str:
		return words(self)


def check(change: Change, names: Names) -> None:
	"""Raises Refused with the first thing about `change` that cannot be."""
	kind = KINDS.get(change.kind)
	if kind is None:
		raise Refused(f"There is no change {change.kind!r}.", change.kind, KINDS, "Changes")
	for scope, name in change.scope.items():
		if scope not in kind.scopes:
			allowed = ", ".join(WORDS[s] for s in kind.scopes) or "nothing"
			raise Refused(
				f"A change of {change.kind} cannot be limited to {WORDS[scope]} {name}: only to {allowed}."
			)
	for scope in kind.needs:
		if not change.scope.get(scope):
			raise Refused(f"A change '{change.kind}' needs a {WORDS[scope]}.")
	_check_value(change, kind)
	_check_days(change)
	if change.into and change.kind != "closed":
		raise Refused(f"Only a closed warehouse goes into another one, not a change of {change.kind}.")
	if change.into == change.warehouse and change.into:
		raise Refused(f"Warehouse {change.into} cannot be closed into itself.")
	for scope, name in (change.scope | ({"into": change.into} if change.into else {})).items():
		known = names.of(scope)
		if name not in known:
			word = WORDS[scope]
			raise Refused(
				f"There is no {word} {name} in the plan.", name, sorted(known), f"{word.capitalize()}s"
			)


def _check_value(change: Change, kind: Kind) -> None:
	if not kind.value:
		return
	value = change.value
	if not isinstance(value, int | float) or not math.isfinite(value):
		raise Refused(f"A change of {change.kind} needs a number: the {kind.value}.")
	fits = kind.low < value < kind.high if kind.open else kind.low <= value <= kind.high
	if change.kind == "service":
		fits = kind.low <= value < kind.high
	if change.kind == "review":
		fits = fits and float(value).is_integer()
	if not fits:
		raise Refused(f"{LIMITS[change.kind]}, not {value:g}.")


LIMITS = {
	"demand": f"The factor of demand must be above 0 and below {LARGEST_FACTOR:g} (1.2: a fifth more)",
	"late": f"The number of days late must be above 0 and below {MOST_DAYS:g}",
	"price": "A price can change by more than -100 and less than 1000 percent",
	"service": "A service level must be at least 50 and below 100 percent (100 would need endless stock)",
	"budget": "A budget must be 0 or more",
	"budget cut": "A budget can be cut by 0 to 100 percent",
	"review": "The review period must be a whole number of days from 1 to 365",
	"holding": "The holding cost must be above 0 and below 1000 percent a year",
}


def _check_days(change: Change) -> None:
	if not (change.first or change.last):
		return
	if change.kind != "demand":
		raise Refused(f"Only a change of demand can have a first and a last day, not one of {change.kind}.")
	if change.first and change.last and change.last < change.first:
		raise Refused(f"The last day, {change.last}, lies before the first, {change.first}.")


def check_together(changes: list[Change]) -> None:
	"""Raises Refused where two changes contradict each other, or there is none."""
	if not changes:
		raise Refused("A scenario needs at least one change.")
	seen: dict[tuple, Change] = {}
	for change in changes:
		same = change.kind if change.kind != "budget cut" and change.kind != "no budget" else "budget"
		key = (same, *sorted(change.scope.items()), change.first, change.last)
		if key in seen:
			raise Refused(f"'{seen[key]}' and '{change}' are about the same thing: keep one of them.")
		seen[key] = change
	gone = {c.supplier for c in changes if c.kind == "gone"}
	for change in changes:
		if change.kind in ("late", "price") and change.supplier in gone:
			raise Refused(f"'{change}' makes no sense where supplier {change.supplier} is gone.")
	closed = {c.warehouse for c in changes if c.kind == "closed"}
	for change in changes:
		if change.into in closed:
			raise Refused(f"Warehouse {change.into} is closed as well: '{change}' has nowhere to go.")


def words(change: Change) -> str:
	"""The change as a planner would say it."""
	value = f"{change.value:g}" if isinstance(change.value, int | float) else str(change.value)
	match change.kind:
		case "demand":
			percent = round((change.value - 1) * 100, 1)
			how = f"{abs(percent):g} % {'higher' if percent >= 0 else 'lower'}"
			return f"demand{_of(change)} {how}{_days(change)}"
		case "late":
			return f"{change.supplier} {value} day{'s' if change.value != 1 else ''} late{_for(change)}"
		case "price":
			who = f" of {change.supplier}" if change.supplier else ""
			return f"prices{who}{_for(change)} {abs(change.value):g} % {'higher' if change.value > 0 else 'lower'}"
		case "service":
			return f"service level{_of(change)} {value} %"
		case "budget":
			return f"a budget of {change.value:,.0f}"
		case "budget cut":
			return f"the budget cut by {value} %"
		case "no budget":
			return "no limit to the budget"
		case "gone":
			return f"{change.supplier} gone"
		case "closed":
			return f"{change.warehouse} closed" + (f" into {change.into}" if change.into else "")
		case "review":
			return "a review every day" if change.value == 1 else f"a review every {value} days"
		case "holding":
			return f"a holding cost of {value} % a year"
	return f"{change.kind} {value}"


def _of(change: Change) -> str:
	names = list(change.scope.values())
	return f" of {' in '.join(names)}" if names else ""


def _for(change: Change) -> str:
	names = [change.scope[s] for s in ("item_code", "item_group") if s in change.scope]
	return f" for {' in '.join(names)}" if names else ""


def _days(change: Change) -> str:
	if change.first and change.last:
		return f" from {change.first} to {change.last}"
	if change.first:
		return f" from {change.first}"
	return f" until {change.last}" if change.last else ""
