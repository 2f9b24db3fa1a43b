"""Which operations of the published schedule stay where they are when it is planned again."""

from __future__ import annotations

import json

import pandas as pd


def freeze(
	operations: pd.DataFrame,
	jobs: pd.DataFrame,
	published: pd.DataFrame,
	exceptions: pd.DataFrame,
	now: pd.Timestamp,
	hours: float,
) -> pd.DataFrame:
	"""Operations, those frozen with fixed_why "frozen" and their published place.

	Frozen is what starts within `hours` from now and still can be as published: its workstation is not closed in that
	time, its material is there, its predecessors are done or stay where they are and end before it, and nothing that is
	under way or pinned holds the workstation. What should have started before now is not frozen: it has slipped.
	"""
	soon = published[
		(published["starts_at"] >= now) & (published["starts_at"] < now + pd.Timedelta(hours=hours))
	]
	if soon.empty or operations.empty:
		return operations
	operations = operations.reset_index(drop=True)
	row_of = {key: i for i, key in enumerate(zip(operations["job"], operations["step"], strict=True))}
	ends = _known_ends(operations)
	fixed = operations[operations["fixed_why"].isin(["started", "pinned"]) & operations["fixed_end"].notna()]
	material = dict(zip(jobs["job"], jobs["material_at"], strict=True))
	missing = set(jobs.loc[jobs["material_missing"], "job"])
	before = _before(operations)
	changes = {}
	for row in soon.sort_values(["starts_at", "job", "step"]).itertuples():
		key = (row.job, row.step)
		i = row_of.get(key)
		if i is None or operations.at[i, "status"] != "pending" or operations.at[i, "fixed_why"]:
			continue
		if row.job in missing or material.get(row.job, pd.NaT) > row.starts_at:
			continue
		if any(ends.get((row.job, step), pd.Timestamp.max) > row.starts_at for step in before[key]):
			continue
		if _closed(exceptions, row) or _held(fixed, row):
			continue
		ends[key] = row.ends_at
		changes[i] = (row.workstation, row.starts_at, row.ends_at)
	for i, (workstation, start, end) in changes.items():
		columns = ["fixed_workstation", "fixed_start", "fixed_end", "fixed_why"]
		operations.loc[i, columns] = [workstation, start, end, "frozen"]
	return operations


def _known_ends(operations: pd.DataFrame) -> dict[tuple[str, int], pd.Timestamp]:
	"""When operations end that are not for us to move; those that are done have ended."""
	ends = {}
	for row in operations.itertuples():
		if row.status == "done":
			ends[(row.job, row.step)] = pd.Timestamp.min
		elif row.fixed_why and not pd.isna(row.fixed_end):
			ends[(row.job, row.step)] = row.fixed_end
	return ends


def _before(operations: pd.DataFrame) -> dict[tuple[str, int], list[int]]:
	"""Steps that an operation waits for."""
	found, last = {}, {}
	for row in operations.sort_values(["job", "step"]).itertuples():
		found[(row.job, row.step)] = _steps(row.after) if row.after else last.get(row.job, [])
		last[row.job] = [row.step]
	return found


def _steps(text: str) -> list[int]:
	"""Steps of a JSON list; what cannot be read is refused where the problem is built."""
	try:
		return [int(step) for step in json.loads(text)]
	except (ValueError, TypeError):
		return []


def _closed(exceptions: pd.DataFrame, row) -> bool:
	mine = exceptions[(exceptions["workstation"] == row.workstation) & ~exceptions["open"]]
	return bool(((mine["starts_at"] < row.ends_at) & (mine["ends_at"] > row.starts_at)).any())


def _held(fixed: pd.DataFrame, row) -> bool:
	mine = fixed[fixed["fixed_workstation"] == row.workstation]
	return bool(((mine["fixed_start"] < row.ends_at) & (mine["fixed_end"] > row.starts_at)).any())
