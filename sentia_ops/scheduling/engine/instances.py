"""Readers of the classical text formats of shop scheduling: text in, a Problem out.

jobshop: a line "jobs machines", then a line per job with pairs "machine minutes", machines from 0 (Taillard 1993;
OR-Library); lines that start with # are remarks. flexible: a line "jobs machines" and perhaps the mean number of alternatives; then a line per job: number of
operations and, for each, number of alternatives and pairs "machine minutes", machines from 1 (Brandimarte 1993).
setups: CSV with the columns machine, from_job, to_job, minutes, all from 0: between two jobs on a machine; none before
its first. The setup families of the problem are the jobs.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace

import numpy as np

from sentia_ops.scheduling.engine.problem import After, Job, Mode, Operation, Problem, Resource

MOST = 10**6  # jobs, machines, operations of a job: above, the file is surely another one
MOST_MINUTES = 10**8
SETUP_COLUMNS = ("machine", "from_job", "to_job", "minutes")


class InstanceError(ValueError):
	"""A file that is not what its format says. `line` counts from 1; None: the file as a whole."""

	def __init__(self, reason: str, line: int | None = None):
		super().__init__(reason if line is None else f"line {line}: {reason}")
		self.reason = reason
		self.line = line


@dataclass(frozen=True)
class Line:
	"""The words of a line that is not empty, and its number in the file, from 1."""

	number: int
	words: list[str]


def jobshop(text: str) -> Problem:
	"""A job shop.

	Raises:
	    InstanceError: where and why the text is not one.
	"""
	machines, lines = _header(text, most_words=2)
	steps = []
	for line in lines:
		if len(line.words) != 2 * machines:
			raise InstanceError(
				f"{len(line.words)} numbers instead of {2 * machines}: machine and minutes for each of {machines}",
				line.number,
			)
		pairs = zip(line.words[::2], line.words[1::2], strict=True)
		steps.append([[_mode(m, t, machines, 0, line.number)] for m, t in pairs])
	return _problem(steps, machines)


def flexible(text: str) -> Problem:
	"""A job shop whose operations have alternative machines.

	Raises:
	    InstanceError: where and why the text is not one.
	"""
	machines, lines = _header(text, most_words=3)
	return _problem([_flexible_job(line, machines) for line in lines], machines)


def _flexible_job(line: Line, machines: int) -> list[list[Mode]]:
	words = iter(line.words)

	def number(what: str, least: int, most: int = MOST) -> int:
		word = next(words, None)
		if word is None:
			raise InstanceError(f"the line ends where {what} is expected", line.number)
		return _whole(word, what, least, most, line.number)

	steps = []
	for step in range(number("the number of operations", 1)):
		modes = []
		for _ in range(number(f"the number of alternatives of operation {step + 1}", 1, machines)):
			machine = number("a machine", 1, machines) - 1
			modes.append(Mode(machine, number("minutes", 0, MOST_MINUTES)))
		if len({mode.resource for mode in modes}) < len(modes):
			raise InstanceError(f"operation {step + 1} names a machine twice", line.number)
		steps.append(modes)
	left = list(words)
	if left:
		raise InstanceError(
			f"{len(left)} numbers too many after the last operation, from {left[0]!r} on", line.number
		)
	return steps


FORMATS = {"jobshop": jobshop, "flexible": flexible}


def with_setups(problem: Problem, text: str) -> Problem:
	"""The problem with the setups of a CSV; pairs of jobs that it does not name need none.

	Raises:
	    InstanceError: where and why the text is not such a table.
	"""
	rows = csv.reader(text.lstrip("\ufeff").splitlines())
	names = [name.strip() for name in next(rows, [])]
	if not names:
		raise InstanceError("the table of setups is empty")
	if sorted(names) != sorted(SETUP_COLUMNS):
		raise InstanceError(f"the columns are {', '.join(names)}; expected: {', '.join(SETUP_COLUMNS)}", 1)
	place = [names.index(name) for name in SETUP_COLUMNS]
	jobs, machines = len(problem.jobs), len(problem.resources)
	matrices, seen = {}, set()
	for row in rows:
		if not any(cell.strip() for cell in row):
			continue
		line = rows.line_num
		if len(row) != len(names):
			raise InstanceError(f"{len(row)} values instead of {len(names)}", line)
		most = (machines - 1, jobs - 1, jobs - 1, MOST_MINUTES)
		machine, one, other, minutes = (
			_whole(row[k].strip(), name, 0, top, line)
			for k, name, top in zip(place, SETUP_COLUMNS, most, strict=True)
		)
		if (machine, one, other) in seen:
			raise InstanceError(f"machine {machine}, from job {one} to job {other}: named twice", line)
		seen.add((machine, one, other))
		matrices.setdefault(machine, np.zeros((jobs, jobs), dtype=np.int64))[one, other] = minutes
	if not seen:
		raise InstanceError("the table of setups has a heading and no rows")
	operations = [replace(op, family=op.job) for op in problem.operations]
	return replace(problem, operations=operations, setups=matrices)


def _header(text: str, most_words: int) -> tuple[int, list[Line]]:
	"""Number of machines, and a line per job."""
	rows = (text.lstrip("\ufeff")).splitlines()
	lines = [Line(i, row.split()) for i, row in enumerate(rows, start=1) if row.strip()]
	lines = [line for line in lines if not line.words[0].startswith("#")]
	if not lines:
		raise InstanceError("the file is empty")
	first, lines = lines[0], lines[1:]
	if not 2 <= len(first.words) <= most_words:
		raise InstanceError(
			f"the first line has {len(first.words)} values; it says how many jobs and machines there are",
			first.number,
		)
	jobs = _whole(first.words[0], "the number of jobs", 1, MOST, first.number)
	machines = _whole(first.words[1], "the number of machines", 1, MOST, first.number)
	if len(first.words) == 3:
		_decimal(first.words[2], first.number)
	if len(lines) < jobs:
		raise InstanceError(f"{jobs} jobs are announced, and lines for {len(lines)} follow")
	if len(lines) > jobs:
		raise InstanceError(f"more follows after the {jobs} jobs that are announced", lines[jobs].number)
	return machines, lines


def _decimal(word: str, line: int) -> None:
	try:
		float(word)
	except ValueError:
		raise InstanceError(f"{word!r} is not a number", line) from None


def _mode(machine: str, minutes: str, machines: int, first: int, line: int) -> Mode:
	resource = _whole(machine, "a machine", first, machines - 1 + first, line) - first
	return Mode(resource, _whole(minutes, "minutes", 0, MOST_MINUTES, line))


def _whole(word: str, what: str, least: int, most: int, line: int) -> int:
	try:
		value = int(word) if word.isascii() and "_" not in word else None
	except ValueError:
		value = None
	if value is None:
		raise InstanceError(f"{what}: {word!r} is not a whole number", line)
	if not least <= value <= most:
		raise InstanceError(f"{what}: {value} is not from {least} to {most}", line)
	return value


def _problem(steps: list[list[list[Mode]]], machines: int) -> Problem:
	"""Jobs whose operations follow each other; all numbers from 0."""
	operations: list[Operation] = []
	for job, modes in enumerate(steps):
		for step, alternatives in enumerate(modes):
			after = (After(len(operations) - 1),) if step else ()
			operations.append(Operation(job, step, tuple(alternatives), after))
	return Problem(
		[Job(str(job)) for job in range(len(steps))],
		operations,
		[Resource(str(machine)) for machine in range(machines)],
	)
