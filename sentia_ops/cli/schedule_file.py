"""`schedule FILE`: a shop in one of the classical text formats -> a schedule, without a lake."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sentia_ops.cli.files import write_atomically
from sentia_ops.cli.naming import closest
from sentia_ops.cli.state import State
from sentia_ops.errors import SentiaError

if TYPE_CHECKING:
	from sentia_ops.scheduling.engine.problem import Problem, Result

LARGEST = 50 * 2**20  # bytes; an instance of 100,000 operations has one megabyte
NOTHING_SOLVED = "Nothing was scheduled."
LEAST_SECONDS, MOST_SECONDS = 0.1, 7 * 24 * 3600.0


@dataclass(frozen=True)
class Request:
	"""What was asked on the command line.

	Attributes:
	    format: of FORMATS in engine/instances.py; setups: CSV machine, from_job, to_job, minutes.
	    time_limit: seconds of the clock for the solver; workers: threads, 0: one for each core.
	"""

	file: Path
	format: str = "jobshop"
	setups: Path | None = None
	out: Path | None = None
	time_limit: float = 60.0
	workers: int = 0
	seed: int = 0


def solve_file(state: State, asked: Request, stop: Callable[[], bool] | None = None) -> None:
	"""Read, schedule, write {status, makespan, bound, operations}; all numbers from 0, minutes as in the file.

	`stop` is asked several times a second; True ends the search with the best so far.

	Raises:
	    SentiaError: wrong use, or a file that is not what its format says.
	"""
	_check(asked)
	problem = read_problem(asked.file, asked.format, asked.setups)
	result = _solve(state, asked, problem, stop)
	answer = answer_of(problem, result)
	found = f"makespan {answer['makespan']:,}, {_proven(answer)}"
	text = json.dumps(answer, indent=1)
	if asked.out is None:
		state.say(f"{found}.")
		sys.stdout.write(text + "\n")
		return
	write_atomically(asked.out, text + "\n")
	count = len(answer["operations"])
	summary = {name: answer[name] for name in ("status", "makespan", "bound")} | {"operations": count}
	state.result(summary, f"{count:,} operations, {found}; written to {asked.out}.")


def _check(asked: Request) -> None:
	from sentia_ops.scheduling.engine.instances import FORMATS

	if asked.format not in FORMATS:
		raise SentiaError(f"--format {asked.format} is not known.", closest(asked.format, FORMATS, "Formats"))
	if not LEAST_SECONDS <= asked.time_limit <= MOST_SECONDS:
		raise SentiaError(
			f"--time-limit {asked.time_limit:g} makes no sense.",
			f"Give seconds, {LEAST_SECONDS:g} to {MOST_SECONDS:,.0f}.",
		)
	out = asked.out
	if out is not None and (out.is_dir() or not os.access(_folder(out), os.W_OK)):
		raise SentiaError(f"{out} cannot be written.", "Name a file in a folder that you may write to.")


def _folder(path: Path) -> Path:
	return next(folder for folder in path.absolute().parents if folder.exists())


def read_problem(file: Path, kind: str, setups: Path | None = None) -> Problem:
	"""The problem in a file, with the setups of another.

	Raises:
	    SentiaError: says the file, the line and what is wrong there.
	"""
	from sentia_ops.scheduling.engine.instances import FORMATS, InstanceError, with_setups

	at = file
	try:
		problem = FORMATS[kind](_text(file))
		if setups is not None:
			at = setups
			problem = with_setups(problem, _text(setups))
	except InstanceError as error:
		where = at.name if error.line is None else f"{at.name}, line {error.line}"
		hint = "Correct it there." if at == setups else f"It was read as --format {kind}."
		raise SentiaError(f"{where}: {error.reason}.", f"{hint} {NOTHING_SOLVED}") from error
	return problem


def _text(path: Path) -> str:
	if path.is_dir():
		raise SentiaError(f"{path} is a folder, not a file.", "Name a file in it.")
	try:
		if path.stat().st_size > LARGEST:
			raise SentiaError(
				f"{path.name} has {path.stat().st_size / 2**20:,.0f} MB.", "That is no instance of a shop."
			)
		return path.read_bytes().decode("utf-8-sig")
	except FileNotFoundError:
		raise SentiaError(f"{path} does not exist.", "Check the path.") from None
	except OSError as error:
		raise SentiaError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
	except UnicodeDecodeError:
		raise SentiaError(f"{path.name} is not a text file.", NOTHING_SOLVED) from None


def _solve(state: State, asked: Request, problem: Problem, stop: Callable[[], bool] | None) -> Result:
	from sentia_ops.scheduling.engine.problem import Objective
	from sentia_ops.scheduling.engine.solve import solve

	with state.progress() as progress:
		began = monotonic()

		def better(_schedule, makespan: float, who: str) -> None:
			progress(min((monotonic() - began) / asked.time_limit, 1.0), f"makespan {makespan:,.0f} ({who})")

		return solve(
			problem,
			Objective((("makespan", 1.0),)),
			limit=asked.time_limit,
			workers=asked.workers or os.cpu_count() or 1,
			seed=asked.seed,
			on_better=better,
			stop=stop,
		)


def answer_of(problem: Problem, result: Result) -> dict[str, Any]:
	"""The result as it is written: operations in the order of the file, minutes from 0."""
	schedule = result.schedule
	operations = [
		{
			"job": op.job,
			"step": op.step,
			"machine": op.modes[schedule.mode[i]].resource,
			"start": int(schedule.start[i]),
			"end": int(schedule.end[i]),
		}
		for i, op in enumerate(problem.operations)
	]
	makespan, bound = int(schedule.end.max()), math.ceil(result.bound - 1e-6)
	return {
		"status": "optimal" if bound >= makespan else result.status.value,
		"makespan": makespan,
		"bound": bound,
		"operations": operations,
	}


def _proven(answer: dict[str, Any]) -> str:
	if answer["status"] == "optimal":
		return "the shortest there is"
	gap = 1 - answer["bound"] / max(answer["makespan"], 1)
	return f"at most {gap:.1%} above the shortest there is (none is below {answer['bound']:,})"
