"""When each job's materials are there: stock and dated deliveries, given out in order of due date.

Rules, so that the answer can be checked by hand:
* What is on hand is there now. A delivery can be used from the morning after the day it is due; one that is overdue
  from tomorrow morning, and that is said.
* Who needs first gets first: jobs in progress, then by due date (jobs without one last), priority and name. Customer
  orders for the material itself stand in the same row by their own due date.
* A component is ready when the last part of its quantity is there, a job when the last of its components is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pandas as pd

FAR = pd.Timestamp.max
TINY = 1e-6  # below that a quantity is rounding


@dataclass
class Lot:
	"""A quantity of one item that is somewhere from some moment on."""

	warehouse: str
	at: pd.Timestamp
	qty: float
	source: str  # empty: on hand


@dataclass
class Shelves:
	"""What there is and what will come, by item; taking reduces it."""

	lots: dict[str, list[Lot]] = field(default_factory=lambda: defaultdict(list))

	def take(self, item: str, warehouse: str, qty: float) -> tuple[float, list[tuple[Lot, float]]]:
		"""Take `qty` from the earliest lots of a warehouse (empty: of any).

		Returns:
		    what is missing, and (lot, quantity) of what was taken, the earliest first.
		"""
		taken = []
		for lot in self.lots.get(item, ()):
			if qty <= TINY:
				break
			if lot.qty > TINY and warehouse in ("", lot.warehouse):
				part = min(lot.qty, qty)
				lot.qty, qty = lot.qty - part, qty - part
				taken.append((lot, part))
		return (qty if qty > TINY else 0.0), taken


def allocate(
	jobs: pd.DataFrame,
	job_materials: pd.DataFrame,
	stock: pd.DataFrame,
	inbound: pd.DataFrame,
	outbound: pd.DataFrame,
	now: pd.Timestamp,
) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""Jobs with material_at, material and material_missing; job_materials with ready_at, source and missing.

	A job without rows in `job_materials` keeps what its own row says.
	"""
	if job_materials.empty:
		return jobs, job_materials
	wanted = set(job_materials["item_code"])
	shelves = _shelves(
		stock[stock["item_code"].isin(wanted)], inbound[inbound["item_code"].isin(wanted)], now
	)
	asked = _in_order(jobs, job_materials, outbound)
	found: dict[int, tuple] = {}
	for row in asked.itertuples():
		missing, taken = shelves.take(row.item_code, row.warehouse, row.qty)
		if row.place >= 0:
			found[row.place] = _answer(row, missing, taken)
	answers = pd.DataFrame(
		[found[i] for i in range(len(job_materials))], columns=["ready_at", "source", "missing"]
	)
	job_materials = job_materials.reset_index(drop=True).assign(
		ready_at=pd.to_datetime(answers["ready_at"]),
		source=answers["source"],
		missing=answers["missing"].astype(bool),
	)
	return _by_job(jobs, job_materials), job_materials


def _shelves(stock: pd.DataFrame, inbound: pd.DataFrame, now: pd.Timestamp) -> Shelves:
	shelves = Shelves()
	for row in stock[stock["on_hand"] > 0].itertuples():
		shelves.lots[row.item_code].append(Lot(row.warehouse, now, float(row.on_hand), ""))
	today, tomorrow = now.normalize(), now.normalize() + pd.Timedelta(days=1)
	for row in inbound.sort_values(["due_date", "voucher"]).itertuples():
		overdue = row.due_date < today
		at = max(row.due_date.normalize() + pd.Timedelta(days=1), tomorrow)
		due = (
			f"overdue since {row.due_date:%d %b}, hoped for tomorrow"
			if overdue
			else f"due {row.due_date:%d %b}"
		)
		shelves.lots[row.item_code].append(Lot(row.warehouse, at, float(row.qty), f"{row.voucher}, {due}"))
	for lots in shelves.lots.values():
		lots.sort(key=lambda lot: lot.at)
	return shelves


def _in_order(jobs: pd.DataFrame, job_materials: pd.DataFrame, outbound: pd.DataFrame) -> pd.DataFrame:
	"""All that want material, the first to be served first; `place`: row of job_materials, -1 for customer orders."""
	of_job = jobs.set_index("job")
	rows = job_materials.reset_index(drop=True)
	own = rows["job"].map(of_job["warehouse"]).fillna("")
	wanted = pd.DataFrame(
		{
			"item_code": rows["item_code"],
			"warehouse": rows["warehouse"].where(rows["warehouse"] != "", own),
			"qty": rows["qty"],
			"place": range(len(rows)),
			"begun": rows["job"].map(of_job["status"]).ne("in progress"),
			"due": pd.to_datetime(rows["job"].map(of_job["due_at"])).fillna(FAR),
			"priority": rows["job"].map(of_job["priority"]).fillna(3),
			"name": rows["job"],
		}
	)
	# what work orders reserve are the jobs' own materials
	others = outbound[outbound["kind"].ne("WO material") & outbound["item_code"].isin(set(rows["item_code"]))]
	orders = pd.DataFrame(
		{
			"item_code": others["item_code"],
			"warehouse": others["warehouse"],
			"qty": others["qty"],
			"place": -1,
			"begun": True,
			"due": others["due_date"],
			"priority": 3,
			"name": others["voucher"],
		}
	)
	both = pd.concat([part for part in (wanted, orders) if len(part)], ignore_index=True)
	return both.sort_values(["begun", "due", "priority", "name", "item_code"], kind="stable")


def _answer(row, missing: float, taken: list[tuple[Lot, float]]) -> tuple:
	"""ready_at, source (a noun, as sentences about waiting want it) and missing of one line."""
	if missing:
		where = f" in {row.warehouse}" if row.warehouse else ""
		part = "all" if missing >= row.qty - TINY else f"{missing:,.6g} of"
		return pd.NaT, f"{row.item_code} ({part} {row.qty:,.6g} needed{where})", True
	last, qty = taken[-1]
	if not last.source:
		return pd.NaT, "", False
	return last.at, f"{row.item_code} ({qty:,.6g} of {row.qty:,.6g} come with {last.source})", False


def _by_job(jobs: pd.DataFrame, job_materials: pd.DataFrame) -> pd.DataFrame:
	"""The last component decides; what is missing comes before what is late."""
	rows = job_materials[job_materials["missing"] | job_materials["ready_at"].notna()]
	last = rows.sort_values(["missing", "ready_at"], kind="stable").drop_duplicates("job", keep="last")
	last = last.set_index("job")
	missing = rows[rows["missing"]].groupby("job")["source"].agg(" and ".join)
	known = jobs["job"].isin(set(job_materials["job"]))
	return jobs.assign(
		material_at=pd.to_datetime(
			jobs["job"].map(last["ready_at"]).where(known, jobs["material_at"]), errors="coerce"
		),
		material=jobs["job"]
		.map(missing.combine_first(last["source"]))
		.where(known, jobs["material"])
		.fillna(""),
		material_missing=jobs["job"].isin(set(missing.index)).where(known, jobs["material_missing"]),
	)
