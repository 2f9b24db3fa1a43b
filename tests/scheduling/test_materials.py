"""Materials given out by hand: who gets what is there, and when the rest comes."""

from __future__ import annotations

import pandas as pd
from shop_store import MAIN, purchases
from shop_world import NOW, job, rows

from sentia_ops.replenishment.frames import INBOUND, OUTBOUND, STOCK
from sentia_ops.scheduling.frames import JOB_MATERIALS, JOBS
from sentia_ops.scheduling.materials import allocate


def given(jobs: list[dict], wants: list[tuple], on_hand: float = 0, orders=(), sales=()):
	"""Jobs by name after giving out one item, BOLT; wants: (job, qty[, step])."""
	lines = [
		{"job": w[0], "item_code": "BOLT", "qty": w[1], "step": w[2] if len(w) > 2 else None} for w in wants
	]
	stock = [{"item_code": "BOLT", "warehouse": MAIN, "on_hand": on_hand}]
	sold = [
		{
			"item_code": "BOLT",
			"warehouse": MAIN,
			"due_date": pd.Timestamp(due),
			"qty": q,
			"voucher": v,
			"kind": kind,
		}
		for due, q, v, kind in sales
	]
	found, materials = allocate(
		rows(JOBS, [{"warehouse": MAIN, **j} for j in jobs]),
		rows(JOB_MATERIALS, lines),
		rows(STOCK, stock),
		rows(INBOUND, purchases(("BOLT", due, q, v) for due, q, v in orders)),
		rows(OUTBOUND, sold),
		NOW,
	)
	JOBS.validate(found)
	JOB_MATERIALS.validate(materials)
	return found.set_index("job"), materials.set_index("job")


def test_what_is_on_hand_goes_to_the_job_that_is_due_first():
	found, _ = given(
		[job("LATER", due="2026-03-09"), job("SOONER", due="2026-03-05")],
		[("LATER", 60), ("SOONER", 70)],
		on_hand=100,
		orders=[("2026-03-04", 500, "PO-1-1")],
	)
	assert pd.isna(found.loc["SOONER", "material_at"]) and found.loc["SOONER", "material"] == ""
	# 30 are left for the other, 30 come on the 4th and can be used the morning after
	assert found.loc["LATER", "material_at"] == pd.Timestamp("2026-03-05")
	assert found.loc["LATER", "material"] == "BOLT (30 of 60 come with PO-1-1, due 04 Mar)"
	assert not found["material_missing"].any()


def test_work_under_way_comes_first_then_due_date_then_priority():
	same = "2026-03-05"
	found, _ = given(
		[
			job("A", due=same, priority=3),
			job("B", due=same, priority=1),
			job("C", due="2026-04-01", status="in progress"),
		],
		[("A", 10), ("B", 10), ("C", 10)],
		on_hand=20,
	)
	assert found["material_missing"].to_dict() == {"A": True, "B": False, "C": False}
	assert found.loc["A", "material"] == "BOLT (all 10 needed in Main)"


def test_a_job_without_due_date_comes_last():
	found, _ = given(
		[job("NONE", due=None), job("DATED", due="2027-01-01")], [("NONE", 10), ("DATED", 10)], on_hand=15
	)
	assert found["material_missing"].to_dict() == {"NONE": True, "DATED": False}
	assert found.loc["NONE", "material"] == "BOLT (5 of 10 needed in Main)"


def test_the_last_component_decides():
	jobs = rows(JOBS, [{**job("A"), "warehouse": MAIN}])
	lines = [
		{"job": "A", "item_code": item, "qty": 10, "step": step} for item, step in (("BOLT", 10), ("NUT", 20))
	]
	orders = [("BOLT", "2026-03-03", 10, "PO-1-1"), ("NUT", "2026-03-06", 10, "PO-2-1")]
	found, materials = allocate(
		jobs,
		rows(JOB_MATERIALS, lines),
		STOCK.empty(),
		rows(INBOUND, purchases(orders)),
		OUTBOUND.empty(),
		NOW,
	)
	assert found["material_at"].tolist() == [pd.Timestamp("2026-03-07")]
	assert "NUT" in found["material"].iloc[0] and "PO-2-1" in found["material"].iloc[0]
	assert materials["ready_at"].tolist() == [pd.Timestamp("2026-03-04"), pd.Timestamp("2026-03-07")]


def test_what_is_missing_beats_what_is_late():
	jobs = rows(JOBS, [{**job("A"), "warehouse": MAIN}])
	lines = [{"job": "A", "item_code": item, "qty": 10} for item in ("BOLT", "NUT", "WASHER")]
	late = rows(INBOUND, purchases([("BOLT", "2026-03-06", 10, "PO-1-1")]))
	found, _ = allocate(jobs, rows(JOB_MATERIALS, lines), STOCK.empty(), late, OUTBOUND.empty(), NOW)
	row = found.iloc[0]
	assert row["material_missing"] and pd.isna(row["material_at"])
	assert row["material"] == "NUT (all 10 needed in Main) and WASHER (all 10 needed in Main)"


def test_an_overdue_order_is_hoped_for_tomorrow_and_said():
	found, _ = given([job("A")], [("A", 10)], orders=[("2026-02-20", 10, "PO-1-1")])
	assert found.loc["A", "material_at"] == NOW.normalize() + pd.Timedelta(days=1)
	assert "overdue since 20 Feb, hoped for tomorrow" in found.loc["A", "material"]


def test_customer_orders_due_before_take_theirs_and_the_jobs_own_reservations_do_not_count():
	sales = [
		("2026-03-03", 60, "SO-1-1", "SO"),
		("2026-03-20", 60, "SO-2-1", "SO"),
		("2026-03-03", 100, "WO-A-1", "WO material"),
	]
	found, _ = given([job("A", due="2026-03-10")], [("A", 50)], on_hand=100, sales=sales)
	assert found.loc["A", "material_missing"] and "10 of 50 needed" in found.loc["A", "material"]


def test_only_the_warehouse_named_counts():
	jobs = [{**job("A"), "warehouse": "Elsewhere"}, {**job("B", due="2026-03-09"), "warehouse": MAIN}]
	found, _ = given(jobs, [("A", 10), ("B", 10)], on_hand=10)
	assert found["material_missing"].to_dict() == {"A": True, "B": False}


def test_a_job_without_lines_keeps_what_its_row_says():
	at = pd.Timestamp("2026-03-08 12:00")
	found, _ = given([job("A"), job("B", material_at=at, material="casting")], [("A", 10)], on_hand=10)
	assert found.loc["B", "material_at"] == at and found.loc["B", "material"] == "casting"
