"""Prices paid against other suppliers' prices and against last year's, in company currency.

What is compared is a supplier's average price of an item in a month ("item-month"), weighted by what the quantity
would have cost at the other price, so that the index is: paid / the same quantities at the other price.

The market price of an item in a month is the median over the other suppliers of their latest ordered price within a
year; of a supplier nothing was ordered from, his present offer counts, for the last twelve months only.
"""

from __future__ import annotations

import pandas as pd

from sentia_ops.suppliers.scoring.lines import COLUMNS

CELL = ["item_code", "supplier", "month"]
FRESH = pd.Timedelta(days=366)  # an older price is no price
AROUND = pd.Timedelta(days=46)  # "a year ago": the same month or the one beside it


def paid(receipts: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	"""Item-months: item_code, supplier, month, qty, price (average per stock UOM). Lines without a price are left out."""
	lines = receipts[(receipts["ordered_on"] < today) & (receipts["rate"] > 0)].drop_duplicates("order_line")
	lines = lines.assign(
		month=lines["ordered_on"].dt.to_period("M").dt.to_timestamp(),
		value=lines["qty_ordered"] * lines["rate"],
	)
	cells = lines.groupby(CELL, as_index=False).agg(qty=("qty_ordered", "sum"), value=("value", "sum"))
	return cells.assign(price=cells["value"] / cells["qty"]).sort_values("month", kind="stable")


def offered(offers: pd.DataFrame, rates: dict[str, float]) -> pd.DataFrame:
	"""Present offers in company currency: supplier, item_code, price; those in a currency without a rate are left out."""
	price = offers["price"] * offers["currency"].map(rates)
	known = offers.assign(price=price)[["supplier", "item_code", "price"]]
	return known[known["price"] > 0]


def against_market(cells: pd.DataFrame, offers: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	"""Observations of price_market. A supplier without an order is compared by his present offers, each item once."""
	asked = pd.concat([cells, _only_offered(cells, offers, today)], ignore_index=True)
	market = _market(asked, cells, offers, today)
	rows = asked.join(market, how="inner")
	return _index(rows, "price_market", rows["market"])


def _only_offered(cells: pd.DataFrame, offers: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
	others = offers[~offers["supplier"].isin(cells["supplier"])]
	month = today.to_period("M").to_timestamp()
	return others.assign(month=month, qty=1 / others["price"], value=1.0)


def _market(asked: pd.DataFrame, cells: pd.DataFrame, offers: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
	"""Median price of the others, by row of `asked`; rows without another price are absent."""
	pairs = pd.concat([cells[["item_code", "supplier"]], offers[["item_code", "supplier"]]]).drop_duplicates()
	pairs = pairs.rename(columns={"supplier": "other"})
	wanted = asked[CELL].rename_axis("row").reset_index().merge(pairs, on="item_code")
	wanted = wanted[wanted["supplier"] != wanted["other"]].sort_values("month", kind="stable")
	known = cells.rename(columns={"supplier": "other"})[["item_code", "other", "month", "price"]]
	found = pd.merge_asof(wanted, known, on="month", by=["item_code", "other"], tolerance=FRESH)
	present = offers.rename(columns={"supplier": "other", "price": "offer"})
	found = found.merge(present, on=["item_code", "other"], how="left")
	recent = found["month"] > today - FRESH
	found["price"] = found["price"].fillna(found["offer"].where(recent))
	return found.dropna(subset="price").groupby("row")["price"].median().rename("market")


def against_last_year(cells: pd.DataFrame) -> pd.DataFrame:
	"""Observations of price_year: the same supplier and item, the order month nearest to a year before."""
	known = cells[[*CELL, "price"]].rename(columns={"price": "then"})
	wanted = cells.assign(now=cells["month"], month=cells["month"] - pd.DateOffset(years=1))
	found = pd.merge_asof(
		wanted.sort_values("month"), known, on="month", by=["item_code", "supplier"], direction="nearest", tolerance=AROUND
	)  # fmt: skip
	found = found.dropna(subset="then").assign(month=lambda rows: rows["now"])
	return _index(found, "price_year", found["then"])


def _index(rows: pd.DataFrame, measure: str, other: pd.Series) -> pd.DataFrame:
	"""Prices of one item move together, so they form a cluster."""
	return pd.DataFrame(
		{
			"supplier": rows["supplier"],
			"measure": measure,
			"day": rows["month"],
			"cluster": pd.factorize(rows["item_code"])[0],
			"value": rows["price"] / other,
			"weight": rows["qty"] * other,
		},
		columns=COLUMNS,
	)
