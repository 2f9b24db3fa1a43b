"""Worlds to simulate in: what a planner knows before the cut, and the truth of the days after it.

Two of them: the demo company, whose demand and lead times come from distributions that its generator states
(`sentia_ops.demo`), and a retailer's real sales, with the lead times of the demo company's suppliers. Every pair of item
and warehouse has one source, so that policies differ in when and how much, and in nothing else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from sentia_ops.demo import catalogue as c
from sentia_ops.demo import generate
from sentia_ops.demo.simulate import true_mean_days

DATA = Path(os.environ.get("SENTIA_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
RETAIL = DATA / "online_retail.parquet"
MEASURED = 180  # days
WARM_UP = {"demo": 60, "retail": 30}  # days before them, whose costs do not count
HISTORY = 730
RETAIL_END = date(2011, 12, 10)  # the day after the last of the file
KEY = ["item_code", "warehouse"]
LEAST_HISTORY = 28  # days a pair has sold before the cut
SPLIT_FROM = 4  # pieces; smaller orders come whole
FIRST_PART = 0.6


@dataclass(frozen=True)
class World:
	"""n pairs over T days after the cut, of which the first `warm` do not count. Day 0 is the cut.

	Attributes:
	    pairs: item_code, warehouse, source (name; plants have the market's), one row a pair.
	    items: item_code, item_group, whole_number.
	    sales: demand frame of the days before the cut as the books have it, after it what was wanted; other pairs, too.
	    wanted: what customers want, shape (n, T).
	    unit_cost, margin: company currency; margin: lost with a unit not sold; shapes (n,).
	    min_qty, pack: of an order; shapes (n,).
	    promised_days: shape (n,); lead_mean, lead_std: the truth by day of order, shapes (n, T) and (n,).
	    lead: days until an order placed that day arrives, shape (n, T): the same for every policy.
	    split, gap: whether it comes in two parts and how many days apart, shape (n, T).
	    reject, luck: share refused at the door, shape (n,), and the uniform that rounds it, shape (n, T).
	    opening: uniform, where between reorder point and order-up-to level the stock begins, shape (n,).
	    receipts, offers: what the suppliers engine reads.
	    classes: ABC x XYZ at the cut, shape (n,).
	"""

	name: str
	cut: date
	warm: int
	pairs: pd.DataFrame
	items: pd.DataFrame
	sales: pd.DataFrame
	wanted: np.ndarray
	unit_cost: np.ndarray
	margin: np.ndarray
	min_qty: np.ndarray
	pack: np.ndarray
	promised_days: np.ndarray
	lead_mean: np.ndarray
	lead_std: np.ndarray
	lead: np.ndarray
	split: np.ndarray
	gap: np.ndarray
	reject: np.ndarray
	luck: np.ndarray
	opening: np.ndarray
	receipts: pd.DataFrame
	offers: pd.DataFrame
	classes: np.ndarray

	@property
	def days(self) -> int:
		return self.wanted.shape[1]

	@cached_property
	def past(self) -> tuple[np.ndarray, np.ndarray]:
		"""Sold and whether in stock, the HISTORY days before the cut, then what was wanted; shapes (n, HISTORY + T).

		NaN before a pair's first row.
		"""
		known = self.sales.merge(self.pairs[KEY].reset_index(names="row"), on=KEY)
		at = known["row"].to_numpy()
		day = (known["date"] - pd.Timestamp(self.cut)).dt.days.to_numpy() + HISTORY
		sold = np.zeros((len(self.pairs), HISTORY + self.days))
		stocked = np.ones_like(sold, dtype=bool)
		inside = day >= 0
		sold[at[inside], day[inside]] = known["qty"].to_numpy()[inside]
		stocked[at[inside], day[inside]] = known["in_stock"].to_numpy()[inside]
		first = np.full(len(sold), HISTORY + self.days)
		np.minimum.at(first, at, np.maximum(day, 0))
		return np.where(np.arange(sold.shape[1]) < first[:, None], np.nan, sold), stocked


def demo_world(seed: int, cut: date, items: int = 200) -> World:
	"""The demo company at the cut, without materials, and without what is too young or was given up before.

	No distribution says when work orders take materials; what is given up has no demand left, only opening stock.
	"""
	days = WARM_UP["demo"] + MEASURED
	company = generate(seed=seed, items=items, days=HISTORY + days, as_of=cut + timedelta(days=days))
	series = company.truth["series"]
	young = series["starts_on"] > pd.Timestamp(cut) - pd.Timedelta(days=LEAST_HISTORY)
	series = series[(series["pattern"] != "material") & ~young]
	pairs = series[series["ends_on"] >= pd.Timestamp(cut)][[*KEY, "market"]]
	pairs = pairs.merge(company.items, on="item_code").reset_index(drop=True)
	offers = company.supplier_items[company.supplier_items["is_default"]].set_index("item_code")
	pairs["source"] = pairs["item_code"].map(offers["supplier"]).fillna("Plant " + pairs["market"])
	sources = [_source(name) for name in pairs["source"]]
	before = company.demand[company.demand["date"] < pd.Timestamp(cut)]
	after = company.truth["demand"]
	after = after[after["date"] >= pd.Timestamp(cut)].rename(columns={"wanted": "qty"})
	sales = pd.concat([before, after.assign(in_stock=True)], ignore_index=True)[
		[*KEY, "date", "qty", "in_stock"]
	]
	sales = sales.merge(series[KEY], on=KEY)
	price = pairs["item_code"].map(offers["price"] * offers["currency"].map(c.RATES))
	cost = price.fillna(pairs["valuation_rate"]).to_numpy()
	return _world(
		f"demo {seed}",
		cut,
		WARM_UP["demo"],
		pairs,
		sales,
		sources,
		unit_cost=cost,
		margin=np.maximum(pairs["selling_rate"].to_numpy() - cost, 0.0),
		receipts=_with_plants(company),
		rng=np.random.default_rng([seed, 1]),
	)


def _source(name: str) -> c.Source:
	if name.startswith("Plant "):
		return c.PLANT[name.removeprefix("Plant ")]
	return next(s for s in c.SUPPLIERS if s.name == name)


def _with_plants(company) -> pd.DataFrame:
	"""Receipts, and what the plant finished for each market as receipts of a supplier of that name."""
	made = company.truth["production"]
	market = made["warehouse"].map({w: m for m, w in c.WAREHOUSES.items()})
	made = pd.DataFrame(
		{
			"order_line": made["work_order"],
			"part": 0,
			"supplier": "Plant " + market,
			"item_code": made["item_code"],
			"warehouse": made["warehouse"],
			"ordered_on": made["started_on"],
			"promised_on": made["due_on"],
			"received_on": made["finished_on"],
			"qty_ordered": made["qty"],
			"qty_received": made["qty"].where(made["finished_on"].notna(), 0.0),
			"qty_rejected": 0.0,
			"rate": 0.0,
		}
	)
	return pd.concat([company.receipts, made], ignore_index=True)


def retail_world(seed: int, count: int = 1000, half: int = 0) -> World:
	"""`count` of the retailer's items that sold on ten days before the cut, always the same; the seed draws the sources.

	Args:
	    half: 0 or 1: every second item, so that what is developed on one half is measured on the other.
	"""
	days = WARM_UP["retail"] + MEASURED
	cut = RETAIL_END - timedelta(days=days)
	lines = _retail_lines()
	sales = lines.groupby(["item_code", "date"], as_index=False).agg(
		qty=("qty", "sum"), price=("price", "median")
	)
	before = sales[sales["date"] < pd.Timestamp(cut)]
	known = before.groupby("item_code").agg(
		sold_on=("date", "size"), first=("date", "min"), price=("price", "median")
	)
	old = known["first"] <= pd.Timestamp(cut) - pd.Timedelta(days=LEAST_HISTORY)
	known = known[(known["sold_on"] >= 10) & old].iloc[half::2]
	some = np.random.default_rng(half).choice(len(known), min(count, len(known)), replace=False)
	known, rng = known.iloc[np.sort(some)], np.random.default_rng([seed, 2])
	pairs = pd.DataFrame(
		{"item_code": known.index, "warehouse": "Shop", "item_group": "Gifts", "whole_number": True}
	)
	sources = [c.SUPPLIERS[k] for k in rng.integers(0, len(c.SUPPLIERS), len(pairs))]
	pairs["source"] = [s.name for s in sources]
	cost = known["price"].to_numpy() / 1.75
	span = (pd.Timestamp(cut) - known["first"]).dt.days.to_numpy()
	volume = before.groupby("item_code")["qty"].sum().loc[known.index].to_numpy() / span
	pairs["pack_size"] = np.where(volume > 12, 12.0, np.where(volume > 4, 6.0, 2.0))
	cycle = np.array([s.cycle_days for s in sources])
	pairs["min_order_qty"] = (
		np.maximum(1, np.ceil(volume * cycle / 5 / pairs["pack_size"])) * pairs["pack_size"]
	)
	sales = sales.assign(warehouse="Shop", in_stock=True)[[*KEY, "date", "qty", "in_stock"]].merge(
		pairs[KEY], on=KEY
	)
	return _world(
		f"retail {seed}",
		cut,
		WARM_UP["retail"],
		pairs,
		sales,
		sources,
		unit_cost=cost,
		margin=known["price"].to_numpy() - cost,
		receipts=_past_receipts(pairs, sources, cut, rng),
		rng=rng,
	)


def _retail_lines() -> pd.DataFrame:
	"""Sales lines of products: no duplicates, no postage or fees, no write-offs; a cancelled sale is taken out whole."""
	rows = pd.read_parquet(RETAIL).drop_duplicates()
	rows["date"] = rows["InvoiceDate"].dt.normalize()
	rows = rows[rows["StockCode"].str.fullmatch(r"\d{5}[A-Za-z]*") & (rows["UnitPrice"] > 0)]
	rows["item_code"] = rows["StockCode"].str.upper()
	cancelled = rows["InvoiceNo"].str.startswith("C")
	gone = (
		rows[cancelled]
		.assign(Quantity=-rows["Quantity"])[["CustomerID", "item_code", "Quantity"]]
		.drop_duplicates()
	)
	sold = rows[~cancelled & (rows["Quantity"] > 0)]
	marked = sold.merge(gone, on=["CustomerID", "item_code", "Quantity"], how="left", indicator=True)
	kept = marked[marked["_merge"] == "left_only"]
	return kept.rename(columns={"Quantity": "qty", "UnitPrice": "price"})[
		["item_code", "date", "qty", "price"]
	]


def _past_receipts(
	pairs: pd.DataFrame, sources: list[c.Source], cut: date, rng: np.random.Generator
) -> pd.DataFrame:
	"""Up to ten deliveries of each item in the year before the cut, by the sources' true lead times."""
	rows = []
	for item, source in zip(pairs["item_code"], sources, strict=True):
		for number in range(int(rng.integers(0, 11))):
			ordered = int(rng.integers(-365, -1))
			mean = true_mean_days(source, HISTORY + ordered)
			days = int(_lognormal_days(np.array(mean), np.array(source.std_days), rng.standard_normal()))
			rows.append((f"{item}-{number}", source.name, item, ordered, source.promised_days, days))
	found = pd.DataFrame(rows, columns=["order_line", "supplier", "item_code", "day", "promised", "days"])
	day = pd.Timestamp(cut)
	here = found["day"] + found["days"] < 0
	return found.assign(
		part=0,
		warehouse="Shop",
		ordered_on=day + pd.to_timedelta(found["day"], unit="D"),
		promised_on=day + pd.to_timedelta(found["day"] + found["promised"], unit="D"),
		received_on=(day + pd.to_timedelta(found["day"] + found["days"], unit="D")).where(here),
		qty_ordered=10.0,
		qty_received=np.where(here, 10.0, 0.0),
		qty_rejected=0.0,
		rate=0.0,
	).drop(columns=["day", "promised", "days"])


def _world(name, cut, warm, pairs, sales, sources, *, unit_cost, margin, receipts, rng) -> World:
	n, days = len(pairs), warm + MEASURED
	column = {field: np.array([getattr(s, field) for s in sources], dtype=float)[:, None] for field in (
		"std_days", "split_chance", "gap_days")}  # fmt: skip
	mean = np.array([[true_mean_days(s, HISTORY + day) for day in range(days)] for s in sources])
	rows = sales.merge(pairs[KEY].reset_index(names="row"), on=KEY)
	day = (rows["date"] - pd.Timestamp(cut)).dt.days.to_numpy()
	wanted = np.zeros((n, days))
	ahead = (day >= 0) & (day < days)
	wanted[rows["row"].to_numpy()[ahead], day[ahead]] = rows["qty"].to_numpy()[ahead]
	offers = pd.DataFrame({"supplier": pairs["source"], "item_code": pairs["item_code"]})
	offers["promised_lead_days"] = [float(s.promised_days) for s in sources]
	return World(
		name=name,
		cut=cut,
		warm=warm,
		pairs=pairs[[*KEY, "source"]],
		items=pairs[["item_code", "item_group", "whole_number"]].drop_duplicates("item_code"),
		sales=sales,
		wanted=wanted,
		unit_cost=unit_cost,
		margin=margin,
		min_qty=pairs["min_order_qty"].to_numpy(float),
		pack=np.maximum(pairs["pack_size"].to_numpy(float), 1.0),
		promised_days=offers["promised_lead_days"].to_numpy(),
		lead_mean=mean,
		lead_std=column["std_days"][:, 0],
		lead=_lognormal_days(mean, column["std_days"], rng.standard_normal((n, days))),
		split=rng.random((n, days)) < column["split_chance"],
		gap=1 + rng.poisson(column["gap_days"] - 1, (n, days)),
		reject=np.array([s.reject_share for s in sources]),
		luck=rng.random((n, days)),
		opening=rng.random(n),
		receipts=receipts,
		offers=offers.drop_duplicates(["supplier", "item_code"]),
		classes=classify(rows[day < 0], n, day[day < 0], unit_cost),
	)


def _lognormal_days(mean: np.ndarray, std: np.ndarray, z: np.ndarray | float) -> np.ndarray:
	"""Whole days, at least one: the formula of `sentia_ops.demo.simulate.lead_days`."""
	variance = np.log1p((std / mean) ** 2)
	return np.maximum(1, np.rint(np.exp(np.log(mean) - variance / 2 + np.sqrt(variance) * z))).astype(int)


def classify(rows: pd.DataFrame, n: int, day: np.ndarray, unit_cost: np.ndarray) -> np.ndarray:
	"""ABC by money sold (80, 95 %), XYZ by coefficient of variation of the last 26 weeks' sales (0.5, 1), at the cut."""
	week = (day + 26 * 7) // 7
	inside = week >= 0
	weekly = np.zeros((n, 26))
	np.add.at(weekly, (rows["row"].to_numpy()[inside], week[inside]), rows["qty"].to_numpy()[inside])
	value = weekly.sum(axis=1) * unit_cost
	order = np.argsort(-value, kind="stable")
	before = np.empty(n)
	before[order] = np.cumsum(value[order]) - value[order]
	share = before / max(value.sum(), 1e-9)
	abc = np.where(share < 0.8, "A", np.where(share < 0.95, "B", "C"))
	mean = weekly.mean(axis=1)
	scatter = np.divide(weekly.std(axis=1), mean, out=np.full(n, np.inf), where=mean > 0)
	xyz = np.where(scatter < 0.5, "X", np.where(scatter < 1.0, "Y", "Z"))
	return np.char.add(abc, xyz)
