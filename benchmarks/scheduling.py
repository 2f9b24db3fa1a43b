"""How short our schedules are on classical shops, and how good on a plant like an ERPNext user's, beside others'.

Every instance is given to all solvers one after the other, in turning order, with the same seconds and threads. The
independent verifier of the tests checks every schedule; one that breaks a rule counts as none.

	jobshop10   job shops, 10 s       gap to the best known makespan
	jobshop60   the harder ones, 60 s
	flexible    mk01 to mk08, 60 s
	setups      job shops with setups that depend on the order, 10 s; makespan beside the rivals'
	erp         400 jobs on 25 workstations with shifts and due dates; see scheduling_erp.py

	python benchmarks/scheduling.py [--part NAME ...] [--quick] [--seed N] [--workers N] [--json FILE]

Parts that are not run keep their rows in the JSON file, so that they can be run one by one on a quiet machine.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pandas as pd
from chain import machine
from scheduling_rivals import Answer, plain_cp_sat, pyjobshop

from sentia_ops.scheduling.engine.instances import FORMATS, with_setups
from sentia_ops.scheduling.engine.problem import Objective, Problem
from sentia_ops.scheduling.engine.shop.population import compile_kernels
from sentia_ops.scheduling.engine.solve import solve

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SENTIA_DATA", ROOT.parent / "shared" / "data")) / "scheduling"
RESULTS = ROOT / "benchmarks" / "results" / "scheduling.json"
sys.path.insert(0, str(ROOT / "tests" / "scheduling"))
from verifier import violations  # noqa: E402

HARDER = [f"ta{k:02}" for k in range(1, 11)] + [f"la{k}" for k in range(26, 31)] + ["abz7"]
QUICK = {"ft06", "la01", "ta01", "mk01"}
QUICK_SECONDS = 2.0
OURS = "ours"


@dataclass(frozen=True)
class Part:
	"""Instances of one kind with one limit in seconds."""

	folder: str
	limit: float
	only: tuple[str, ...] = ()


PARTS = {
	"jobshop10": Part("jobshop", 10.0),
	"jobshop60": Part("jobshop", 60.0, tuple(HARDER)),
	"flexible": Part("flexible", 60.0),
	"setups": Part("setups", 10.0),
}
ERP = "erp"


def main() -> None:
	args = parse_args()
	compile_kernels()  # once after an installation; 6 s of one core, during which CP-SAT searches alone
	kept = read(args.json) if args.json.exists() else []
	for name in args.part:
		rows = erp(args) if name == ERP else classical(name, args)
		kept = [row for row in kept if row["part"] != name] + rows
		print_part(name, rows)
		args.json.parent.mkdir(parents=True, exist_ok=True)
		args.json.write_text(json.dumps({"machine": machine(), "rows": kept}, indent=1) + "\n")


def parse_args() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--part", nargs="+", choices=[*PARTS, ERP], default=[*PARTS, ERP])
	parser.add_argument("--quick", action="store_true", help="one instance of each kind, 2 s; not kept")
	parser.add_argument("--seed", type=int, default=2026)
	parser.add_argument("--workers", type=int, default=2)
	parser.add_argument("--only", nargs="*", default=[], help="names of instances")
	parser.add_argument("--json", type=Path, help=f"where to keep the figures; default {RESULTS.name}")
	args = parser.parse_args()
	args.json = args.json or (Path(os.devnull) if args.quick else RESULTS)
	return args


def read(path: Path) -> list[dict]:
	text = path.read_text()
	return json.loads(text)["rows"] if text.strip() else []


def erp(args: argparse.Namespace) -> list[dict]:
	import scheduling_erp

	rows = scheduling_erp.rows(seed=args.seed, workers=args.workers, quick=args.quick)
	return [{"part": ERP, **row} for row in rows]


def classical(name: str, args: argparse.Namespace) -> list[dict]:
	part = PARTS[name]
	folder = DATA / part.folder
	if not folder.exists():
		print(f"{name}: skipped, {folder} is not here (set SENTIA_DATA to its folder).")
		return []
	limit = QUICK_SECONDS if args.quick else part.limit
	rows: list[dict] = []
	names = [file.stem for file in sorted(folder.iterdir())]
	wanted = args.only or part.only or names
	for turn, instance in enumerate(n for n in names if n in wanted and (not args.quick or n in QUICK)):
		problem = load(part.folder, instance)
		best = best_known().get((part.folder, instance))
		turned = list(SOLVERS)[turn % len(SOLVERS) :] + list(SOLVERS)[: turn % len(SOLVERS)]
		for solver in turned:
			row = measured(solver, problem, limit, args)
			rows.append({"part": name, "instance": instance, "best_known": best, "limit": limit, **row})
			print(f"{name} {instance} {solver}: {row['makespan']} ({row['seconds']} s)", file=sys.stderr)
	return rows


def load(folder: str, instance: str) -> Problem:
	if folder == "setups":
		problem = load("jobshop", instance)
		return with_setups(problem, (DATA / "setups" / f"{instance}.csv").read_text())
	return FORMATS[folder]((DATA / folder / f"{instance}.txt").read_text())


def best_known() -> dict[tuple[str, str], int]:
	with (DATA / "best_known.csv").open() as file:
		return {(row["set"], row["instance"]): int(row["best_known"]) for row in csv.DictReader(file)}


def ours(problem: Problem, seconds: float, workers: int, seed: int) -> Answer:
	result = solve(problem, Objective((("makespan", 1.0),)), limit=seconds, workers=workers, seed=seed)
	return Answer(result.schedule, result.bound)


SOLVERS: dict[str, Callable[[Problem, float, int, int], Answer]] = {
	"plain CP-SAT": plain_cp_sat,
	"PyJobShop": pyjobshop,
	OURS: ours,
}


def measured(solver: str, problem: Problem, limit: float, args: argparse.Namespace) -> dict:
	"""A solver's makespan, checked; None where it has none, or one that breaks a rule."""
	began = monotonic()
	answer = SOLVERS[solver](problem, limit, args.workers, args.seed)
	seconds = monotonic() - began
	broken = [] if answer.schedule is None else violations(problem, answer.schedule)
	makespan = None if answer.schedule is None or broken else int(answer.schedule.end.max())
	return {
		"solver": solver,
		"makespan": makespan,
		"bound": round(float(answer.bound)),
		"seconds": round(seconds, 1),
		"broken": broken[:3],
	}


def print_part(name: str, rows: list[dict]) -> None:
	if name == ERP:
		print(pd.DataFrame(rows).drop(columns="part").to_string(index=False))
	if not rows or name == ERP:
		return
	table: dict[str, dict[str, dict]] = {}
	for row in rows:
		table.setdefault(row["instance"], {})[row["solver"]] = row
	print(f"\n{name}, {rows[0]['limit']:g} s\n{'instance':10} {'best':>6}", *(f"{s:>13}" for s in SOLVERS))
	for instance, by_solver in table.items():
		best = next(iter(by_solver.values()))["best_known"] or "-"
		print(f"{instance:10} {best:>6}", *(f"{by_solver[s]['makespan'] or '-':>13}" for s in SOLVERS))
	summary(table)
	for row in rows:
		if row["broken"]:
			print(f"{row['instance']}, {row['solver']}: breaks a rule: {row['broken'][0]}")


def summary(table: dict[str, dict[str, dict]]) -> None:
	"""Mean gap to the best known (without one: to the best of all here), and how ours compares."""
	gaps: dict[str, list[float]] = {solver: [] for solver in SOLVERS}
	above_worse, above_better = [], []
	for by_solver in table.values():
		found = {s: by_solver[s]["makespan"] or float("inf") for s in SOLVERS}
		best = by_solver[OURS]["best_known"] or min(found.values())
		for solver, makespan in found.items():
			gaps[solver].append(makespan / best - 1)
		others = [makespan for solver, makespan in found.items() if solver != OURS]
		above_worse.append(found[OURS] / max(others) - 1)
		above_better.append(found[OURS] / min(others) - 1)
	means = {solver: sum(each) / len(each) for solver, each in gaps.items()}
	print(f"{'mean gap':17}", *(f"{means[s]:>13.3%}" for s in SOLVERS))
	seconds = {s: max(by_solver[s]["seconds"] for by_solver in table.values()) for s in SOLVERS}
	print(f"{'longest, s':17}", *(f"{seconds[s]:>13.1f}" for s in SOLVERS))
	for solver in SOLVERS:
		if solver != OURS:
			ratio = means[OURS] / means[solver] if means[solver] else float("nan")
			shorter = [
				1 - t[OURS]["makespan"] / t[solver]["makespan"]
				for t in table.values()
				if t[solver]["makespan"]
			]
			print(
				f"ours beside {solver}: gap x {ratio:.2f}, makespan {sum(shorter) / len(shorter):.2%} shorter"
			)
	print(
		f"ours above the worse of both by at most {max(above_worse):.2%}, above the better {max(above_better):.2%}"
	)


if __name__ == "__main__":
	main()
