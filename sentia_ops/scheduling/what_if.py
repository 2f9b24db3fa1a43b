"""What a change would do to the schedule: a machine down, overtime, a rush order, late material, a pinned operation.

	before, after, difference = what_if(store, [{"kind": "down", "workstation": "Press 1", "from": ..., "until": ...}])

Both schedules are made now, the second one from the first, so that all they differ in is the change: what need not move
stays. Nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentia_ops.errors import NoDataError, SentiaError
from sentia_ops.naming import closest
from sentia_ops.replenishment.frames import INBOUND
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.difference import Difference, compare
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.scheduling.flow import Made, make
from sentia_ops.scheduling.orders import order_rows
from sentia_ops.scheduling.promising import with_rows
from sentia_ops.scheduling.reading import check, current, read_tables
from sentia_ops.store import Store
from sentia_ops.store.frame import Frame
from sentia_ops.store.overlay import OverlayStore

if TYPE_CHECKING:
	from sentia_ops.scheduling.engine.prepare import Tables

KINDS = ("down", "overtime", "rush", "late", "pin")
BEFORE, AFTER = "as it is", "what if"
Change = dict[str, Any]


def what_if(
	store: Store,
	changes: Sequence[Change],
	settings: ScheduleSettings,
	now: pd.Timestamp | None = None,
	*,
	progress: Callable[[float, str], None] | None = None,
	stop: Callable[[], bool] | None = None,
	base: str = "",
	settle: bool = False,
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], Difference]:
	"""Schedule as things are and as they would be.

	Args:
	    changes: each {"kind": ..., ...}; times are local, ISO texts or timestamps:
	        down: workstation, from, until, reason (optional): closed in that time;
	        overtime: workstation, from, until: open in that time;
	        rush: item_code, qty, due (optional), priority (optional, 1): a new order;
	        late: item_code, days, voucher (optional): deliveries of a material come so much later;
	        pin: job, step, start, workstation (optional: where it is planned): the operation stays there.
	    base: the schedule to start from; default: the published one, else the newest draft.
	    settle: keep that schedule and move only what the changes push aside, instead of planning anew.

	Returns:
	    rows of the five result tables before and after by table name, and the difference between them.

	Raises:
	    SentiaError: a change names what does not exist, or makes no sense.
	    NoDataError: there is no open job.
	"""
	check(settings)
	if not changes:
		raise SentiaError("There is nothing to change.", f"Kinds of change: {', '.join(KINDS)}.")
	now = pd.Timestamp(store.today()) if now is None else pd.Timestamp(now)
	tell = progress or (lambda share, text: None)
	name = base or current(store)
	tables, _warnings = read_tables(store, now, published=name)
	if tables.jobs.empty:
		raise NoDataError(
			"There is no open job to schedule.", "Bring in tables jobs, operations and operation_modes."
		)
	before = make(
		tables,
		now,
		settings,
		name=BEFORE,
		published=name,
		stop=stop,
		settle=settle,
		progress=lambda s, t: tell(s / 2, f"{BEFORE}: {t}"),
	)
	planned = before.frames[f.SCHEDULED_OPERATIONS.name]
	overlay, told = apply(store, changes, planned, now)
	changed, _warnings = read_tables(overlay, now, published="")
	changed = replace(changed, published=f.SCHEDULED_OPERATIONS.validate(planned.assign(run="")))
	changed = _pinned(changed, changes, before)
	after = make(
		changed,
		now,
		settings,
		name=AFTER,
		published=BEFORE,
		stop=stop,
		settle=settle,
		progress=lambda s, t: tell(0.5 + s / 2, f"{AFTER}: {t}"),
	)
	return before.frames, after.frames, compare(before.frames, after.frames, told)


def apply(
	store: Store, changes: Sequence[Change], planned: pd.DataFrame, now: pd.Timestamp
) -> tuple[OverlayStore, list[str]]:
	"""The store as it would be, pins left out; and each change in words.

	Args:
	    planned: rows of scheduled_operations that pins are about.

	Raises:
	    SentiaError: see `what_if`.
	"""
	added: list[tuple[Frame, pd.DataFrame]] = []
	late: list[tuple[str, str, float]] = []
	told = []
	for number, change in enumerate(changes, 1):
		match change.get("kind"):
			case "down" | "overtime" as kind:
				row, text = _exception(store, change, kind, now)
				added.append((f.CALENDAR_EXCEPTIONS, row))
			case "rush":
				rows, text = _rush(store, change, number)
				added += rows
			case "late":
				item, voucher, days, text = _late(store, change)
				late.append((item, voucher, days))
			case "pin":
				text = _pin(planned, change)[1]
			case other:
				raise SentiaError(
					f"There is no change of kind {other!r}.", closest(str(other), KINDS, "Kinds")
				)
		told.append(text)
	overlay = with_rows(store, added, AFTER)
	return (OverlayStore(overlay, {INBOUND.name: _delayer(late)}, name=AFTER) if late else overlay), told


def _delayer(late: list[tuple[str, str, float]]):
	def delay(rows: pd.DataFrame) -> pd.DataFrame:
		rows = rows.copy()
		for item, voucher, days in late:
			mine = (rows["item_code"] == item) & (rows["voucher"].str.startswith(voucher))
			rows.loc[mine, "due_date"] += pd.Timedelta(days=days)
		return rows

	return delay


def _exception(store: Store, change: Change, kind: str, now: pd.Timestamp) -> tuple[pd.DataFrame, str]:
	station = _known(
		change, "workstation", store.read(f.WORKSTATIONS)["workstation"].tolist(), "Workstations"
	)
	start, until = _time(change, "from", now), _time(change, "until", None)
	if until <= start:
		raise SentiaError(
			f"{station}: {until:%d %b %H:%M} is not after {start:%d %b %H:%M}.", "Give a later 'until'."
		)
	overtime = kind == "overtime"
	reason = str(change.get("reason") or ("overtime" if overtime else "down"))
	row = {"workstation": station, "starts_at": start, "ends_at": until, "open": overtime, "reason": reason}
	what = f"overtime on {station}" if overtime else f"{station} down"
	words = f"{what} from {start:%a %d %b %H:%M} until {until:%a %d %b %H:%M}"
	return pd.DataFrame([row]), words


def _rush(store: Store, change: Change, number: int) -> tuple[list[tuple[Frame, pd.DataFrame]], str]:
	item, qty = str(change.get("item_code") or ""), _number(change, "qty")
	due = _time(change, "due", pd.NaT)
	priority = int(_number(change, "priority", 1))
	if not 1 <= priority <= 5:
		raise SentiaError(f"Priority {priority} is not between 1 (the most urgent) and 5.")
	taken = set(store.read(f.JOBS)["job"])
	name = next(
		n for n in (f"RUSH-{number}", *(f"RUSH-{number}-{i}" for i in range(2, 99))) if n not in taken
	)
	rows = order_rows(store, item, qty, name=name, priority=priority, due_at=due)
	by = "" if pd.isna(due) else f", due {due:%a %d %b %H:%M}"
	return rows, f"a rush order of {qty:g} {item} ({name}{by})"


def _late(store: Store, change: Change) -> tuple[str, str, float, str]:
	coming = store.read(INBOUND)
	item = _known(change, "item_code", sorted(set(coming["item_code"])), "Items on order")
	voucher, days = str(change.get("voucher") or ""), _number(change, "days")
	mine = coming[(coming["item_code"] == item) & coming["voucher"].str.startswith(voucher)]
	if mine.empty:
		listed = ", ".join(coming.loc[coming["item_code"] == item, "voucher"])
		raise SentiaError(f"{item} is not on order {voucher}.", f"It is on {listed}.")
	return item, voucher, days, f"{' '.join(filter(None, (item, voucher)))} {days:g} days later"


def _pin(planned: pd.DataFrame, change: Change) -> tuple[pd.Series, str]:
	"""The planned row of the operation, and words."""
	job = _known(change, "job", planned["job"].drop_duplicates().tolist(), "Jobs")
	steps = planned[planned["job"] == job]
	step = _number(change, "step")
	row = steps[steps["step"] == step]
	if row.empty:
		listed = ", ".join(str(s) for s in sorted(steps["step"]))
		raise SentiaError(f"{job} has no step {step:g} in the schedule.", f"Steps: {listed}.")
	row = row.iloc[0]
	station = str(change.get("workstation") or row["workstation"])
	start = _time(change, "start", row["starts_at"])
	return (
		row,
		f"{row['operation'] or f'step {row.step}'} of {job} pinned to {station} at {start:%a %d %b %H:%M}",
	)


def _pinned(tables: Tables, changes: Sequence[Change], before: Made) -> Tables:
	"""Tables with the pins of `changes` in operations."""
	operations = tables.operations.copy()
	for change in changes:
		if change["kind"] != "pin":
			continue
		planned, _words = _pin(before.frames[f.SCHEDULED_OPERATIONS.name], change)
		station = str(change.get("workstation") or planned["workstation"])
		start = _time(change, "start", planned["starts_at"])
		mine = (operations["job"] == planned["job"]) & (operations["step"] == planned["step"])
		if not mine.any():
			raise SentiaError(f"{planned['job']} step {planned['step']} is not one that can be pinned.")
		end = pinned_end(before, planned["job"], int(planned["step"]), station, start)
		operations.loc[mine, ["fixed_workstation", "fixed_why"]] = [station, "pinned"]
		operations.loc[mine, "fixed_start"], operations.loc[mine, "fixed_end"] = start, end
	return replace(tables, operations=operations)


def pinned_end(made: Made, job: str, step: int, station: str, start: pd.Timestamp) -> pd.Timestamp:
	"""When an operation ends that is pinned to start there and then, by the station's working hours.

	Raises:
	    SentiaError: it cannot run on that station; hint: on which it can.
	"""
	from sentia_ops.scheduling.engine.calendars import finish, intersect

	built = made.built
	operation = built.problem.operations[built.op_keys.index((job, step))]
	modes = {built.lanes[mode.resource]: mode for mode in operation.modes}
	if station not in modes:
		raise SentiaError(f"{job} step {step} cannot run on {station}.", f"It can run on {', '.join(modes)}.")
	mode = modes[station]
	begin, windows = built.to_minutes(start), None
	for resource in (mode.resource, *(r for r, _units in mode.needs)):
		own = built.problem.resources[resource].windows
		windows = own if windows is None else windows if own is None else intersect(windows, own)
	found = (
		(begin, begin + mode.minutes)
		if windows is None
		else finish(windows, begin, mode.minutes, operation.splittable)
	)
	# outside the working hours: the planner knows that somebody is there
	return built.to_local(found[1] if found and found[0] == begin else begin + mode.minutes)


# what a change says


def _known(change: Change, key: str, names: list[str], what: str) -> str:
	name = str(change.get(key) or "")
	if name not in names:
		raise SentiaError(f"{change['kind']}: there is no {key} {name!r}.", closest(name, names, what))
	return name


def _number(change: Change, key: str, default: float | None = None) -> float:
	value = change.get(key, default)
	try:
		return float(value)
	except (TypeError, ValueError):
		raise SentiaError(f"{change['kind']}: {key} must be a number, not {value!r}.") from None


def _time(change: Change, key: str, default: Any) -> pd.Timestamp:
	value = change.get(key)
	if value is None or value == "":
		if default is None:
			raise SentiaError(f"{change['kind']}: {key} is missing.", "Give a time such as 2026-11-23 14:00.")
		return default
	try:
		found = (
			pd.NaT
			if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d", value)
			else pd.Timestamp(value)
		)
	except (TypeError, ValueError):
		found = pd.NaT
	if pd.isna(found) or found.tzinfo is not None:
		raise SentiaError(
			f"{change['kind']}: {key} {value!r} is no local time.", "Write it as 2026-11-23 14:00."
		)
	return found
