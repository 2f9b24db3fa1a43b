"""What a schedule is made from: the room's tables, those of stock, and the schedule that is current."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from sentia_ops.errors import SentiaError
from sentia_ops.replenishment.frames import INBOUND, OUTBOUND, STOCK
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.scheduling.materials import allocate
from sentia_ops.store import Store

if TYPE_CHECKING:
	from sentia_ops.scheduling.engine.prepare import Tables

CLOSED = ("completed", "cancelled")  # states of jobs that are not planned
NO_STOCK = (
	"There is neither a stock nor an inbound table, so materials are taken to be there. "
	"Bring in table stock, e.g. 'sentia-ops import frame stock FILE'."
)
STRANGE = "Table operations has rows of {} jobs that are in no table jobs: {}."


def has_jobs(store: Store) -> bool:
	"""Whether there is any open job."""
	return bool((~store.read(f.JOBS)["status"].isin(CLOSED)).any())


def check(settings: ScheduleSettings) -> None:
	"""Refuse settings that make no sense.

	Raises:
	    SentiaError: naming the setting.
	"""
	try:
		settings.check()
		ZoneInfo(settings.time_zone)
	except (ZoneInfoNotFoundError, OSError):
		raise SentiaError(
			f"Schedule: there is no time zone {settings.time_zone}.",
			"Name one such as Europe/London. Nothing was written.",
		) from None
	except ValueError as error:
		raise SentiaError(f"Schedule: {error}", "Nothing was written.") from error


def read_tables(store: Store, now: pd.Timestamp, published: str | None = None) -> tuple[Tables, list[str]]:
	"""Open jobs with their materials' dates and all that they need; and what is worth a warning.

	Args:
	    published: the schedule to be measured against; default: the published one.
	"""
	from sentia_ops.scheduling.engine.prepare import Tables

	jobs = store.read(f.JOBS)
	known = set(jobs["job"])
	jobs = jobs[~jobs["status"].isin(CLOSED)].reset_index(drop=True)
	names = set(jobs["job"])
	materials, operations = _of_jobs(store.read(f.JOB_MATERIALS), names), store.read(f.OPERATIONS)
	stock, inbound = store.read(STOCK), store.read(INBOUND)
	strange = sorted(set(operations["job"]) - known)
	warnings = [STRANGE.format(len(strange), ", ".join(strange[:3]))] if strange else []
	if len(materials) and stock.empty and inbound.empty:
		warnings.append(NO_STOCK)
	elif len(materials):
		jobs, materials = allocate(jobs, materials, stock, inbound, store.read(OUTBOUND), now)
	if published is None:
		published = "".join(names_in(store.read(f.SCHEDULES), "Published")[-1:])
	tables = Tables(
		workstations=store.read(f.WORKSTATIONS),
		shifts=store.read(f.SHIFTS),
		calendar_exceptions=store.read(f.CALENDAR_EXCEPTIONS),
		jobs=jobs,
		job_materials=materials,
		operations=_of_jobs(operations, names),
		operation_modes=_of_jobs(store.read(f.OPERATION_MODES), names),
		setups=store.read(f.SETUPS),
		maintenance=store.read(f.MAINTENANCE),
		published=store.read(f.SCHEDULED_OPERATIONS, schedule=published),
	)
	return tables, warnings


def current(store: Store) -> str:
	"""The schedule that people work by: the published one, else the newest draft; empty: there is none."""
	known = store.read(f.SCHEDULES)
	found = names_in(known, "Published") or names_in(known, "Draft")
	return found[-1] if found else ""


def names_in(known: pd.DataFrame, status: str) -> list[str]:
	"""Schedules in this state, the newest last."""
	return known.loc[known["status"] == status].sort_values("made_at", kind="stable")["schedule"].tolist()


def _of_jobs(rows: pd.DataFrame, names: set[str]) -> pd.DataFrame:
	return rows[rows["job"].isin(names)].reset_index(drop=True)
