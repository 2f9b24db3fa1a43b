"""Changes as a planner types them.

	demand TARGET x1.2 | +20% | -10%   [from DATE] [to DATE]     TARGET: all, an item, item group, warehouse or market
	late SUPPLIER 5 [days] [for ITEM or GROUP]
	price TARGET -8%                                             TARGET: all, a supplier, item or item group
	service [CLASS] 98%                                          CLASS: AX ... CZ
	budget 20000 | -20% | none
	gone SUPPLIER
	closed WAREHOUSE [into WAREHOUSE]
	review 14 [days]
	holding 30%

A target may be two, joined by `in` (demand Kitchen in UK x1.2) or `for` (price ACME for Kitchen -8%). Where a name is of
two kinds, say which: item:NAME, group:NAME, warehouse:NAME, market:NAME, supplier:NAME. Case does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from sentia_ops.scenarios.engine.changes import CLASSES, PLACES, WORDS, Change, Names, Refused

PREFIXES = {"item": "item_code", "group": "item_group"} | {
	name: name for name in ("warehouse", "market", "supplier")
}
NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
DAY = r"\d{4}-\d{2}-\d{2}"
EXAMPLES = {
	"demand": "demand Kitchen x1.2, or demand UK -10% from 2026-12-01 to 2026-12-31",
	"late": "late ACME 5, or late ACME 5 for Kitchen",
	"price": "price ACME +8%",
	"service": "service 98%, or service AX 99%",
	"budget": "budget 20000, budget -20% or budget none",
	"gone": "gone ACME",
	"closed": "closed UK, or closed UK into EU",
	"review": "review 14",
	"holding": "holding 30%",
}


def parse(text: str, names: Names) -> Change:
	"""One change.

	Raises:
	    Refused: it cannot be understood, or names something that is not in the plan.
	"""
	word, _, rest = " ".join(text.split()).partition(" ")
	reader = READERS.get(word.casefold())
	if reader is None:
		raise Refused(f"'{text}' does not start with a change.", word, READERS, "Changes")
	found = reader(rest, names)
	if found is None:
		raise Refused(f"'{text}' cannot be understood. Example: {EXAMPLES[word.casefold()]}.")
	return found


def _demand(rest: str, names: Names) -> Change | None:
	first = last = None
	days = re.fullmatch(rf"(.*?)(?: from ({DAY}))?(?: (?:to|until) ({DAY}))?", rest)
	rest, first, last = days.group(1), _day(days.group(2)), _day(days.group(3))
	found = re.fullmatch(rf"(?:of )?(.*?) ?(?:[x×*] ?({NUMBER})|({NUMBER}) ?%)", rest, re.IGNORECASE)
	if not found:
		return None
	factor = _number(found.group(2)) if found.group(2) else round(1 + _number(found.group(3)) / 100, 9)
	scope = _scope(found.group(1), PLACES, names, " in ")
	return Change("demand", factor, first=first, last=last, **scope)


def _late(rest: str, names: Names) -> Change | None:
	found = re.fullmatch(rf"(.+?) (?:by )?({NUMBER})(?: days?)?(?: for (.+))?", rest, re.IGNORECASE)
	if not found:
		return None
	scope = _scope(found.group(1), ("supplier",), names)
	if found.group(3):
		scope |= _scope(found.group(3), ("item_code", "item_group"), names)
	return Change("late", _number(found.group(2)), **scope)


def _price(rest: str, names: Names) -> Change | None:
	found = re.fullmatch(rf"(?:of )?(.*?) ?({NUMBER}) ?%", rest, re.IGNORECASE)
	if not found:
		return None
	scope = _scope(found.group(1), ("supplier", "item_code", "item_group"), names, " for ")
	return Change("price", _number(found.group(2)), **scope)


def _service(rest: str, names: Names) -> Change | None:
	found = re.fullmatch(rf"(?:([a-z]+) )?({NUMBER}) ?%?", rest, re.IGNORECASE)
	if not found:
		return None
	name = (found.group(1) or "").upper()
	name = "" if name == "ALL" else name
	if name and name not in CLASSES:
		raise Refused(f"There is no service class {name}.", name, CLASSES, "Classes")
	return Change("service", _number(found.group(2)), service_class=name)


def _budget(rest: str, names: Names) -> Change | None:
	if rest.casefold() in ("none", "no limit"):
		return Change("no budget")
	cut = re.fullmatch(r"-(\d+(?:[.,]\d+)?) ?%", rest)
	if cut:
		return Change("budget cut", _number(cut.group(1)))
	amount = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", rest)
	return Change("budget", float(rest.replace(",", ""))) if amount else None


def _gone(rest: str, names: Names) -> Change | None:
	return Change("gone", **_scope(rest, ("supplier",), names)) if rest else None


def _closed(rest: str, names: Names) -> Change | None:
	name, _, into = rest.partition(" into ")
	if not name:
		return None
	target = _scope(into, ("warehouse",), names)["warehouse"] if into else ""
	return Change("closed", into=target, **_scope(name, ("warehouse",), names))


def _review(rest: str, names: Names) -> Change | None:
	found = re.fullmatch(rf"(?:every )?({NUMBER})(?: days?)?", rest, re.IGNORECASE)
	return Change("review", _number(found.group(1))) if found else None


def _holding(rest: str, names: Names) -> Change | None:
	found = re.fullmatch(rf"({NUMBER}) ?%?", rest)
	return Change("holding", _number(found.group(1))) if found else None


READERS = {
	"demand": _demand,
	"late": _late,
	"price": _price,
	"service": _service,
	"budget": _budget,
	"gone": _gone,
	"closed": _closed,
	"review": _review,
	"holding": _holding,
}


def _number(text: str) -> float:
	return float(text.replace(",", "."))


def _day(text: str | None) -> date | None:
	if not text:
		return None
	try:
		return date.fromisoformat(text)
	except ValueError as error:
		raise Refused(f"{text} is not a day: write it as 2026-12-31.") from error


def _scope(text: str, scopes: Iterable[str], names: Names, joint: str = "") -> dict[str, str]:
	"""{scope: name} of a target; empty for all.

	Raises:
	    Refused: no such name, or it is of several kinds.
	"""
	text = text.strip()
	if text.casefold() in ("", "all", "everything", "all items"):
		return {}
	found = _look_up(text, scopes, names)
	parts = text.split(joint) if joint and not found else []
	for cut in range(1, len(parts)):
		sides = [joint.join(parts[:cut]), joint.join(parts[cut:])]
		pieces = [_look_up(side, scopes, names) for side in sides]
		if all(pieces):
			return _only(sides[0], pieces[0]) | _only(sides[1], pieces[1])
	if found:
		return _only(text, found)
	fewest = sorted(
		(sorted(names.of(scope)) for scope in scopes), key=len
	)  # thousands of items would hide the groups
	known = [name for few in fewest for name in few]
	*kinds, last = (WORDS[scope] for scope in scopes)
	kinds = f"{', '.join(kinds)} or {last}" if kinds else last
	raise Refused(f"There is no {kinds} {text} in the plan.", text, known, "Known")


def _look_up(text: str, scopes: Iterable[str], names: Names) -> dict[str, str]:
	"""All scopes in which there is such a name."""
	prefix, colon, rest = text.partition(":")
	scope = PREFIXES.get(prefix.strip().casefold()) if colon else None
	if scope in scopes:
		scopes, text = (scope,), rest.strip()
	found = {}
	for scope in scopes:
		known = names.of(scope)
		if text in known:
			found[scope] = text
			continue
		alike = [name for name in known if name.casefold() == text.casefold()]
		if len(alike) == 1:
			found[scope] = alike[0]
	return found


def _only(text: str, found: dict[str, str]) -> dict[str, str]:
	if len(found) > 1:
		prefixes = {scope: prefix for prefix, scope in PREFIXES.items()}
		ways = " or ".join(f"{prefixes[scope]}:{name}" for scope, name in found.items())
		raise Refused(f"{text} is the name of a {' and of a '.join(WORDS[s] for s in found)}: write {ways}.")
	return found
