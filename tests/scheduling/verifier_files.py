"""Checks the JSON that `sentia-ops schedule FILE` writes against the text of FILE itself."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise


def wrong_in_answer(answer: dict, text: str, form: str, setups: str = "") -> list[str]:
	"""What is wrong with `answer` ({status, makespan, bound, operations}); `text` is the instance, `setups` the CSV."""
	asked = _jobshop(text) if form == "jobshop" else _flexible(text)
	given = {(o["job"], o["step"]): o for o in answer["operations"]}
	wanted = {(j, s) for j, job in enumerate(asked) for s in range(len(job))}
	if set(given) != wanted or len(answer["operations"]) != len(wanted):
		return [f"{len(wanted)} operations asked for, {len(answer['operations'])} given"]
	found, machines = [], defaultdict(list)
	for (j, s), o in sorted(given.items()):
		minutes = asked[j][s].get(o["machine"])
		if minutes is None:
			found.append(f"job {j} step {s} cannot run on machine {o['machine']}")
		elif o["end"] - o["start"] != minutes:
			found.append(f"job {j} step {s} lasts {o['end'] - o['start']}, not {minutes}")
		if o["start"] < (given[j, s - 1]["end"] if s else 0):
			found.append(f"job {j} step {s} starts before it may")
		machines[o["machine"]].append((o["start"], o["end"], j))
	changes = _changes(setups)
	for machine, held in machines.items():
		for (_a, until, one), (start, _b, other) in pairwise(sorted(held)):
			need = changes.get((machine, one, other), 0)
			if start < until + need:
				found.append(
					f"machine {machine}: job {other} at {start}, job {one} until {until} and {need} of setup"
				)
	last = max((o["end"] for o in answer["operations"]), default=0)
	if answer["makespan"] != last:
		found.append(f"makespan {answer['makespan']}, but the last operation ends at {last}")
	if answer["bound"] > last:
		found.append(f"bound {answer['bound']} above the makespan {last}")
	if (answer["status"] == "optimal") != (answer["bound"] >= last):
		found.append(f"status {answer['status']} with bound {answer['bound']} and makespan {last}")
	return found


def _jobshop(text: str) -> list[list[dict[int, int]]]:
	numbers = [int(w) for w in text.split()]
	jobs, machines = numbers[:2]
	body = iter(numbers[2 : 2 + 2 * jobs * machines])
	return [[{next(body): next(body)} for _ in range(machines)] for _ in range(jobs)]


def _flexible(text: str) -> list[list[dict[int, int]]]:
	lines = [line.split() for line in text.splitlines() if line.strip()]
	jobs = []
	for line in lines[1 : 1 + int(lines[0][0])]:
		words = iter(int(w) for w in line)
		steps = []
		for _ in range(next(words)):
			pairs = [(next(words), next(words)) for _ in range(next(words))]
			steps.append({machine - 1: minutes for machine, minutes in pairs})
		jobs.append(steps)
	return jobs


def _changes(text: str) -> dict[tuple[int, int, int], int]:
	rows = (line.split(",") for line in text.split()[1:])
	return {(int(m), int(a), int(b)): int(minutes) for m, a, b, minutes in rows}
