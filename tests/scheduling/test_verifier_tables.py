"""The verifier of written tables: clock changes, nights, breaks, setups; good rows pass, bad ones are named."""

from __future__ import annotations

import pandas as pd
import pytest
from verifier_tables import wrong_in_tables

from sentia_ops.scheduling.frames import CALENDAR_EXCEPTIONS, SCHEDULED_OPERATIONS
from sentia_ops.store.registry import FRAMES


def shop() -> dict[str, pd.DataFrame]:
	"""Two jobs of one step on a night station, 22:00 to 06:00 from Saturday 24 October 2026."""
	rows = {
		"workstations": [{"workstation": "Oven"}],
		"shifts": [{"workstation": "Oven", "weekday": 5, "from_time": "22:00", "to_time": "06:00"}],
		"calendar_exceptions": [],
		"jobs": [{"job": "A"}, {"job": "B"}],
		"operations": [{"job": "A", "step": 0, "family": "red"}, {"job": "B", "step": 0, "family": "blue"}],
		"operation_modes": [{"job": j, "step": 0, "workstation": "Oven", "minutes": 120} for j in "AB"],
		"setups": [{"from_family": "", "to_family": "blue", "minutes": 30}],
	}
	return {
		name: FRAMES[name].validate(pd.DataFrame(given)) if given else FRAMES[name].empty()
		for name, given in rows.items()
	}


def row(job: str, start: str, end: str, **more) -> dict:
	return {
		"schedule": "S",
		"job": job,
		"step": 0,
		"workstation": "Oven",
		"starts_at": pd.Timestamp(start),
		"ends_at": pd.Timestamp(end),
		"minutes": 120,
		**more,
	}


def wrong(tables, *rows, zone="Europe/Berlin"):
	return wrong_in_tables(tables, SCHEDULED_OPERATIONS.validate(pd.DataFrame(list(rows))), zone)


def test_good_rows_pass():
	assert wrong(shop(), row("A", "2026-10-24 22:00", "2026-10-25 00:00")) == []
	assert (
		wrong(
			shop(),
			row("A", "2026-10-24 22:00", "2026-10-25 00:00"),
			row("B", "2026-10-25 00:30", "2026-10-25 02:30"),
		)
		== []
	)


def test_the_hour_that_comes_twice_counts_twice():
	assert wrong(shop(), row("A", "2026-10-25 01:30", "2026-10-25 02:30")) == []  # the second 02:30
	assert wrong(shop(), row("A", "2026-10-25 01:30", "2026-10-25 03:30"))  # three hours of the clock
	assert wrong(shop(), row("A", "2026-10-25 03:00", "2026-10-25 05:00")) == []


@pytest.mark.parametrize(
	("rows", "named"),
	[
		([row("A", "2026-10-24 21:00", "2026-10-24 23:00")], "60 open minutes"),
		(
			[
				row("A", "2026-10-24 22:00", "2026-10-25 00:00"),
				row("B", "2026-10-25 00:20", "2026-10-25 02:20"),
			],
			"less than 30",
		),
		(
			[
				row("A", "2026-10-24 22:00", "2026-10-25 00:00"),
				row("B", "2026-10-24 23:00", "2026-10-25 01:00"),
			],
			"holds 2",
		),
		([row("A", "2026-10-24 22:00", "2026-10-25 00:00", workstation="Saw")], "cannot run on Saw"),
	],
)
def test_bad_rows_are_named(rows, named):
	assert any(named in text for text in wrong(shop(), *rows))


def test_closed_beats_the_shift_and_overtime_adds_to_it():
	closed = [{"workstation": "Oven", "starts_at": "2026-10-24 22:00", "ends_at": "2026-10-24 23:00"}]
	tables = shop() | {"calendar_exceptions": CALENDAR_EXCEPTIONS.validate(pd.DataFrame(closed))}
	assert "60 open" in wrong(tables, row("A", "2026-10-24 22:00", "2026-10-25 00:00"))[0]
	more = [
		{"workstation": "Oven", "starts_at": "2026-10-24 21:00", "ends_at": "2026-10-24 22:00", "open": True}
	]
	tables = shop() | {"calendar_exceptions": CALENDAR_EXCEPTIONS.validate(pd.DataFrame(more))}
	assert wrong(tables, row("A", "2026-10-24 21:00", "2026-10-24 23:00")) == []
	holiday = [{"workstation": "Oven", "starts_at": "2026-10-24 00:00", "ends_at": "2026-10-25 00:00"}]
	tables = shop() | {"calendar_exceptions": CALENDAR_EXCEPTIONS.validate(pd.DataFrame(holiday + more))}
	assert "60 open" in wrong(tables, row("A", "2026-10-24 21:00", "2026-10-24 23:00"))[0]
