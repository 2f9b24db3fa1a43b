"""What the demo company's books show of what happened, and the truth behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sentia_ops.demo import catalogue as c
from sentia_ops.demo.demand import WEEKDAYS
from sentia_ops.demo.simulate import Outcome


@dataclass(frozen=True)
class Books:
	"""All that the tables are made from.

	Attributes:
	    start: the first day of history.
	    series: one row per row of `outcome`: item_code, warehouse, market, pattern, first_day, last_day, ...
	    goods: the first so many series are sold to customers, the rest are materials.
	"""

	start: pd.Timestamp
	days: int
	series: pd.DataFrame
	outcome: Outcome
	offers: pd.DataFrame
	goods: int

	def dates(self, day) -> pd.DatetimeIndex:
		return self.start + pd.to_timedelta(np.asarray(day), unit="D")

	def named(self, rows: pd.DataFrame) -> pd.DataFrame:
		"""With item_code, warehouse and market of the column `series`."""
		return rows.join(self.series[["item_code", "warehouse", "market"]], on="series")


def join(goods: Outcome, stores: Outcome) -> Outcome:
	"""Two outcomes as one: the second's series and orders are numbered on from the first's."""
	orders = stores.orders.assign(series=stores.orders["series"] + len(goods.sold))
	parts = stores.parts.assign(order=stores.parts["order"] + len(goods.orders))
	return Outcome(
		sold=np.vstack([goods.sold, stores.sold]),
		on_hand=np.vstack([goods.on_hand, stores.on_hand]),
		opening=np.concatenate([goods.opening, stores.opening]),
		orders=pd.concat([goods.orders, orders], ignore_index=True),
		parts=pd.concat([goods.parts, parts], ignore_index=True),
	)


def tables(books: Books, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
	"""The frames other than items, by name."""
	lines = _numbered_lines(books)
	inbound, outbound = _inbound(books, lines), _outbound(books, rng)
	return {
		"warehouses": pd.DataFrame([(w, c.COMPANY, m) for m, w in c.WAREHOUSES.items()], columns=["warehouse", "company", "market"]),
		"currencies": pd.DataFrame(c.RATES.items(), columns=["currency", "rate"]),
		"supplier_items": books.offers,
		"demand": _demand(books),
		"receipts": _receipts(books, lines),
		"stock": _stock(books, inbound, outbound),
		"inbound": inbound,
		"outbound": outbound,
	}  # fmt: skip


def _numbered_lines(books: Books) -> pd.DataFrame:
	"""Order lines with document and row number; what one source gets for one warehouse on one day is one order."""
	lines = books.named(books.outcome.orders)
	lines["made"] = lines["source"] >= len(c.SUPPLIERS)
	lines["supplier"] = [c.SUPPLIERS[s].name if s < len(c.SUPPLIERS) else "" for s in lines["source"]]
	lines = lines.sort_values(["day", "source", "warehouse", "item_code"], kind="stable")
	lines["voucher"] = ""
	for made, prefix in ((False, "PO"), (True, "WO")):
		mine = lines[lines["made"] == made]
		key = ["day", "source", "warehouse"] + (["item_code"] if made else [])
		groups = mine.groupby(key, sort=False)
		lines.loc[mine.index, "voucher"] = [f"{prefix}-{n + 1:05d}" for n in groups.ngroup()]
		lines.loc[mine.index, "line"] = groups.cumcount() + 1
	lines["order_line"] = lines["voucher"] + "-" + lines["line"].astype(int).astype(str)
	arrived = books.outcome.parts[books.outcome.parts["day"] < books.days].groupby("order")
	lines["arrived"] = arrived["qty"].sum().reindex(lines.index, fill_value=0.0)
	lines["arrived_parts"] = arrived.size().reindex(lines.index, fill_value=0)
	return lines


def _demand(books: Books) -> pd.DataFrame:
	"""Sparse: sales, and days that ended with an empty shelf (nobody can say what more would have been sold)."""
	sold, empty = books.outcome.sold, books.outcome.on_hand <= 0
	day = np.arange(books.days)
	first, last = books.series[["first_day", "last_day"]].to_numpy().T
	alive = (day >= first[:, None]) & (day <= last[:, None])
	row, col = np.nonzero((sold > 0) | (empty & alive))
	return pd.DataFrame(
		{
			"item_code": books.series["item_code"].to_numpy()[row],
			"warehouse": books.series["warehouse"].to_numpy()[row],
			"date": books.dates(col),
			"qty": sold[row, col],
			"in_stock": ~empty[row, col],
			"channel": np.where(row < books.goods, "Wholesale", "Production"),
		}
	)


def _receipts(books: Books, lines: pd.DataFrame) -> pd.DataFrame:
	bought = lines[~lines["made"]]
	parts = books.outcome.parts
	came = bought.merge(
		parts[parts["day"] < books.days], left_index=True, right_on="order", suffixes=("", "_part")
	)
	came["received_on"] = books.dates(came["day_part"])
	still = bought[bought["arrived"] < bought["qty"]].assign(qty_part=0.0, rejected=0.0, received_on=pd.NaT)
	still["part"] = still["arrived_parts"]
	rows = pd.concat([came, still], ignore_index=True).sort_values(["order_line", "part"])
	prices = books.offers.assign(rate=books.offers["price"] * books.offers["currency"].map(c.RATES))
	rows = rows.merge(prices[["supplier", "item_code", "rate"]], on=["supplier", "item_code"])
	return pd.DataFrame(
		{
			"order_line": rows["order_line"],
			"part": rows["part"].astype(int),
			"supplier": rows["supplier"],
			"item_code": rows["item_code"],
			"warehouse": rows["warehouse"],
			"ordered_on": books.dates(rows["day"]),
			"promised_on": books.dates(rows["promised_day"]),
			"received_on": pd.to_datetime(rows["received_on"]),
			"qty_ordered": rows["qty"],
			"qty_received": rows["qty_part"],
			"qty_rejected": rows["rejected"],
			"rate": rows["rate"].round(4),
		}
	)


def _inbound(books: Books, lines: pd.DataFrame) -> pd.DataFrame:
	still = lines[lines["arrived"] < lines["qty"]]
	return pd.DataFrame(
		{
			"item_code": still["item_code"],
			"warehouse": still["warehouse"],
			"due_date": books.dates(still["promised_day"]),
			"voucher": still["order_line"],
			"qty": still["qty"] - still["arrived"],
			"kind": np.where(still["made"], "WO", "PO"),
		}
	).reset_index(drop=True)


def _outbound(books: Books, rng: np.random.Generator) -> pd.DataFrame:
	"""Open customer orders for later delivery: some for a share of a week's demand, a few large ones."""
	series = books.series.iloc[: books.goods]
	weekly = books.outcome.sold[: books.goods, -28:].sum(axis=1) / 4
	chosen = np.flatnonzero(
		(rng.random(books.goods) < 0.2) & (weekly >= 2) & (series["pattern"] != "ended").to_numpy()
	)
	rush = rng.choice(chosen, size=min(len(chosen), max(1, books.goods // 100)), replace=False)
	rows = []
	for i in chosen:
		share = rng.uniform(0.1, 0.5) + (2.0 if i in rush else 0.0)
		for due in rng.integers(1, 13, size=rng.integers(1, 3)):
			rows.append(
				(
					series["item_code"].iloc[i],
					series["warehouse"].iloc[i],
					books.days + due,
					np.ceil(weekly[i] * share),
				)
			)
	found = pd.DataFrame(rows, columns=["item_code", "warehouse", "due_day", "qty"])
	found.insert(2, "due_date", books.dates(found.pop("due_day")))
	found["voucher"] = [f"SO-{n + 1:05d}-1" for n in range(len(found))]
	return found.assign(kind="SO")


def _stock(books: Books, inbound: pd.DataFrame, outbound: pd.DataFrame) -> pd.DataFrame:
	key = ["item_code", "warehouse"]
	rows = books.series[key].assign(on_hand=books.outcome.on_hand[:, -1])
	reserved = outbound.groupby(key)["qty"].sum().rename("reserved")
	ordered = inbound[inbound["kind"] == "PO"].groupby(key)["qty"].sum().rename("ordered")
	rows = rows.join(reserved, on=key).join(ordered, on=key).fillna({"reserved": 0.0, "ordered": 0.0})
	return rows.assign(projected=rows["on_hand"] + rows["ordered"] - rows["reserved"])


def truth(books: Books, wanted: np.ndarray, promotions: pd.DataFrame) -> dict[str, pd.DataFrame]:
	"""What the books do not show.

	Returns:
	    series: pattern; level (mean a day just before as_of, without season and promotion; of materials the mean of the
	        plan); weekly factors mon..sun; yearly_amplitude and yearly_peak_day (day of the year) of a cosine;
	        trend_per_year; dispersion k of the negative binomial; demand_chance and demand_size of intermittent demand;
	        starts_on, ends_on.
	    demand: wanted and sold, on days when anything was wanted.
	    promotions: from, to (inclusive), lift.
	    suppliers: of the first delivery of an order, mean days at the start, drift in days a year, standard deviation;
	        split_chance and mean gap_days of parts; promised days; behaviour in words.
	    production: the plant's orders and when they came into stock (empty: still open).
	    opening: stock before the first day.
	"""
	key = ["item_code", "warehouse"]
	series = books.series.drop(columns=["first_day", "last_day", "kind", "product", "range"])
	series["starts_on"] = books.dates(books.series["first_day"])
	series["ends_on"] = books.dates(books.series["last_day"])
	row, col = np.nonzero(wanted)
	demand = books.series[key].iloc[row].reset_index(drop=True)
	demand = demand.assign(date=books.dates(col), wanted=wanted[row, col], sold=books.outcome.sold[row, col])
	campaigns = promotions[[*key, "lift"]].assign(
		starts_on=books.dates(promotions["from_day"]), ends_on=books.dates(promotions["to_day"])
	)
	return {
		"series": series.astype(dict.fromkeys(WEEKDAYS, float)),
		"demand": demand,
		"promotions": campaigns,
		"suppliers": _true_suppliers(),
		"production": _production(books),
		"opening": books.series[key].assign(qty=books.outcome.opening),
	}


def _true_suppliers() -> pd.DataFrame:
	return pd.DataFrame(
		[
			{
				"supplier": s.name,
				"behaviour": s.behaviour,
				"mean_days": float(s.mean_days),
				"std_days": float(s.std_days),
				"drift_days_per_year": float(s.drift),
				"promised_days": s.promised_days,
				"split_chance": s.split_chance,
				"gap_days": s.gap_days,
				"reject_share": s.reject_share,
			}
			for s in c.SUPPLIERS
		]
	)


def _production(books: Books) -> pd.DataFrame:
	made = _numbered_lines(books).query("made")
	first = books.outcome.parts.query("part == 0")  # the plant delivers a lot whole
	finished = first.set_index("order")["day"].reindex(made.index)
	return pd.DataFrame(
		{
			"work_order": made["voucher"],
			"item_code": made["item_code"],
			"warehouse": made["warehouse"],
			"started_on": books.dates(made["day"]),
			"due_on": books.dates(made["promised_day"]),
			"finished_on": pd.Series(books.dates(finished), index=made.index).where(finished < books.days),
			"qty": made["qty"],
		}
	).reset_index(drop=True)
