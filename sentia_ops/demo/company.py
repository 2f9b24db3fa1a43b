"""The demo company: a maker and distributor of kitchen goods, drawn from a seed, with the truth kept beside it.

	company = generate(seed=2026, items=200, days=730, as_of=date(2026, 11, 20))

The same arguments give the same company, down to the last row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.demo import catalogue as c
from sentia_ops.demo import records
from sentia_ops.demo.assortment import add_sourcing, make_customers, make_items, make_offers, make_places
from sentia_ops.demo.demand import draw_demand, draw_promotions, draw_series, mean_demand
from sentia_ops.demo.factory import make_factory
from sentia_ops.demo.simulate import Outcome, Supply, simulate
from sentia_ops.demo.terms import make_terms, with_price_breaks
from sentia_ops.errors import SentiaError
from sentia_ops.forecasting.frames import DEMAND
from sentia_ops.replenishment.frames import INBOUND, OUTBOUND, STOCK
from sentia_ops.scheduling import frames as plant
from sentia_ops.store.frame import Frame
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.suppliers.frames import RECEIPTS, SUPPLIER_ITEMS, SUPPLIER_TERMS

FRAMES = (
	ITEMS, WAREHOUSES, CURRENCIES, SUPPLIER_ITEMS, SUPPLIER_TERMS, DEMAND, RECEIPTS, STOCK, INBOUND, OUTBOUND,
)  # fmt: skip
FACTORY = (
	plant.WORKSTATIONS, plant.SHIFTS, plant.CALENDAR_EXCEPTIONS, plant.SETUPS, plant.MAINTENANCE, plant.ROUTINGS,
	plant.ROUTING_MATERIALS, plant.JOBS, plant.JOB_MATERIALS, plant.OPERATIONS, plant.OPERATION_MODES,
)  # fmt: skip
SHORTEST = 30


@dataclass(frozen=True)
class DemoCompany:
	"""What the company's books show, and what is true.

	Attributes:
	    seed, as_of, days: `as_of` is the first day to plan for; history is the `days` before it.
	    items ... outbound: the frames of the same names.
	    customers: customer, market, weight (share of the market's orders).
	    boms: item_code, material, qty (of the material in one piece).
	    factory: the frames of FACTORY by name: what is made where, and what is to be made.
	    truth: table -> frame, see docs of `records.truth`: series, demand, promotions, suppliers, production, opening;
	        and factory: what a schedule has to find.
	"""

	seed: int
	as_of: date
	days: int
	items: pd.DataFrame
	warehouses: pd.DataFrame
	currencies: pd.DataFrame
	supplier_items: pd.DataFrame
	supplier_terms: pd.DataFrame
	demand: pd.DataFrame
	receipts: pd.DataFrame
	stock: pd.DataFrame
	inbound: pd.DataFrame
	outbound: pd.DataFrame
	customers: pd.DataFrame
	boms: pd.DataFrame
	factory: dict[str, pd.DataFrame]
	truth: dict[str, pd.DataFrame]

	def frames(self) -> Iterator[tuple[Frame, pd.DataFrame]]:
		"""Every table with its rows, referred ones first."""
		for frame in FRAMES:
			yield frame, getattr(self, frame.name)
		for frame in FACTORY:
			yield frame, self.factory[frame.name]

	def digest(self) -> str:
		"""SHA-256 over all tables and the truth: equal for equal companies."""
		total = hashlib.sha256()
		tables = {frame.name: rows for frame, rows in self.frames()}
		for name, rows in sorted(
			{**tables, **self.truth, "customers": self.customers, "boms": self.boms}.items()
		):
			total.update(name.encode())
			total.update(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
		return total.hexdigest()


def generate(
	seed: int = 2026, items: int = 200, days: int = 730, as_of: date | None = None, abroad: float = 1.0
) -> DemoCompany:
	"""Draw the company.

	Args:
	    items: 20 to 200.
	    days: of history, at least 30.
	    as_of: the first day to plan for; default today.
	    abroad: how much of their usual assortment the EU and USA warehouses keep, 0 to 1.
	"""
	if days < SHORTEST:
		raise SentiaError(f"The demo company needs at least {SHORTEST} days of history, not {days}.")
	as_of = as_of or date.today()
	start = pd.Timestamp(as_of) - pd.Timedelta(days=days)
	assortment, wishes, noise, selling, plant, orders = (
		np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(6)
	)
	catalogue, boms = make_items(items)
	places = make_places(catalogue, assortment, abroad)
	series = draw_series(catalogue, places, days, wishes)
	promotions = draw_promotions(series, days, wishes)
	wanted = draw_demand(series, mean_demand(series, promotions, start, days), noise)
	volume = series.groupby("item_code")["level"].sum()
	volume = pd.concat([volume, _material_volume(boms, volume)])
	offers = make_offers(catalogue, volume, assortment)
	catalogue = add_sourcing(catalogue, offers, volume)

	goods = simulate(wanted, _supply(series, catalogue, offers, assortment), start, selling)
	materials = _material_series(places, catalogue, volume, days)
	used = _material_use(goods, series, materials, boms, days)
	stores = simulate(used, _supply(materials, catalogue, offers, assortment), start, plant)
	series = pd.concat([series, materials], ignore_index=True)
	outcome, wanted = records.join(goods, stores), np.vstack([wanted, used])
	books = records.Books(start, days, series, outcome, offers, len(goods.sold))
	tables = records.tables(books, orders)
	breaks = np.random.default_rng([seed, 4])  # its own generator: the older draws stay as they were
	tables["supplier_items"] = with_price_breaks(tables["supplier_items"], breaks)
	truth = records.truth(books, wanted, promotions)
	factory = make_factory(
		catalogue,
		boms,
		truth["production"],
		tables["stock"],
		tables["inbound"],
		as_of,
		np.random.default_rng([seed, 5]),
	)
	return DemoCompany(
		seed=seed,
		as_of=as_of,
		days=days,
		items=catalogue[ITEMS.columns],
		customers=make_customers(assortment),
		boms=boms,
		factory=factory.tables,
		truth={**truth, "factory": factory.truth},
		supplier_terms=make_terms(tables["supplier_items"]["supplier"], as_of),
		**tables,
	)


def _material_volume(boms: pd.DataFrame, volume: pd.Series) -> pd.Series:
	use = boms["qty"] * boms["item_code"].map(volume).fillna(0.0)
	return use.groupby(boms["material"]).sum()


def _material_series(places: pd.DataFrame, items: pd.DataFrame, volume: pd.Series, days: int) -> pd.DataFrame:
	raw = items.loc[items["kind"] == "raw", ["item_code", "kind"]]
	rows = places.merge(raw, on="item_code")
	return rows.assign(
		pattern="material", level=rows["item_code"].map(volume).fillna(0.0), first_day=0, last_day=days - 1
	)


def _material_use(
	goods: Outcome, series: pd.DataFrame, materials: pd.DataFrame, boms: pd.DataFrame, days: int
):
	"""Wanted materials, shape (materials, days): a work order takes them on the day it starts."""
	row_of = {code: i for i, code in enumerate(materials["item_code"])}
	used = np.zeros((len(materials), days))
	orders = goods.orders.assign(item_code=series["item_code"].to_numpy()[goods.orders["series"]])
	orders = orders[orders["source"] >= len(c.SUPPLIERS)]
	needs = orders.merge(boms, on="item_code", suffixes=("", "_each"))
	rows = needs["material"].map(row_of).to_numpy(dtype=int)
	np.add.at(used, (rows, needs["day"].to_numpy(dtype=int)), (needs["qty"] * needs["qty_each"]).to_numpy())
	return np.round(used, 3)


def _supply(
	series: pd.DataFrame, items: pd.DataFrame, offers: pd.DataFrame, rng: np.random.Generator
) -> Supply:
	sources = [*c.SUPPLIERS, *c.PLANT.values()]
	index = {s.name: i for i, s in enumerate(c.SUPPLIERS)}
	plant = {market: len(c.SUPPLIERS) + i for i, market in enumerate(c.PLANT)}
	default = offers[offers["is_default"]].set_index("item_code")["supplier"].map(index)
	other = offers[~offers["is_default"]].set_index("item_code")
	code, n = series["item_code"], len(series)
	source = code.map(default).fillna(series["market"].map(plant)).to_numpy(dtype=int)
	item = items.set_index("item_code").loc[code]
	promised = np.array([s.promised_days for s in sources])[source]
	return Supply(
		sources=sources,
		source=source,
		second=code.map(other["supplier"].map(index)).fillna(-1).to_numpy(dtype=int),
		min_qty=item["min_order_qty"].to_numpy(),
		second_min_qty=code.map(other["min_order_qty"]).fillna(0.0).to_numpy(),
		pack=np.maximum(item["pack_size"].to_numpy(), 1.0),
		safety_days=rng.uniform(6, 18, n) * (1 + promised / 60),  # more for those that deliver from afar
		guess=series["level"].to_numpy() * rng.uniform(0.8, 1.25, n),
		first_day=series["first_day"].to_numpy(),
		last_day=series["last_day"].to_numpy(),
	)
