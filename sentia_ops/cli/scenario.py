"""`scenario`: what would the plan be if ... - nothing is written."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from sentia_ops.cli.planning import AsOf
from sentia_ops.cli.settings import Set, plan_settings
from sentia_ops.cli.state import State, plain

if TYPE_CHECKING:
	from sentia_ops.scenarios.engine.difference import Measure
	from sentia_ops.scenarios.flow import Outcome
	from sentia_ops.store.lake import LakeStore

BETWEEN = "/"  # parts two scenarios that are compared
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Words = Annotated[
	list[str],
	typer.Argument(
		metavar="CHANGE...",
		help="'demand Kitchen x1.2', 'demand UK -10% from 2026-12-01 to 2026-12-31', 'late SUPPLIER 5', 'price GROUP -8%', "
		"'service 98%', 'service AX 99%', 'budget 20000', 'budget -20%', 'gone SUPPLIER', 'closed WAREHOUSE into OTHER', "
		f"'review 14', 'holding 30%'. {BETWEEN} begins another scenario, to be compared with the one before.",
	),
]


def register(app: typer.Typer) -> None:
	app.command()(scenario)


def scenario(
	context: typer.Context,
	changes: Words,
	as_of: AsOf = None,
	rules: Set = None,
	top: Annotated[int, typer.Option(min=0, help="Changed orders to print.")] = 10,
) -> None:
	"""What the plan would be with these changes, beside what it is: cost, service, orders. Nothing is written.

	Rules and day are those of the lake's last plan, unless given.
	"""
	from sentia_ops.scenarios.engine.changes import Refused
	from sentia_ops.scenarios.flow import company_currency, names_in, refusal, what_if
	from sentia_ops.scenarios.grammar import parse
	from sentia_ops.scenarios.telling import as_data

	state: State = context.obj
	store = state.open()
	names = names_in(store)
	try:
		wanted = [[parse(text, names) for text in texts] for texts in _parted(changes)]
	except Refused as error:
		raise refusal(error) from error
	planned = _last_plan(store)
	settings = plan_settings([*_rules_of(planned), *(rules or [])])
	day = as_of.date() if as_of else _day_of(planned)
	with state.progress() as progress:
		outcomes = what_if(store, wanted, settings, as_of=day, names=names, progress=progress)
	currency = company_currency(store)
	data = [as_data(outcome) for outcome in outcomes]
	shown = _told(outcomes[0], currency, top) if len(outcomes) == 1 else _compared(outcomes, currency)
	state.result(data[0] if len(data) == 1 else data, *shown)
	for outcome in outcomes:
		for text in outcome.warnings:
			state.say(f"Warning: {text}")


def _parted(words: list[str]) -> list[list[str]]:
	parts: list[list[str]] = [[]]
	for word in words:
		if word.strip() == BETWEEN:
			parts.append([])
		else:
			parts[-1].append(word)
	return parts


# the plan it is compared with


def _last_plan(store: LakeStore) -> dict:
	"""Parameters of the newest plan; empty where there is none."""
	from sentia_ops.scenarios.flow import last_plan
	from sentia_ops.store.frames import RUNS

	name = last_plan(store)
	return json.loads(store.read(RUNS, run=name)["parameters"].iloc[0]) if name else {}


def _rules_of(planned: dict) -> list[str]:
	from sentia_ops.replenishment.engine import Policy

	known, default = {field.name for field in fields(Policy)}, Policy()
	given = {name: value for name, value in (planned.get("policy") or {}).items() if name in known}
	return [f"{name}={value}" for name, value in given.items() if value != getattr(default, name)]


def _day_of(planned: dict) -> date | None:
	return date.fromisoformat(planned["as_of"]) if planned.get("as_of") else None


# words


def _told(outcome: Outcome, currency: str, top: int) -> list:
	difference = outcome.difference
	parts: list = [*difference.headline, "", _measures(difference.measures, currency), ""]
	parts += [
		part for name, table in difference.totals.items() for part in (_totals(name, table, currency), "")
	]
	if len(difference.orders):
		parts += [_orders(difference.orders.head(top), currency, len(difference.orders)), ""]
		parts += [
			line
			for number, row in enumerate(difference.orders.head(top).itertuples(), 1)
			for line in _why(number, row)
		]
	parts += [f"What was changed: {note}" for note in outcome.notes]
	return [*parts, f"Two plans in {outcome.seconds:.1f} s for {outcome.as_of}; nothing was written."]


def _measures(measures: list[Measure], currency: str) -> Table:
	table = _table("Side by side", ["", "as it is", "what if", "change"], right=(1, 2, 3))
	for m in measures:
		table.add_row(
			m.label,
			*(_figure(x, m.unit, currency) for x in (m.now, m.then)),
			_figure(m.change, m.unit, currency, "+"),
		)
	return table


def _compared(outcomes: list[Outcome], currency: str) -> list:
	"""Each scenario in words, then all of them in columns."""
	letters = [LETTERS[i % len(LETTERS)] for i in range(len(outcomes))]
	table = _table("Side by side", ["", "as it is", *letters], right=range(1, len(outcomes) + 2))
	for i, first in enumerate(outcomes[0].difference.measures):
		then = [outcome.difference.measures[i].then for outcome in outcomes]
		table.add_row(first.label, *(_figure(x, first.unit, currency) for x in (first.now, *then)))
	for kind in ("new", "gone", "larger", "smaller", "changed"):
		counts = [int((outcome.difference.orders["kind"] == kind).sum()) for outcome in outcomes]
		table.add_row(f"Orders {kind}", "", *(f"{count:,}" for count in counts))
	told = [
		part
		for letter, outcome in zip(letters, outcomes, strict=True)
		for part in (f"{letter}. {' '.join(outcome.difference.headline)}", "")
	]
	return [*told, table]


def _figure(x: float | None, unit: str, currency: str, sign: str = "") -> str:
	if x is None:
		return "no data"
	if unit == "money":
		return f"{x:{sign},.0f} {currency}".strip()
	return f"{x:{sign}.1f} %" if unit == "percent" else f"{x:{sign},.0f}"


def _totals(name: str, rows, currency: str) -> Table:
	columns = [f"by {name}", "as it is", "what if", "change", "orders"]
	table = _table("", columns, right=(1, 2, 3, 4))
	for row in rows.itertuples():
		money = (row.cost_now, row.cost_then)
		change = _figure(row.cost_then - row.cost_now, "money", currency, "+")
		orders = f"{row.orders_now} → {row.orders_then}"
		table.add_row(plain(row.name), *(_figure(x, "money", currency) for x in money), change, orders)
	return table


def _orders(rows, currency: str, total: int) -> Table:
	title = f"Changed orders, {len(rows)} of {total:,}"
	columns = ["#", "item", "warehouse", "do", "change", "quantity", "cost", "from"]
	table = _table(title, columns, right=(0, 5, 6))
	for number, row in enumerate(rows.itertuples(), 1):
		quantity = _then(*(f"{x:,g}" if x == x else "-" for x in (row.qty_now, row.qty_then)))
		cost = _then(*(f"{x:,.0f}" if x == x else "-" for x in (row.cost_now, row.cost_then)))
		supplier = _then(row.supplier_now or "-", row.supplier_then or "-")
		if row.kind in ("new", "gone"):
			supplier = row.supplier_then if row.kind == "new" else row.supplier_now
		texts = (row.item_name, row.warehouse, row.action, row.change, quantity, cost, supplier)
		table.add_row(str(number), *(plain(text) for text in texts))
	return table


def _then(now: str, then: str) -> str:
	return now if now == then else f"{now} → {then}"


def _why(number: int, row) -> list[str]:
	return [f"{number}. {row.item_name}, {row.warehouse}: {row.why}", ""]


def _table(title: str, columns: list[str], right) -> Table:
	table = Table(
		title=title or None, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0)
	)
	for i, name in enumerate(columns):
		table.add_column(name, justify="right" if i in right else "left")
	return table
