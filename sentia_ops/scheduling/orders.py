"""An order that is no job yet: its rows in the tables of jobs, from the routing of its item."""

from __future__ import annotations

import math

import pandas as pd

from sentia_ops.errors import NoDataError, SentiaError
from sentia_ops.naming import closest
from sentia_ops.scheduling import frames as f
from sentia_ops.store import Store
from sentia_ops.store.frame import Frame

STEP_COLUMNS = [
	"step", "operation", "after", "min_wait", "max_wait", "family", "batch_key", "splittable", "kind", "rework_share",
]  # fmt: skip


def order_rows(
	store: Store,
	item_code: str,
	qty: float,
	*,
	name: str,
	priority: int = 3,
	due_at: pd.Timestamp | None = None,
	release_at: pd.Timestamp | None = None,
) -> list[tuple[Frame, pd.DataFrame]]:
	"""Rows of jobs, operations, operation_modes and job_materials for `qty` of an item, as a job called `name`.

	The routing is that of table routings, else that of the newest job that made the item, its minutes in proportion to
	the quantity.

	Raises:
	    SentiaError: the quantity is not above 0.
	    NoDataError: nobody knows how the item is made.
	"""
	if not (math.isfinite(qty) and qty > 0):
		raise SentiaError(f"The quantity of {item_code} is {qty:g}; it must be above 0.")
	routing, materials = routing_of(store, item_code)
	minutes = (routing["minutes_fixed"] + routing["minutes_per_unit"] * qty).apply(
		lambda m: math.ceil(m - 1e-9)
	)
	job = {"job": name, "item_code": item_code, "qty": qty, "priority": priority}
	job |= {"due_at": due_at, "release_at": release_at, "status": "pending"}
	steps = routing.drop_duplicates("step")[STEP_COLUMNS]
	modes = routing[["step", "workstation", "units", "needs"]].assign(minutes=minutes.astype(float))
	taken = materials.assign(item_code=materials["material"], qty=materials["qty"] * qty)
	rows = (
		(f.JOBS, pd.DataFrame([job])),
		(f.OPERATIONS, steps.assign(job=name)),
		(f.OPERATION_MODES, modes.assign(job=name)),
		(f.JOB_MATERIALS, taken[["item_code", "qty", "warehouse", "step"]].assign(job=name)),
	)
	return [(frame, frame.validate(part)) for frame, part in rows if len(part)]


def routing_of(store: Store, item_code: str) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""Rows of routings and routing_materials of an item.

	Raises:
	    NoDataError: neither a routing nor a job of the item is known.
	"""
	routing = store.read(f.ROUTINGS, item_code=item_code)
	materials = store.read(f.ROUTING_MATERIALS, item_code=item_code)
	if len(routing):
		return routing, materials
	jobs = store.read(f.JOBS, item_code=item_code)
	jobs = jobs[jobs["qty"] > 0]
	operations = store.read(f.OPERATIONS, job=jobs["job"].tolist())
	jobs = jobs[jobs["job"].isin(set(operations["job"]))]
	if jobs.empty:
		known = set(store.read(f.ROUTINGS)["item_code"]) | set(store.read(f.JOBS)["item_code"])
		raise NoDataError(
			f"Nobody knows how {item_code} is made: it has neither a routing nor a job with operations.",
			closest(item_code, sorted(known - {""}), "Items that are made"),
		)
	last = jobs.sort_values(["release_at", "job"], na_position="first", kind="stable").iloc[-1]
	return _as_routing(store, last, operations[operations["job"] == last["job"]], materials)


def _as_routing(store: Store, job: pd.Series, operations: pd.DataFrame, materials: pd.DataFrame):
	modes = store.read(f.OPERATION_MODES, job=job["job"])
	rows = operations.merge(modes, on=["job", "step"])
	rows = rows.assign(
		item_code=job["item_code"], minutes_fixed=0.0, minutes_per_unit=rows["minutes"] / job["qty"]
	)
	rows = rows[rows["minutes_per_unit"].notna() & rows["kind"].isin(["work", "inspection"])]
	if materials.empty:
		taken = store.read(f.JOB_MATERIALS, job=job["job"])
		taken = taken.assign(
			material=taken["item_code"], item_code=job["item_code"], qty=taken["qty"] / job["qty"]
		)
		materials = f.ROUTING_MATERIALS.validate(taken) if len(taken) else materials
	return f.ROUTINGS.validate(rows), materials
