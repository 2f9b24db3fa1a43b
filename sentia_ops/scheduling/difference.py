"""Two schedules side by side: which jobs end later or earlier, and what that does to the aims, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.telling import MOST_NAMED, count, hours

MEASURES = (  # column of schedules, label, unit
	("late_jobs", "Late jobs", "jobs"),
	("tardiness", "Hours late, all jobs", "hours"),
	("weighted_tardiness", "Hours late x weight", "hours"),
	("makespan", "Hours until the last end", "hours"),
	("setup_hours", "Setup", "hours"),
	("unplaced", "Not placed", "entries"),
	("moved", "Operations moved", "operations"),
)
LEAST = 1 / 60  # hours: a minute


@dataclass(frozen=True)
class Difference:
	"""What changes.

	Attributes:
	    headline: sentences that say it all.
	    changes: what was changed, in words.
	    measures: {"name", "label", "unit", "before", "after"}.
	    jobs: rows {job, item_code, due_at, ends_before, ends_after, hours (later +, earlier -), late_before, late_after,
	        kind: later, earlier, new, gone}, the largest first; jobs that end at the same minute are left out.
	    unplaced: rows {job, step, code, text} that only the second schedule has.
	"""

	headline: list[str]
	changes: list[str]
	measures: list[dict[str, Any]]
	jobs: pd.DataFrame
	unplaced: pd.DataFrame = field(default_factory=pd.DataFrame)

	def as_data(self) -> dict[str, Any]:
		"""As JSON can hold it; times as ISO texts."""
		return {
			"headline": self.headline,
			"changes": self.changes,
			"measures": self.measures,
			"jobs": _plain(self.jobs),
			"unplaced": _plain(self.unplaced),
		}


def compare(
	before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame], told: Sequence[str]
) -> Difference:
	"""The difference between the result tables of two schedules.

	Args:
	    told: what was changed, in words.
	"""
	jobs = _jobs(before[f.SCHEDULED_JOBS.name], after[f.SCHEDULED_JOBS.name])
	old, new = (tables[f.SCHEDULES.name].iloc[0] for tables in (before, after))
	measures = [
		{
			"name": name,
			"label": label,
			"unit": unit,
			"before": _number(old[name]),
			"after": _number(new[name]),
		}
		for name, label, unit in MEASURES
		if name != "moved"
	]
	moved = int(new["moved"])
	measures.append(
		{"name": "moved", "label": "Operations moved", "unit": "operations", "before": 0, "after": moved}
	)
	unplaced = _only_after(before[f.UNPLACED_OPERATIONS.name], after[f.UNPLACED_OPERATIONS.name])
	headline = _headline(jobs, old, new, unplaced, list(told), moved)
	return Difference(headline, list(told), measures, jobs, unplaced)


def _jobs(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
	columns = ["job", "item_code", "due_at", "ends_at", "late"]
	both = before[columns].merge(after[columns], on="job", how="outer", suffixes=("_before", "_after"))
	later = (both["ends_at_after"] - both["ends_at_before"]).dt.total_seconds() / 3600
	kind = pd.Series("earlier", both.index).mask(later > 0, "later")
	kind = kind.mask(both["ends_at_before"].isna(), "new").mask(both["ends_at_after"].isna(), "gone")
	rows = pd.DataFrame(
		{
			"job": both["job"],
			"item_code": both["item_code_after"].fillna(both["item_code_before"]),
			"due_at": both["due_at_after"].fillna(both["due_at_before"]),
			"ends_before": both["ends_at_before"],
			"ends_after": both["ends_at_after"],
			"hours": later,
			"late_before": both["late_before"].eq(True),
			"late_after": both["late_after"].eq(True),
			"kind": kind,
		}
	)
	rows = rows[later.isna() | (later.abs() >= LEAST)]
	return rows.iloc[(-rows["hours"].abs().fillna(float("inf"))).argsort(kind="stable")].reset_index(
		drop=True
	)


def _only_after(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
	known = set(zip(before["job"], before["step"], strict=True))
	new = [key not in known for key in zip(after["job"], after["step"], strict=True)]
	return after.loc[new, ["job", "step", "code", "text"]].reset_index(drop=True)


def _headline(jobs, old, new, unplaced, told, moved) -> list[str]:
	if jobs.empty and not moved and unplaced.empty:
		return [f"With {_listed(told)}: nothing changes; every job ends when it does now."]
	late, early = jobs[jobs["kind"] == "later"], jobs[jobs["kind"] == "earlier"]
	parts = [f"With {_listed(told)}: {_count_text(late, 'later')}, {_count_text(early, 'earlier')}."]
	for row in jobs[jobs["kind"] == "new"].itertuples():
		due = "" if pd.isna(row.due_at) else ", late" if row.late_after else ", in time"
		parts.append(f"{row.job} would be done {row.ends_after:%a %d %b %H:%M}{due}.")
	newly = jobs[jobs["late_after"] & ~jobs["late_before"] & jobs["kind"].ne("new")]
	saved = jobs[jobs["late_before"] & ~jobs["late_after"] & jobs["kind"].ne("gone")]
	if len(newly):
		parts.append(f"Newly late: {_named(newly['job'])}.")
	if len(saved):
		parts.append(f"No longer late: {_named(saved['job'])}.")
	change = float(new["tardiness"] - old["tardiness"])
	word = "the same" if abs(change) < LEAST else f"{hours(abs(change))} {'more' if change > 0 else 'less'}"
	parts.append(f"Hours late in all: {old['tardiness']:,.1f} → {new['tardiness']:,.1f} ({word}).")
	if len(unplaced):
		parts.append(f"No longer placed: {_named(unplaced['job'].drop_duplicates())}.")
	parts.append(f"{count(moved, 'operation')} would move.")
	return parts


def _count_text(rows: pd.DataFrame, word: str) -> str:
	if rows.empty:
		return f"no job ends {word}"
	most = rows.iloc[0]
	ends = "ends" if len(rows) == 1 else "end"
	return f"{count(len(rows), 'job')} {ends} {word} (most: {most['job']}, {hours(abs(most['hours']))})"


def _named(names: pd.Series) -> str:
	more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
	return ", ".join(names.head(MOST_NAMED)) + more


def _listed(texts: list[str]) -> str:
	return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _number(value: Any) -> float:
	return round(float(value), 4)


def _plain(rows: pd.DataFrame) -> list[dict[str, Any]]:
	rows = rows.copy()
	for name in rows.columns:
		if pd.api.types.is_datetime64_any_dtype(rows[name]):
			rows[name] = rows[name].dt.strftime("%Y-%m-%dT%H:%M")
	return rows.astype(object).where(rows.notna(), None).to_dict("records")
