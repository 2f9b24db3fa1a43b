"""A schedule in words for a production manager."""

from __future__ import annotations

import pandas as pd

MOST_NAMED = 3


def summary(
	jobs: pd.DataFrame,
	operations: pd.DataFrame,
	unplaced: pd.DataFrame,
	loads: pd.DataFrame,
	now: pd.Timestamp,
) -> str:
	"""What is planned until when, what is late, what could not be placed, which workstation is the tightest."""
	if operations.empty:
		return f"Nothing could be scheduled. {_unplaced_text(unplaced)}".strip()
	stations = operations["workstation"].nunique()
	parts = [
		f"{count(len(jobs), 'job')}, {count(len(operations), 'operation')} on {count(stations, 'workstation')}, "
		f"the last one ends {moment(operations['ends_at'].max())}.",
		late_text(jobs),
		_unplaced_text(unplaced),
		_tightest(loads, now),
	]
	return " ".join(part for part in parts if part)


def late_text(jobs: pd.DataFrame) -> str:
	"""How many jobs are late, by how much, and the worst of them."""
	late = jobs[jobs["late"]].sort_values("tardiness", ascending=False)
	dated = int(jobs["due_at"].notna().sum())
	if late.empty:
		return f"All {dated} jobs with a due date are in time." if dated else "No job has a due date."
	worst = ", ".join(f"{row.job} ({hours(row.tardiness)})" for row in late.head(MOST_NAMED).itertuples())
	return f"{len(late)} of {dated} jobs {'is' if len(late) == 1 else 'are'} late, by {hours(late['tardiness'].sum())} in all, most of all {worst}."


def _unplaced_text(unplaced: pd.DataFrame) -> str:
	if unplaced.empty:
		return ""
	jobs = unplaced["job"].drop_duplicates()
	named = ", ".join(jobs.head(MOST_NAMED)) + (" ..." if len(jobs) > MOST_NAMED else "")
	return f"{count(len(unplaced), 'entry', 'entries')} could not be placed ({named}): each has its reason."


def _tightest(loads: pd.DataFrame, now: pd.Timestamp) -> str:
	"""The workstation with the highest load over the first two weeks."""
	soon = loads[loads["week"] < now + pd.Timedelta(days=14)]
	sums = soon.groupby("workstation")[["open_hours", "work_hours", "setup_hours", "maintenance_hours"]].sum()
	sums = sums[sums["open_hours"] > 0]
	if sums.empty:
		return ""
	busy = sums["work_hours"] + sums["setup_hours"] + sums["maintenance_hours"]
	share = (busy / sums["open_hours"]).sort_values(ascending=False)
	name = share.index[0]
	return (
		f"Tightest until {now + pd.Timedelta(days=13):%d %b}: {name}, {busy[name]:.0f} of "
		f"{sums['open_hours'][name]:.0f} open hours ({share.iloc[0]:.0%})."
	)


def moves_text(operations: pd.DataFrame, published: pd.DataFrame, name: str) -> str:
	"""What is elsewhere than in the published schedule, the largest moves named."""
	both = operations[operations["moved_minutes"].notna()]
	moved = both[both["moved_minutes"].ne(0) | both["moved_from"].ne("")]
	new = len(operations) - len(both)
	extra = f" {count(new, 'operation')} {'is' if new == 1 else 'are'} new." if new else ""
	if moved.empty:
		return f"Against {name}: none of {count(len(both), 'operation')} moved.{extra}"
	elsewhere = int(moved["moved_from"].ne("").sum())
	order = moved["moved_minutes"].abs().sort_values(ascending=False, kind="stable").index
	named = "; ".join(move_text(row) for row in moved.loc[order].head(MOST_NAMED).itertuples())
	stations = f", {elsewhere} of them to another workstation" if elsewhere else ""
	return f"Against {name}: {len(moved)} of {count(len(both), 'operation')} moved{stations}; most of all {named}.{extra}"


def move_text(row) -> str:
	"""One operation's move: "Paint of WO-1 6.0 h later, to Booth 2 from Booth 1"."""
	what = f"{row.operation or f'step {row.step}'} of {row.job}"
	minutes = int(row.moved_minutes)
	when = f" {hours(abs(minutes) / 60)} {'later' if minutes > 0 else 'earlier'}" if minutes else ""
	where = f", to {row.workstation} from {row.moved_from}" if row.moved_from else ""
	return f"{what}{when}{where}"


def count(n: int, one: str, many: str = "") -> str:
	return f"{n:,} {one if n == 1 else many or one + 's'}"


def hours(value: float) -> str:
	return f"{value:,.0f} h" if value >= 10 else f"{value:.1f} h"


def moment(at: pd.Timestamp) -> str:
	return f"{at:%a} {at.day} {at:%b %H:%M}"
