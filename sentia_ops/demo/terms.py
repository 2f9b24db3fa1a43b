"""What the demo company's suppliers ask for: minimum values, order days, a closure, price breaks."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd

CLOSED_AFTER, CLOSED_FOR = 30, 14  # days from as_of to the far supplier's holidays, and how long they last
TERMS = {  # supplier -> what it asks for; values in company currency
	"Vega Casa S.p.A.": {"min_order_value": 1200.0},
	"Great Lakes Appliance Inc.": {"min_order_value": 400.0},
	"Baltic Packaging OÜ": {"order_days": "Tue,Fri"},
	"Harbour Star Trading Co.": {"min_order_value": 2500.0, "ordering_cost": 90.0, "closes": True},
}
BREAKS = ((3, 0.97), (8, 0.93))  # times the minimum quantity, price against the usual one
WITH_BREAKS = 0.35  # share of the offers


def make_terms(suppliers: pd.Series, as_of: date) -> pd.DataFrame:
	"""Rows of supplier_terms, for the suppliers that have any."""
	first = as_of + timedelta(days=CLOSED_AFTER)
	closure = [{"from": str(first), "to": str(first + timedelta(days=CLOSED_FOR - 1))}]
	there = set(suppliers)
	return pd.DataFrame(
		[
			{
				"supplier": name,
				"min_order_value": asked.get("min_order_value", 0.0),
				"order_days": asked.get("order_days", ""),
				"closed": json.dumps(closure) if asked.get("closes") else "[]",
				"ordering_cost": asked.get("ordering_cost", np.nan),
				"barred": "",
				"replaced_by": "",
			}
			for name, asked in TERMS.items()
			if name in there
		],
		columns=[
			"supplier", "min_order_value", "order_days", "closed", "ordering_cost", "barred", "replaced_by",
		],
	)  # fmt: skip


def with_price_breaks(offers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
	"""Some offers get cheaper from several times their minimum quantity on."""
	chosen = rng.random(len(offers)) < WITH_BREAKS
	texts = [
		json.dumps(_breaks(offer)) if has else "[]"
		for offer, has in zip(offers.itertuples(), chosen, strict=True)
	]
	return offers.assign(price_breaks=texts)


def _breaks(offer) -> list[dict]:
	digits = 2 if offer.price >= 1 else 4
	return [
		{"qty": offer.min_order_qty * times, "price": round(offer.price * factor, digits)}
		for times, factor in BREAKS
	]
