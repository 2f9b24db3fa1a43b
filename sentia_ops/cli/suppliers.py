"""`suppliers`: how suppliers did in the last year, and the suppliers of one item side by side."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from sentia_ops.cli.naming import closest
from sentia_ops.cli.settings import Set, plan_settings
from sentia_ops.cli.state import State, plain, records
from sentia_ops.errors import NoDataError, SentiaError

MONEY = "company currency"
STANDS_OUT = {"no data": "no data"}  # by risk


def register(app: typer.Typer) -> None:
	app.command(name="suppliers")(suppliers)


def suppliers(
	context: typer.Context,
	item: Annotated[str, typer.Option(help="Compare the suppliers of this item.")] = "",
	qty: Annotated[
		float | None, typer.Option(help="With --item: the quantity to order. Default: four weeks' demand.")
	] = None,
	supplier: Annotated[str, typer.Option(help="One supplier, with the arithmetic of every figure.")] = "",
	set_: Set = None,
) -> None:
	"""Scores of the last year with the number of observations; 'no data' where there are none."""
	state: State = context.obj
	store = state.open()
	if item:
		return _compare(state, store, item, qty, plan_settings(set_).policy)
	if qty is not None:
		raise SentiaError("--qty goes with --item.", "Example: sentia-ops suppliers --item CODE --qty 100")
	from sentia_ops.suppliers.frames import SUPPLIER_PERFORMANCE

	rows = store.read(SUPPLIER_PERFORMANCE)
	if rows.empty:
		raise NoDataError(f"No supplier was scored in {store.path} yet.", "Run 'sentia-ops plan' first.")
	if not supplier:
		return state.result(records(rows.drop(columns="measures")), _scores(rows))
	mine = rows[rows["supplier"] == supplier]
	if mine.empty:
		raise SentiaError(
			f"There is no supplier {supplier}.", closest(supplier, rows["supplier"], "Suppliers")
		)
	return _one(state, mine)


def _scores(rows) -> Table:
	table = _table(
		f"Suppliers in the year before {rows['as_of'].iloc[0]:%d %b %Y}; in brackets the number of observations, under the score its 95 % interval",
		["supplier", "score", "on time", "days late", "in full", "accepted", "market", "last year", "answer", "risk"],
	)  # fmt: skip
	for row in rows.sort_values("score", na_position="last").itertuples():
		score = (
			"no data"
			if row.score != row.score
			else f"{row.score:.0f}\n({row.score_low:.0f}-{row.score_high:.0f})"
		)
		table.add_row(
			f"{plain(row.supplier)}\n  {row.findings or STANDS_OUT.get(row.risk, 'nothing stands out')}", score, _share(row.on_time, row.on_time_n), _days(row.days_late, row.on_time_n),
			_share(row.in_full, row.in_full_n), _share(row.accepted, row.accepted_n), _share(row.price_market, row.price_market_n),
			_share(row.price_year, row.price_year_n), _days(row.response_days, row.response_days_n), row.risk,
		)  # fmt: skip
	return table


def _one(state: State, rows) -> None:
	import json

	row = rows.iloc[0]
	measures = json.loads(row["measures"])
	table = _table(plain(row["supplier"]), ["measure", "trend", "how it is computed"])
	for measure in measures:
		table.add_row(measure["label"], measure.get("trend", ""), plain(measure["text"]))
	facts = records(rows.drop(columns="measures"))[0] | {"measures": measures}
	note = f"Note: {plain(row['note'])}." if row["note"] else ""
	state.result(facts, plain(row["recommendation"]), "", table, "", note)


def _compare(state: State, store, item: str, qty: float | None, policy) -> None:
	from sentia_ops.suppliers.scores import compare
	from sentia_ops.suppliers.scoring import comparison

	question, found = compare(
		store, item, qty, ordering_cost=policy.ordering_cost, holding_rate=policy.holding_rate
	)
	demand = f"{question.daily:.3g} a day" if question.daily else "no known demand"
	table = _table(
		f"{plain(item)}: {question.qty:g} to order, {demand}; money in {MONEY}",
		["", *(plain(c.supplier) for c in found)],
	)
	for lines in zip(*(comparison.facts(c) for c in found), strict=True):
		table.add_row(lines[0][0], *(plain(text) for _label, text in lines))
	arithmetic = [f"{plain(c.supplier)}: {plain(c.text)}" for c in found if c.text]
	data = {"question": asdict(question), "suppliers": [asdict(c) for c in found]}
	state.result(data, table, "", *arithmetic)


def _table(title: str, names: list[str]) -> Table:
	table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
	for name in names:
		table.add_column(name, overflow="fold")
	return table


def _share(value: float, n: int) -> str:
	return f"{value:.1%}\n({n:,})" if value == value else "no data"


def _days(value: float, n: int) -> str:
	return f"{value:.1f}\n({n:,})" if value == value else "no data"
