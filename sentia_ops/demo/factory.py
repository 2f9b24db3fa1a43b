"""What the demo company's plant has to do: jobs from its open work orders and from next week's plan, in mid-week state.

The last weekly lot of work orders is on the shop floor, some operations of it done, a few under way; older orders are
on their way to the markets. Next week's orders still have to take their materials. Three jobs are there to be found:
one whose material comes late, one that no shift is long enough for, one that a customer is in a hurry for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.demo import catalogue as c
from sentia_ops.demo import plant
from sentia_ops.scheduling.frames import ROUTINGS

LOT_DAYS = 7  # the plant starts a lot a week: what was started before is done
SHIPPING = {"UK": 0, "EU": 3, "USA": 7}  # days on the road within the promised ones
LOAD = 1.35  # jobs for each item that is made: those running and next week's plan together
MOST_ELAPSED = 0.5  # of the lot's week
DUE_HOUR = 16
LARGEST_LOT = 700  # pieces; more cannot be painted in one shift
HOLIDAY_AFTER = 9  # days


@dataclass
class Factory:
	"""Frames by name, and what a schedule has to find: job, finding, code (of an unplaced operation), material."""

	tables: dict[str, pd.DataFrame]
	truth: pd.DataFrame


@dataclass
class Orders:
	"""Rows of jobs, operations, modes and materials as they are made."""

	routings: pd.DataFrame
	boms: pd.DataFrame
	jobs: list[dict] = field(default_factory=list)
	operations: list[dict] = field(default_factory=list)
	modes: list[dict] = field(default_factory=list)
	materials: list[dict] = field(default_factory=list)

	def add(self, job: dict, done: int = 0, takes: bool = True) -> None:
		"""A job of its item's routing; the first `done` operations are done; `takes`: materials are still to be taken."""
		routing = self.routings[self.routings["item_code"] == job["item_code"]]
		self.jobs.append(job)
		steps = routing.drop_duplicates("step").sort_values("step")
		shared = [
			"step",
			"operation",
			"after",
			"min_wait",
			"max_wait",
			"family",
			"batch_key",
			"splittable",
			"kind",
		]
		for place, row in enumerate(steps[[*shared, "rework_share"]].to_dict("records")):
			status = "done" if place < done else "pending"
			self.operations.append({"job": job["job"], "status": status, **row})
		for row in routing.itertuples():
			minutes = float(np.ceil(row.minutes_fixed + row.minutes_per_unit * job["qty"]))
			mode = {"step": row.step, "workstation": row.workstation, "minutes": minutes, "needs": row.needs}
			self.modes.append({"job": job["job"], **mode})
		if takes:
			known = set(steps["step"])
			for row in self.boms[self.boms["item_code"] == job["item_code"]].itertuples():
				self.materials.append(
					{"job": job["job"], "item_code": row.material, "qty": round(row.qty * job["qty"], 3)}
					| {"warehouse": c.WAREHOUSES["UK"], "step": plant.step_of(row.material, known)}
				)


def make_factory(
	items: pd.DataFrame,
	boms: pd.DataFrame,
	production: pd.DataFrame,
	stock: pd.DataFrame,
	inbound: pd.DataFrame,
	as_of: date,
	rng: np.random.Generator,
) -> Factory:
	"""The plant's tables.

	Args:
	    items: with item_code, is_made; boms: item_code, material, qty of one piece.
	    production: the truth's work orders, those without `finished_on` are open.
	    as_of: the first day to plan for; the plant stands as on the evening before.
	"""
	made = items.loc[items["is_made"], "item_code"].tolist()
	routing = ROUTINGS.validate(plant.routings(made))
	orders, today = Orders(routing, boms), pd.Timestamp(as_of)
	_running(orders, production, today, rng)
	_planned(orders, made, today, rng)
	truth = [_rush(orders), _late_material(orders, stock, inbound, today), _infeasible(orders, today)]
	operations = _started(pd.DataFrame(orders.operations), pd.DataFrame(orders.modes), today)
	taken = pd.DataFrame(orders.materials, columns=["job", "item_code", "qty", "warehouse", "step"])
	tables = {
		"workstations": plant.workstations(),
		"shifts": plant.shifts(),
		"calendar_exceptions": _holiday(today),
		"setups": plant.setups(),
		"maintenance": _maintenance(today),
		"routings": routing,
		"routing_materials": _recipes(boms, routing),
		"jobs": pd.DataFrame(orders.jobs),
		"job_materials": taken,
		"operations": operations,
		"operation_modes": pd.DataFrame(orders.modes),
	}
	columns = ["job", "finding", "code", "material"]
	return Factory(tables, pd.DataFrame([row for row in truth if row], columns=columns))


def _running(orders: Orders, production: pd.DataFrame, today: pd.Timestamp, rng: np.random.Generator) -> None:
	"""The last lot: due soonest first, and the further the sooner."""
	lot = production[production["finished_on"].isna()]
	lot = lot[lot["started_on"] >= today - pd.Timedelta(days=LOT_DAYS)]
	market = lot["warehouse"].map({name: market for market, name in c.WAREHOUSES.items()})
	lot = lot.assign(due=lot["due_on"] - pd.to_timedelta(market.map(SHIPPING), unit="D"))
	lot = lot[lot["due"] >= today].sort_values(["due", "work_order"])  # the others are done and on the road
	elapsed = ((today - lot["started_on"]).dt.days.to_numpy() / LOT_DAYS).clip(max=MOST_ELAPSED)
	for place, row in enumerate(lot.itertuples()):
		steps = orders.routings.loc[orders.routings["item_code"] == row.item_code, "step"].nunique()
		share = max(elapsed[place] * 1.6 - place / max(len(lot), 1), 0.0)
		done = min(int(share * steps), steps - 1)
		orders.add(
			{
				"job": row.work_order,
				"item_code": row.item_code,
				"qty": row.qty,
				"priority": int(rng.choice([2, 3, 3, 3, 4])),
				"release_at": row.started_on,
				"due_at": row.due + pd.Timedelta(hours=DUE_HOUR),
				"status": "in progress" if done else "pending",
				"work_order": row.work_order,
				"warehouse": row.warehouse,
			},
			done=done,
			takes=False,  # a work order took them on the day it started
		)


def _planned(orders: Orders, made: list[str], today: pd.Timestamp, rng: np.random.Generator) -> None:
	"""Next week's plan: not yet work orders, so called PLAN-nnn."""
	running = len(orders.jobs)
	wanted = min(max(round(len(made) * LOAD) - running, 2), len(made))
	soonest = 8 if running > wanted / 2 else 5  # days; early in the week little of the last lot is left to do
	for number, item in enumerate(sorted(rng.permutation(made)[:wanted]), 1):
		due = _workday(today + pd.Timedelta(days=int(rng.integers(soonest, 16))), 0)
		orders.add(
			{
				"job": f"PLAN-{number:03d}",
				"item_code": item,
				"qty": float(rng.integers(5, 26) * 6),
				"priority": int(rng.choice([3, 3, 4])),
				"due_at": due + pd.Timedelta(hours=DUE_HOUR),
				"status": "pending",
				"warehouse": c.WAREHOUSES["UK"],
			}
		)


def _rush(orders: Orders) -> dict:
	"""A customer wants one of the planned orders soon."""
	job = next(job for job in orders.jobs if job["job"].startswith("PLAN-"))
	first = min(other["due_at"] for other in orders.jobs if other is not job)
	job |= {
		"priority": 1,
		"due_at": max(first, job["due_at"] - pd.Timedelta(days=6)),
		"customer": "Alderway Home Stores",
	}
	return {"job": job["job"], "finding": "in a hurry", "code": "", "material": ""}


def _late_material(
	orders: Orders, stock: pd.DataFrame, inbound: pd.DataFrame, today: pd.Timestamp
) -> dict | None:
	"""One more order, so large that a component has to wait for its delivery; the smallest such order."""
	there = stock.groupby("item_code")["on_hand"].sum()
	used = pd.DataFrame(orders.materials).groupby("item_code")["qty"].sum()
	soon = inbound[(inbound["kind"] == "PO") & (inbound["due_date"] >= today + pd.Timedelta(days=2))]
	coming = soon.groupby("item_code").agg(qty=("qty", "sum"), at=("due_date", "max"))
	rows = orders.boms[orders.boms["material"].isin(coming.index)]
	if rows.empty:
		return None
	left = rows["material"].map(there).fillna(0.0) - rows["material"].map(used).fillna(0.0)
	rows = rows.assign(
		lot=np.ceil((left.clip(lower=0) / rows["qty"] + 12) / 6) * 6, at=rows["material"].map(coming["at"])
	)
	rows = rows[rows["lot"] * rows["qty"] <= left.clip(lower=0) + rows["material"].map(coming["qty"])]
	rows = rows[rows["lot"] <= LARGEST_LOT]
	if rows.empty:
		return None
	best = rows.sort_values(["lot", "material", "item_code"]).iloc[0]
	last = max(job["due_at"] for job in orders.jobs)
	orders.add(
		{
			"job": "PLAN-901",
			"item_code": best["item_code"],
			"qty": float(best["lot"]),
			"priority": 3,
			"due_at": max(last, best["at"] + pd.Timedelta(days=1, hours=DUE_HOUR)) + pd.Timedelta(hours=1),
			"status": "pending",
			"warehouse": c.WAREHOUSES["UK"],
		}
	)
	return {"job": "PLAN-901", "finding": "material late", "code": "", "material": best["material"]}


def _infeasible(orders: Orders, today: pd.Timestamp) -> dict:
	"""A type test of fifteen hours in one go, on a bench that is open for eight."""
	item = orders.jobs[0]["item_code"]
	orders.jobs.append(
		{"job": "TYPE-TEST-1", "item_code": item, "qty": 1.0, "priority": 4, "status": "pending"}
		| {"due_at": today + pd.Timedelta(days=14, hours=DUE_HOUR), "warehouse": c.WAREHOUSES["UK"]}
	)
	step = {"job": "TYPE-TEST-1", "step": plant.INSPECT, "operation": "Endurance test"}
	orders.operations.append({**step, "kind": "inspection", "status": "pending"})
	orders.modes.append(
		{
			"job": "TYPE-TEST-1",
			"step": plant.INSPECT,
			"workstation": plant.BENCH,
			"minutes": 900.0,
			"needs": "",
		}
	)
	return {
		"job": "TYPE-TEST-1",
		"finding": "cannot be placed",
		"code": "too long for a shift",
		"material": "",
	}


def _started(operations: pd.DataFrame, modes: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	"""The first operation that can be, on each of three machines, was begun last evening and goes on in the morning."""
	empty = pd.Series(pd.NaT, operations.index, dtype="datetime64[ns]")
	operations = operations.assign(fixed_workstation="", fixed_start=empty, fixed_end=empty, fixed_why="")
	ready = operations[operations["job"].str.startswith("WO-") & operations["status"].eq("pending")]
	ready = ready.drop_duplicates("job")  # of each job the first that is not done
	begun: set[str] = set()
	for station in ("Press 1", "Moulder 1", "Line 1"):
		there = ready.reset_index().merge(modes[modes["workstation"] == station], on=["job", "step"])
		there = there[~there["job"].isin(begun)]
		if there.empty:
			continue
		row = there.iloc[0]
		begun.add(row["job"])
		start, end = _over_night(station, int(row["minutes"]), today)
		names = ["status", "fixed_workstation", "fixed_why"]
		operations.loc[row["index"], names] = ["started", station, "started"]
		operations.loc[row["index"], ["fixed_start", "fixed_end"]] = [start, end]
	return operations


def _over_night(station: str, minutes: int, today: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
	"""From the last working evening into the first working morning: half of the work then, but no more than it holds."""
	shifts = next(s.shifts for s in plant.STATIONS if s.name == station)
	opens, *_rest = (pd.Timedelta(f"{a}:00") for a, _b in shifts)
	late = [pd.Timedelta(f"{text}:00") for text in shifts[-1]]
	before = min(minutes - minutes // 2, int((late[1] - late[0]).total_seconds() // 60))
	start = _workday(today, -1) + late[1] - pd.Timedelta(minutes=before)
	return start, _workday(today, 0) + opens + pd.Timedelta(minutes=minutes - before)


def _workday(day: pd.Timestamp, before: int) -> pd.Timestamp:
	"""The first working day from `day` on, or (-1) the last before it."""
	day = day + pd.Timedelta(days=before)
	while day.weekday() not in plant.WORKDAYS:
		day += pd.Timedelta(days=1 if before == 0 else -1)
	return day


def _holiday(today: pd.Timestamp) -> pd.DataFrame:
	"""A closed day for all that keep working hours."""
	day = _workday(today + pd.Timedelta(days=HOLIDAY_AFTER), 0)
	closed = [s.name for s in plant.STATIONS if s.shifts]
	return pd.DataFrame(
		{
			"workstation": closed,
			"starts_at": day,
			"ends_at": day + pd.Timedelta(days=1),
			"open": False,
			"reason": "Company day",
		}
	)


def _maintenance(today: pd.Timestamp) -> pd.DataFrame:
	"""Two that the solver may place, and one at a fixed hour."""
	fixed = _workday(today + pd.Timedelta(days=4), 0) + pd.Timedelta(hours=6)
	rows = [
		(
			"MAINT-1",
			"Moulder 1",
			180,
			today,
			today + pd.Timedelta(days=7),
			pd.NaT,
			4.0,
			"Screw and barrel service: wear 82 %",
		),
		("MAINT-2", plant.BOOTH, 90, today, today + pd.Timedelta(days=6), pd.NaT, 2.0, "Filter change"),
		(
			"MAINT-3",
			"Press 2",
			120,
			fixed,
			fixed + pd.Timedelta(hours=2),
			fixed,
			1.0,
			"Calibration by the maker",
		),
	]
	columns = ["maintenance", "workstation", "minutes", "earliest", "latest", "starts_at", "risk", "reason"]
	return pd.DataFrame(rows, columns=columns)


def _recipes(boms: pd.DataFrame, routing: pd.DataFrame) -> pd.DataFrame:
	steps = routing.groupby("item_code")["step"].agg(set)
	rows = boms[boms["item_code"].isin(steps.index)].reset_index(drop=True)
	step = [plant.step_of(row.material, steps[row.item_code]) for row in rows.itertuples()]
	return rows.assign(warehouse=c.WAREHOUSES["UK"], step=step)
