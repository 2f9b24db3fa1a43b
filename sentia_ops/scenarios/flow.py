"""Scenarios: the same plan twice, as things are and as they would be, on overlays of the store; and the difference.

Nothing is written to the store and none of its runs is opened. Both plans are made now from the same stock, orders,
forecasts and lead times, so that all they differ in is the scenario. Demand changes scale the forecasts there are;
nothing is forecast anew.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from sentia_ops import chain
from sentia_ops.errors import BusyError, NoDataError, SentiaError
from sentia_ops.forecasting.frames import FORECASTS
from sentia_ops.naming import closest
from sentia_ops.replenishment.frames import RECOMMENDATIONS, STOCK_POLICY
from sentia_ops.scenarios.engine.apply import Facts, table_changes
from sentia_ops.scenarios.engine.changes import Change, Names, Refused, check, check_together
from sentia_ops.scenarios.engine.difference import Difference, Side, compare
from sentia_ops.scenarios.frames import ORDER_DIFFERENCES
from sentia_ops.store import Progress, Run, Store
from sentia_ops.store.frames import CURRENCIES, ITEMS, RUNS, WAREHOUSES
from sentia_ops.store.overlay import OverlayStore
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS

PLANS = ("plan", "promotion")  # flows after which recommendations are others
NOW, THEN = "as it is", "what if"


@dataclass(frozen=True)
class Outcome:
	"""What one scenario answers.

	Attributes:
	    notes: what each change did to the tables, one sentence each.
	    tables: table name -> the rows the scenario's plan wrote.
	    budget: what the scenario may spend; None: no limit.
	    base_run: the plan whose forecasts and lead times were used; empty: none is recorded.
	    seconds: of both plans and the comparison.
	"""

	changes: list[Change]
	difference: Difference
	notes: list[str]
	warnings: list[str]
	tables: dict[str, pd.DataFrame]
	as_of: date
	budget: float | None
	base_run: str
	seconds: float


def names_in(store: Store, nested: dict[str, frozenset[str]] | None = None) -> Names:
	"""What scenarios on `store` can be about.

	Args:
	    nested: item group -> itself and the groups within it; default: groups hold nothing but themselves.
	"""
	items, warehouses = store.read(ITEMS), store.read(WAREHOUSES)
	used = set(items["item_group"]) - {""}
	groups = {name: frozenset([name]) for name in used}
	for name, within in (nested or {}).items():
		if within & used:
			groups[name] = within
	return Names(
		items=frozenset(items["item_code"]),
		warehouses=frozenset(warehouses["warehouse"]),
		markets=frozenset(set(warehouses["market"]) - {""}),
		suppliers=frozenset(store.read(SUPPLIER_ITEMS)["supplier"]),
		groups=groups,
	)


def check_changes(changes: Sequence[Change], names: Names) -> None:
	"""Refuse changes that cannot be.

	Raises:
	    SentiaError: naming the first of them, and what there is instead.
	"""
	try:
		for change in changes:
			check(change, names)
		check_together(list(changes))
	except Refused as error:
		raise refusal(error) from error


def refusal(error: Refused) -> SentiaError:
	"""The refusal with a hint at the names that exist."""
	return SentiaError(str(error), closest(error.name, error.known, error.what) if error.known else "")


def what_if(
	store: Store,
	scenarios: Sequence[Sequence[Change]],
	settings: chain.PlanSettings | None = None,
	*,
	as_of: date | None = None,
	names: Names | None = None,
	progress: Progress | None = None,
) -> list[Outcome]:
	"""Plan `store` as it is once, and once for each scenario; an outcome per scenario.

	Args:
	    as_of: first day to plan for; default: `store.today()`.

	Raises:
	    SentiaError: a change cannot be made, or a setting makes no sense.
	    NoDataError: nothing has been forecast and nothing is in stock.
	    BusyError: the store was planned anew while this was at work.
	"""
	settings, as_of = settings or chain.PlanSettings(), as_of or store.today()
	names = names or names_in(store)
	for changes in scenarios:
		check_changes(changes, names)
	base_run = last_plan(store)
	started, share = time.monotonic(), 1 / (len(scenarios) + 1)
	base = OverlayStore(store, name=NOW)
	run = _plan(base, settings, as_of, _part(progress, 0, share, NOW), steps=_steps(base))
	now = _side(base, settings)
	outcomes = []
	for i, changes in enumerate(scenarios, 1):
		part = _part(progress, i * share, share, THEN)
		outcomes.append(
			_outcome(base, run, now, list(changes), settings, as_of, names, part, base_run, started)
		)
	if last_plan(store) != base_run:
		raise BusyError(
			"The store was planned anew while the scenario was at work.", "Run the scenario again."
		)
	return outcomes


def last_plan(store: Store) -> str:
	"""The newest completed run that wrote recommendations; empty: none is recorded."""
	runs = store.read(RUNS, flow=list(PLANS), status="Completed")
	return "" if runs.empty else str(runs.sort_values(["started", "run"])["run"].iloc[-1])


def _steps(base: OverlayStore) -> tuple[str, ...]:
	"""Forecasts are never made anew; lead times only where they were never measured."""
	return ("suppliers", "buying") if base.read(LEAD_TIMES).empty else ("buying",)


def _plan(store: OverlayStore, settings: chain.PlanSettings, as_of: date, progress, steps=("buying",)) -> Run:
	return chain.plan(store, settings, as_of=as_of, only=steps, trigger="scenario", progress=progress)


def _side(store: OverlayStore, settings: chain.PlanSettings) -> Side:
	return Side(store.read(RECOMMENDATIONS), store.read(STOCK_POLICY), settings.policy.holding_rate)


def _outcome(base, base_plan, now, changes, settings, as_of, names, progress, base_run, started) -> Outcome:
	facts = _facts(base, changes, names, as_of)
	ruled = ruled_settings(settings, changes, _spent(now))
	overlay = OverlayStore(base, table_changes(changes, facts), name=THEN)
	run = _plan(overlay, ruled, as_of, progress)
	items = base.read(ITEMS)
	difference = compare(
		now,
		_side(overlay, ruled),
		items,
		pd.Timestamp(as_of),
		told=_listed([str(change) for change in changes]),
		currency=company_currency(base),
	)
	difference = replace(difference, orders=ORDER_DIFFERENCES.validate(difference.orders))
	notes = [
		f"{_capital(str(change))}: {'; '.join(facts.notes[change])}."
		for change in changes
		if change in facts.notes
	]
	return Outcome(
		changes=changes,
		difference=difference,
		notes=notes,
		warnings=_warnings(changes, facts, base_plan, run),
		tables=overlay.written,
		as_of=as_of,
		budget=ruled.policy.budget,
		base_run=base_run,
		seconds=time.monotonic() - started,
	)


def _facts(base: OverlayStore, changes: list[Change], names: Names, as_of: date) -> Facts:
	kinds = {change.kind for change in changes}
	items, warehouses = base.read(ITEMS), base.read(WAREHOUSES)
	forecasts = base.read(FORECASTS) if "demand" in kinds else FORECASTS.empty()
	if "demand" in kinds and forecasts.empty:
		raise NoDataError("There is no forecast whose demand could be changed.", "Run the plan first.")
	return Facts(
		names=names,
		group=dict(zip(items["item_code"], items["item_group"], strict=True)),
		market=dict(zip(warehouses["warehouse"], warehouses["market"], strict=True)),
		forecasts=forecasts,
		order_lines=_open_lines(base) if kinds & {"late", "gone"} else {},
		as_of=pd.Timestamp(as_of),
	)


def _open_lines(base: OverlayStore) -> dict[str, str]:
	"""Open purchase order line -> supplier."""
	rows = base.read(RECEIPTS)
	rows = rows[rows["received_on"].isna()]
	return dict(zip(rows["order_line"], rows["supplier"], strict=True))


def _spent(now: Side) -> float:
	return float(now.recommendations["cost"].sum())


def ruled_settings(
	settings: chain.PlanSettings, changes: Sequence[Change], spent: float
) -> chain.PlanSettings:
	"""The planning rules a scenario wants.

	Args:
	    spent: what the plan as it is would spend; a budget not set is cut from that.

	Raises:
	    SentiaError: the rules that come out make no sense.
	"""
	policy = settings.policy
	for change in sorted(changes, key=lambda c: c.service_class != ""):  # all classes, then single ones
		share = round(change.value / 100, 9)
		match change.kind:
			case "service" if not change.service_class:
				policy = replace(policy, service_level=share, service_levels="")
			case "service":
				levels = policy.levels() | {change.service_class: share}
				words = " ".join(f"{name}={round(level * 100, 6):g}" for name, level in levels.items())
				policy = replace(policy, service_levels=words)
			case "budget":
				policy = replace(policy, budget=float(change.value))
			case "budget cut":
				limit = spent if policy.budget is None else policy.budget
				policy = replace(policy, budget=round(limit * (1 - share), 2))
			case "no budget":
				policy = replace(policy, budget=None)
			case "review":
				policy = replace(policy, review_days=int(change.value))
			case "holding":
				policy = replace(policy, holding_rate=share)
	try:
		policy.check()
	except ValueError as error:
		raise SentiaError(f"The scenario's rules: {error}") from error
	return replace(settings, policy=policy)


def _warnings(changes: list[Change], facts: Facts, base_plan: Run, run: Run) -> list[str]:
	"""Changes that met nothing; what the scenario's plan warns of beyond today's."""
	idle = [c for c in changes if c in facts.notes and all(text.startswith("0 ") for text in facts.notes[c])]
	found = [f"{_capital(str(change))} concerns nothing in the plan." for change in idle]
	return found + [text for text in run.warnings if text not in base_plan.warnings]


def company_currency(store: Store) -> str:
	"""The currency whose rate is 1; empty where none is known."""
	known = store.read(CURRENCIES)
	return next(iter(known.loc[known["rate"] == 1.0, "currency"]), "")


def _part(progress: Progress | None, start: float, share: float, name: str) -> Progress | None:
	if progress is None:
		return None
	return lambda done, text: progress(start + share * done, f"{name}: {text}")


def _listed(texts: list[str]) -> str:
	return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _capital(text: str) -> str:
	return text[:1].upper() + text[1:]
