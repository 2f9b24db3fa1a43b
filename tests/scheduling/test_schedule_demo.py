"""The demo company's plant, scheduled: every rule kept, and the three things found that are hidden in it."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from verifier_tables import wrong_in_tables

from sentia_ops.demo import generate
from sentia_ops.scheduling import flow
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.scheduling.promising import promise
from sentia_ops.scheduling.reading import read_tables
from sentia_ops.store.overlay import OverlayStore

AS_OF = date(2026, 11, 20)
NOW = pd.Timestamp(AS_OF)
QUICK = ScheduleSettings(time_limit=3, workers=1)


class Books:
	"""The company's tables as a store that nobody writes to."""

	def __init__(self, company):
		self.rows = {frame.name: frame.validate(rows, today=AS_OF) for frame, rows in company.frames()}

	def read(self, frame, **filters):
		return self.rows.get(frame.name, frame.empty())

	def today(self):
		return AS_OF


@pytest.fixture(scope="module")
def company():
	return generate(seed=2026, items=200, days=730, as_of=AS_OF)


@pytest.fixture(scope="module")
def store(company):
	made = OverlayStore(Books(company))
	with made.run("schedule") as run:
		flow.schedule(made, run, settings=QUICK)
	return made


def test_every_rule_is_kept(store):
	tables, _ = read_tables(store, NOW)
	rows = store.read(f.SCHEDULED_OPERATIONS)
	assert len(rows) > 100 and wrong_in_tables(vars(tables), rows) == []


def test_what_is_hidden_in_it_is_found(store, company):
	truth = company.truth["factory"].set_index("finding")
	lost = store.read(f.UNPLACED_OPERATIONS)
	assert lost[["job", "code"]].values.tolist() == [truth.loc["cannot be placed", ["job", "code"]].tolist()]
	late = truth.loc["material late"]
	rows = store.read(f.SCHEDULED_OPERATIONS)
	waits = rows[(rows["job"] == late["job"]) & rows["why"].str.contains(late["material"], regex=False)]
	assert len(waits) and (waits["starts_at"] > NOW + pd.Timedelta(days=2)).all()
	jobs = store.read(f.SCHEDULED_JOBS).set_index("job")
	assert not jobs.loc[truth.loc["in a hurry", "job"], "late"]


def test_what_has_begun_goes_on_and_the_oven_takes_several_at_once(store):
	rows = store.read(f.SCHEDULED_OPERATIONS)
	begun = rows[rows["fixed_why"] == "started"]
	assert len(begun) >= 2 and (begun["starts_at"] < NOW).all()
	oven = rows[rows["workstation"] == "Curing Oven"]
	assert oven.groupby("starts_at").size().max() > 1
	assert set(rows.loc[rows["kind"] == "maintenance", "job"]) == {"MAINT-1", "MAINT-2", "MAINT-3"}


def test_a_date_for_a_customer_of_the_demo(store):
	found = promise(store, "RED-KETTLE-17", 120, QUICK, NOW)
	assert found.at > NOW and found.chain and found.free is not None
	assert sum(link["hours"] for link in found.chain) == pytest.approx(
		(found.at - NOW).total_seconds() / 3600, abs=0.1
	)
