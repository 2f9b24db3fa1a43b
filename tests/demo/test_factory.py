"""The demo company's plant: tables that agree with each other and with the books, and a truth that is in them."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest

from sentia_ops.demo import generate
from sentia_ops.demo import plant as p
from sentia_ops.demo.catalogue import WAREHOUSES
from sentia_ops.demo.company import FACTORY
from sentia_ops.scheduling.materials import allocate

AS_OF = date(2026, 6, 5)  # a Friday


@pytest.fixture(scope="module")
def demo():
	return generate(seed=2026, items=200, days=200, as_of=AS_OF)


@pytest.fixture(scope="module")
def plant(demo):
	return {frame.name: frame.validate(demo.factory[frame.name]) for frame in FACTORY}


def test_names_agree_between_the_tables(demo, plant):
	stations = set(plant["workstations"]["workstation"])
	for table in ("shifts", "calendar_exceptions", "maintenance", "routings", "operation_modes"):
		assert set(plant[table]["workstation"]) <= stations, table
	assert set(plant["setups"]["workstation"]) <= stations
	for table in ("routings", "operation_modes"):
		needs = {name for text in plant[table]["needs"] if text for name in json.loads(text)}
		assert needs and needs <= stations
	jobs = set(plant["jobs"]["job"])
	assert set(plant["operations"]["job"]) == jobs and set(plant["job_materials"]["job"]) <= jobs
	steps = set(zip(plant["operations"]["job"], plant["operations"]["step"], strict=True))
	assert set(zip(plant["operation_modes"]["job"], plant["operation_modes"]["step"], strict=True)) == steps
	families = set(plant["operations"]["family"]) | set(plant["workstations"]["initial_family"]) - {""}
	assert set(plant["setups"]["to_family"]) <= families


def test_every_made_item_has_a_routing_that_ends_in_packing(demo, plant):
	made = set(demo.items.loc[demo.items["is_made"], "item_code"])
	routings = plant["routings"]
	assert set(routings["item_code"]) == made
	last = routings.sort_values("step").groupby("item_code")["workstation"].last()
	assert set(last) == {p.PACKING}
	kinds = routings.groupby("item_code")["workstation"].agg(set)
	assert {p.OVEN in stations for stations in kinds} == {True, False}, "metal is painted, plastics are not"


def test_there_is_some_of_everything_that_makes_scheduling_hard(plant):
	stations, operations = plant["workstations"].set_index("workstation"), plant["operations"]
	assert (
		stations.loc[p.OVEN, "batch"]
		and stations.loc[p.OVEN, "capacity"] == 3
		and stations.loc[p.OVEN, "always_open"]
	)
	assert stations.loc[p.PACKING, "capacity"] == 2
	assert set(stations["kind"]) == {"machine", "operator", "inspector", "tool"}
	assert len(plant["shifts"].query("workstation == 'Line 1' and weekday == 0")) == 2, "a lunch break"
	assert set(plant["calendar_exceptions"]["reason"]) == {"Company day"}
	assert plant["maintenance"]["starts_at"].notna().tolist() == [False, False, True]
	assert operations["max_wait"].notna().any() and operations["min_wait"].gt(0).any()
	assert {True, False} == set(operations["splittable"]) and operations["rework_share"].gt(0).any()
	assert plant["operation_modes"].groupby(["job", "step"]).size().max() == 2, "alternative workstations"
	assert operations["after"].str.startswith("[").any(), "a graph, not only a row"


def test_jobs_are_the_open_work_orders_of_the_last_lot(demo, plant):
	jobs = plant["jobs"].set_index("job")
	made = demo.truth["production"].set_index("work_order")
	orders = jobs[jobs["work_order"] != ""]
	assert len(orders) > 20 and made.loc[orders.index, "finished_on"].isna().all()
	assert (orders["qty"] == made.loc[orders.index, "qty"]).all()
	inbound = demo.inbound[demo.inbound["kind"] == "WO"]["voucher"].str.rsplit("-", n=1).str[0]
	assert set(orders.index) <= set(inbound), "what the plant owes the warehouses"
	assert not set(orders.index) & set(plant["job_materials"]["job"]), (
		"they took their materials when they began"
	)
	assert (orders["due_at"].dt.normalize() <= made.loc[orders.index, "due_on"]).all(), (
		"the road takes its days, too"
	)


def test_what_has_begun_lies_over_the_night_and_within_the_shifts(plant):
	begun = plant["operations"].query("status == 'started'").set_index("fixed_workstation")
	assert set(begun.index) == {"Press 1", "Moulder 1", "Line 1"}
	assert (begun["fixed_start"] < pd.Timestamp(AS_OF)).all() and (
		begun["fixed_end"] > pd.Timestamp(AS_OF)
	).all()
	modes = plant["operation_modes"].set_index(["job", "step", "workstation"])["minutes"]
	row = begun.loc["Line 1"]
	evening = pd.Timestamp(AS_OF) - pd.Timedelta(hours=8)  # Line 1 closes at 16:00 and opens at 07:00
	morning = pd.Timestamp(AS_OF) + pd.Timedelta(hours=7)
	worked = (evening - row["fixed_start"]) + (row["fixed_end"] - morning)
	assert worked.total_seconds() / 60 == modes[row["job"], row["step"], "Line 1"]


def test_materials_of_the_plan_add_up_and_the_late_one_is_late(demo, plant):
	taken = plant["job_materials"]
	assert set(taken["warehouse"]) == {WAREHOUSES["UK"]}
	one = taken[taken["job"] == "PLAN-002"].set_index("item_code")["qty"]
	job = plant["jobs"].set_index("job").loc["PLAN-002"]
	recipe = demo.boms[demo.boms["item_code"] == job["item_code"]].set_index("material")["qty"]
	assert one.to_dict() == pytest.approx((recipe * job["qty"]).round(3).to_dict())
	jobs, _ = allocate(plant["jobs"], taken, demo.stock, demo.inbound, demo.outbound, pd.Timestamp(AS_OF))
	jobs = jobs.set_index("job")
	late = demo.truth["factory"].set_index("finding").loc["material late"]
	assert late["material"] in jobs.loc[late["job"], "material"]
	assert jobs.loc[late["job"], "material_at"] > pd.Timestamp(AS_OF)
	assert not jobs["material_missing"].any()


@pytest.mark.parametrize("as_of", [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)])
def test_on_a_weekend_what_has_begun_is_fridays_and_goes_on_on_monday(as_of):
	begun = (
		generate(seed=1, items=40, days=60, as_of=as_of).factory["operations"].query("status == 'started'")
	)
	assert set(begun["fixed_start"].dt.date) == {date(2026, 11, 20)}
	assert set(begun["fixed_end"].dt.date) == {date(2026, 11, 23)}


@pytest.mark.parametrize("day", range(7))
def test_whatever_the_day_of_the_week_there_is_about_as_much_to_do(day):
	made = generate(seed=2026, items=120, days=120, as_of=date(2026, 6, 1 + day)).factory
	left = made["operations"].query("status != 'done'").merge(made["operation_modes"], on=["job", "step"])
	hours = left.drop_duplicates(["job", "step"]).groupby("workstation")["minutes"].sum() / 60
	assert 40 <= len(made["jobs"]) <= 70
	assert 50 < hours["Line 1"] < 140, "one to two weeks of two lines"


@pytest.mark.parametrize("items", [20, 24, 60])
def test_small_companies_have_a_plant_too(items):
	company = generate(seed=5, items=items, days=60, as_of=AS_OF)
	for frame, rows in company.frames():
		frame.validate(rows, today=AS_OF)
	assert len(company.factory["jobs"]) >= 3
	assert "cannot be placed" in set(company.truth["factory"]["finding"])
