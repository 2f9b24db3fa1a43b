"""The earliest honest date for an order that is no job yet, in the gaps of the schedule that people work by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentia_ops.replenishment.frames import STOCK
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.scheduling.orders import order_rows
from sentia_ops.scheduling.reading import check, current, read_tables
from sentia_ops.store import Store
from sentia_ops.store.frame import Frame
from sentia_ops.store.overlay import OverlayStore

if TYPE_CHECKING:
	from sentia_ops.scheduling.engine.prepare import Built

NEW = "the new order"


@dataclass(frozen=True)
class Promised:
	"""What can be said to a customer.

	Attributes:
	    at: when the order is made; None: no date can be promised, `text` says why.
	    text: the date with its arithmetic, in one sentence.
	    chain: its way through the shop: {kind, text, from, until, hours, job, step, workstation}.
	    schedule: the schedule whose gaps were used; empty: there is none, a quick one by rule was.
	    free: of the item in stock, not reserved; None: no stock is known.
	    notes: what to know about the date.
	"""

	item_code: str
	qty: float
	at: pd.Timestamp | None
	text: str
	chain: list[dict[str, Any]] = field(default_factory=list)
	schedule: str = ""
	free: float | None = None
	notes: tuple[str, ...] = ()


def promise(
	store: Store, item_code: str, qty: float, settings: ScheduleSettings, now: pd.Timestamp | None = None
) -> Promised:
	"""When `qty` of an item could be made, materials and the jobs already planned considered; nobody else is moved.

	Raises:
	    SentiaError: the quantity is not above 0.
	    NoDataError: nobody knows how the item is made.
	"""
	from sentia_ops.scheduling.engine import promise as engine
	from sentia_ops.scheduling.engine.prepare import build

	check(settings)
	now = pd.Timestamp(store.today()) if now is None else pd.Timestamp(now)
	name = current(store)
	with_it = with_rows(store, order_rows(store, item_code, qty, name=NEW))
	tables, _warnings = read_tables(with_it, now, published=name)
	built = build(tables, now, settings)
	shop, routing = apart(built, NEW)
	job = tables.jobs.set_index("job").loc[NEW]
	release = None if job["material_missing"] else 0  # its operations wait for their own materials
	found = engine.promise(
		shop,
		as_published(shop),
		routing,
		release,
		name=NEW,
		material=job["material"],
		unplaced=[u for u in built.unplaced if u.job == NEW],
	)
	return Promised(
		item_code, qty, found.at, found.text, found.chain, name, _free(store, item_code), _notes(tables.published, name, now)
	)  # fmt: skip


def with_rows(
	store: Store, rows: Sequence[tuple[Frame, pd.DataFrame]], name: str = "overlay"
) -> OverlayStore:
	"""The store with rows added to its tables, in place of those with the same key; nothing is written."""
	parts: dict[str, list[pd.DataFrame]] = {}
	keys = {frame.name: list(frame.key) for frame, _part in rows}
	for frame, part in rows:
		parts.setdefault(frame.name, []).append(part)
	return OverlayStore(
		store, {table: _adder(keys[table], added) for table, added in parts.items()}, name=name
	)


def _adder(key: list[str], parts: list[pd.DataFrame]):
	def add(rows: pd.DataFrame) -> pd.DataFrame:
		both = pd.concat([part for part in (rows, *parts) if len(part)], ignore_index=True)
		return both.drop_duplicates(key, keep="last", ignore_index=True)

	return add


def apart(built: Built, job: str) -> tuple[Built, list]:
	"""The problem without one job, and that job's operations, their `after` counted within them."""
	problem = built.problem
	gone = {i for i, each in enumerate(problem.jobs) if each.name == job}
	kept = [i for i in range(len(problem.jobs)) if i not in gone]
	stays = _numbered(i for i, op in enumerate(problem.operations) if op.job not in gone)
	taken = _numbered(i for i, op in enumerate(problem.operations) if op.job in gone)
	rest = replace(
		problem,
		jobs=[problem.jobs[i] for i in kept],
		operations=_moved(problem.operations, stays, _numbered(kept)),
		previous={stays[i]: place for i, place in problem.previous.items() if i in stays},
	)
	routing = _moved(problem.operations, taken, dict.fromkeys(gone, 0))
	return replace(built, problem=rest, op_keys=[built.op_keys[i] for i in stays]), routing


def _numbered(kept: Iterable[int]) -> dict[int, int]:
	return {old: new for new, old in enumerate(kept)}


def _moved(operations: Sequence, kept: dict[int, int], jobs: dict[int, int]) -> list:
	"""Operations that are kept, with the new numbers of their jobs and of those they wait for."""
	return [
		replace(op, job=jobs[op.job], after=tuple(replace(after, op=kept[after.op]) for after in op.after))
		for op in (operations[i] for i in kept)
	]


def as_published(built: Built):
	"""The problem's operations where the schedule has them, moved only where they must be; new ones by rule."""
	from sentia_ops.scheduling.engine.repair import repair

	return repair(built.problem, built.problem.previous)


def _free(store: Store, item_code: str) -> float | None:
	stock = store.read(STOCK, item_code=item_code)
	return None if stock.empty else float((stock["on_hand"] - stock["reserved"]).clip(lower=0).sum())


def _notes(published: pd.DataFrame, name: str, now: pd.Timestamp) -> tuple[str, ...]:
	if not name:
		return (
			"There is no schedule yet: the jobs were put in order by a quick rule. Make one for a better date.",
		)
	known = published[published["starts_at"] < now]
	late = int((known["fixed_why"] != "started").sum())
	if not late:
		return ()
	return (
		f"{late} operations of {name} should have started before {now:%d %b %H:%M}; those still open were moved to follow.",
	)
