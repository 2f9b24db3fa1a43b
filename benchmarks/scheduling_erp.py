"""An ERP-sized factory: 400 jobs, 2,000 operations, 25 workstations; dispatching rules, ERPNext, plain CP-SAT and ours.

One measure for all: weighted hours late (priority 1 counts 8, each step halves it), of a schedule that keeps every rule
of the factory by the independent verifier of the tests. A plan that does not know of setups, people or breakdowns is
carried out as it would be in the shop: every station takes its work in the planned order, with the setups that this
costs, as early as everything allows.

	python benchmarks/scheduling_erp.py [--seed N] [--workers N] [--quick]

`scheduling.py` calls `rows`. Seeds 1 and 2 were used in development.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import monotonic

import numpy as np
import pandas as pd

BEGAN = monotonic()
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "scheduling"))
from scheduling_factory import NOW, factory  # noqa: E402
from scheduling_greedy import erpnext_order  # noqa: E402
from scheduling_plain import plain_cp_sat  # noqa: E402
from verifier import aims, violations  # noqa: E402

from sentia_ops.scheduling.engine.decode import decode  # noqa: E402
from sentia_ops.scheduling.engine.dispatch import RULES, dispatch, quick  # noqa: E402
from sentia_ops.scheduling.engine.prepare import Built, Tables, build  # noqa: E402
from sentia_ops.scheduling.engine.problem import Objective, Problem, Schedule  # noqa: E402
from sentia_ops.scheduling.engine.settings import ScheduleSettings  # noqa: E402

HORIZON = 60  # days
LIMITS = (5.0, 60.0)
TARDINESS = Objective((("tardiness", 1.0),))
BREAK_AFTER, BROKEN = pd.Timedelta(days=2, hours=3), pd.Timedelta(hours=10)
REPLAN_LIMIT = 5.0  # seconds for the solver; making the problem and telling why comes on top
SIZE = (400, 2000)  # jobs, operations


def rows(seed: int, workers: int = 2, quick: bool = False) -> list[dict]:
	"""Rows of the table: method, weighted hours late, share of the best rule, setup hours, late jobs, seconds."""
	tables = factory(seed, *SIZE)
	built = build(tables, NOW, ScheduleSettings(horizon_days=HORIZON))
	found = [first_schedule(seed)]
	_compile()
	found += [_row(built.problem, f"rule {rule}", *_timed(dispatch, built.problem, rule)) for rule in RULES]
	best = min(row["weighted_hours_late"] for row in found if row["method"].startswith("rule"))
	found.append(_row(built.problem, "ERPNext's capacity planning", *_timed(erpnext, tables, built)))
	limits = [limit / 10 for limit in LIMITS] if quick else LIMITS
	for setups in (True, False):
		method = f"plain CP-SAT, {limits[-1]:g} s" + ("" if setups else ", setups only carried out")
		found.append(
			_row(
				built.problem, method, *_timed(plain_cp_sat, built.problem, limits[-1], workers, seed, setups)
			)
		)
	for limit in limits:
		schedule, seconds = _timed(ours, built.problem, limit, workers, seed)
		found.append(_row(built.problem, f"ours, {limit:g} s", schedule, seconds))
	found += replan(tables, built, schedule, workers, seed)
	return [{"seed": seed, **row, "of_best_rule": _share(row, best)} for row in found]


def _compile() -> None:
	"""Compiles, or reads from disk, what all methods here run on; the first row is the one without it."""
	from sentia_ops.scheduling.engine.improve import improve

	problem = build(factory(0, 10, 50), NOW, ScheduleSettings(horizon_days=HORIZON)).problem
	improve(problem, dispatch(problem, "ATC", compiled=True), TARDINESS, 60.0, rounds=1)


def _share(row: dict, best: float) -> float | None:
	late = row.get("weighted_hours_late")
	return None if late is None or not best else round(late / best, 4)


def _timed(call, *given):
	began = monotonic()
	return call(*given), monotonic() - began


def _row(problem: Problem, method: str, schedule: Schedule | None, seconds: float) -> dict:
	row = {"method": method, "seconds": round(seconds, 2)}
	if schedule is None:
		return row
	value, ends = aims(problem, schedule), np.full(len(problem.jobs), -1)
	np.maximum.at(ends, [operation.job for operation in problem.operations], schedule.end)
	late = [job.due is not None and end > job.due for job, end in zip(problem.jobs, ends, strict=True)]
	return {
		**row,
		"weighted_hours_late": round(value["tardiness"] / 60, 1),
		"late_jobs": int(sum(late)),
		"setup_hours": round(value["setup"] / 60, 1),
		"days": round(value["makespan"] / 1440, 1),
		"broken": violations(problem, schedule)[:3],
	}


def ours(problem: Problem, limit: float, workers: int, seed: int) -> Schedule:
	from sentia_ops.scheduling.engine.solve import solve

	return solve(problem, TARDINESS, limit=limit, workers=workers, seed=seed).schedule


def erpnext(tables: Tables, built: Built) -> Schedule:
	"""ERPNext's plan as the shop would carry it out."""
	order, modes = erpnext_order(tables, built, NOW)
	return decode(built.problem, order, modes)


def first_schedule(seed: int) -> dict:
	"""Seconds to the first schedule in a process of its own, with nothing compiled on disk."""
	with tempfile.TemporaryDirectory() as folder:
		command = [sys.executable, __file__, "--first", "--seed", str(seed)]
		given = {
			**os.environ,
			"NUMBA_CACHE_DIR": folder,
			"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
		}
		done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
	return json.loads(done.stdout)


def _first(seed: int) -> dict:
	imported = monotonic() - BEGAN
	tables = factory(seed, *SIZE)
	began = monotonic()
	problem = build(tables, NOW, ScheduleSettings(horizon_days=HORIZON)).problem
	schedule = quick(problem)
	row = _row(problem, "first schedule, new process, nothing compiled", schedule, monotonic() - began)
	return {**row, "import_seconds": round(imported, 2)}


def replan(tables: Tables, built: Built, schedule: Schedule, workers: int, seed: int) -> list[dict]:
	"""A machine breaks down on the third morning; how soon there is a new plan, and how much of the old one it moves."""
	from sentia_ops.scheduling.flow import make

	published = _published(built, schedule)
	now = NOW + BREAK_AFTER
	running = published[(published["ends_at"] > now) & ~published["workstation"].str.startswith("Oven")]
	soon = running[running["starts_at"] < now + BROKEN]
	station = soon.groupby("workstation")["minutes"].sum().idxmax()
	after = _at(tables, published, now)
	exception = {
		"workstation": station,
		"starts_at": now,
		"ends_at": now + BROKEN,
		"open": False,
		"reason": "breakdown",
	}
	after = replace(after, calendar_exceptions=pd.concat([after.calendar_exceptions, pd.DataFrame([exception])], ignore_index=True))  # fmt: skip
	settings = ScheduleSettings(
		horizon_days=HORIZON, time_limit=REPLAN_LIMIT, workers=workers, seed=seed, freeze_hours=0
	)
	began = monotonic()
	made = make(after, now, settings, published="PUB")
	seconds = monotonic() - began
	new = made.frames["scheduled_operations"].set_index(["job", "step"])
	pending = published[published["starts_at"] >= now]
	hit = (pending["workstation"] == station) & (pending["starts_at"] < now + BROKEN)
	untouched = pending[~hit].set_index(["job", "step"])
	both = untouched.join(new, rsuffix="_new", how="inner")
	moved = (both["starts_at"] != both["starts_at_new"]) | (both["workstation"] != both["workstation_new"])
	row = _row(made.built.problem, f"plan again: {station} down for {BROKEN / pd.Timedelta(hours=1):g} h", made.result.schedule, seconds)  # fmt: skip
	return [
		{
			**row,
			"untouched": len(both),
			"moved": int(moved.sum()),
			"moved_share": round(float(moved.mean()), 4),
		}
	]


def _published(built: Built, schedule: Schedule) -> pd.DataFrame:
	from sentia_ops.scheduling import frames as f

	rows = []
	for o, (job, step) in enumerate(built.op_keys):
		mode = built.problem.operations[o].modes[int(schedule.mode[o])]
		rows.append(
			{
				"schedule": "PUB", "job": job, "step": step, "workstation": built.lanes[mode.resource], "minutes": mode.minutes,
				"starts_at": built.to_local(int(schedule.start[o])), "ends_at": built.to_local(int(schedule.end[o])),
			}
		)  # fmt: skip
	return f.SCHEDULED_OPERATIONS.validate(pd.DataFrame(rows))


def _at(tables: Tables, published: pd.DataFrame, now: pd.Timestamp) -> Tables:
	"""The tables as they stand at `now`, when everything has gone by the published schedule so far."""
	place = published.set_index(["job", "step"])
	operations = tables.operations.copy()
	for i, row in enumerate(operations.itertuples(index=False)):
		at = place.loc[(row.job, row.step)]
		if at["starts_at"] >= now:
			continue
		done = at["ends_at"] <= now
		columns = ["status", "fixed_why", "fixed_workstation", "fixed_start", "fixed_end"]
		operations.loc[operations.index[i], columns] = ["done" if done else "started", "started", at["workstation"], at["starts_at"], at["ends_at"]]  # fmt: skip
	return replace(tables, operations=operations, published=published)


def main() -> None:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--seed", type=int, default=2026)
	parser.add_argument("--workers", type=int, default=2)
	parser.add_argument("--quick", action="store_true", help="a tenth of the time")
	parser.add_argument("--first", action="store_true", help="only the first schedule, as JSON")
	args = parser.parse_args()
	if args.first:
		print(json.dumps(_first(args.seed)))
		return
	print(pd.DataFrame(rows(args.seed, args.workers, args.quick)).to_string(index=False))


if __name__ == "__main__":
	main()
