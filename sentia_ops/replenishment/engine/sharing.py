"""Inputs of `excess` and `allocation` from the rows of a plan."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine.allocation import allocate
from sentia_ops.replenishment.engine.arrays import exact
from sentia_ops.replenishment.engine.excess import find_excess
from sentia_ops.replenishment.engine.policy import Policy
from sentia_ops.replenishment.engine.rows import lead_spread
from sentia_ops.replenishment.engine.series import OpenOrders

RECEIPTS = ["item_code", "warehouse", "supplier", "received_on", "qty"]


def excess_of(
	placed: pd.DataFrame,
	inbound: pd.DataFrame,
	receipts: pd.DataFrame | None,
	transfers: pd.DataFrame,
	policy: Policy,
	as_of: date,
) -> pd.DataFrame:
	"""See `excess.find_excess`; `placed`: every pair with its regular supplier, as `moving.with_places` gives it."""
	came = pd.DataFrame(columns=RECEIPTS)
	if receipts is not None and len(receipts):
		came = receipts.dropna(subset=["received_on"]).assign(
			qty=lambda r: r["qty_received"] - r["qty_rejected"]
		)
	bought = inbound[inbound["kind"] == "PO"]
	return find_excess(placed, policy, as_of=as_of, orders=bought, receipts=came, transfers=transfers)


def shares_of(placed: pd.DataFrame, outbound: OpenOrders) -> pd.DataFrame:
	"""See `allocation.allocate`."""
	available = np.maximum(exact(placed["lead_supply"] + placed["owed"]), 0.0)
	wanted = exact(placed["owed"] + placed["lead_wanted"])
	both = pd.DataFrame({"wanted": wanted, "available": available}, index=placed.index)
	total = both.groupby([placed["item_code"], placed["company"]]).transform("sum")
	scarce = (total["wanted"] > total["available"] + 1e-6) & (total["available"] > 1e-6)
	rows = placed[scarce.to_numpy()]
	if rows.empty:
		return allocate(rows.assign(mean=0.0, available=0.0))
	promised = outbound.within(rows["pair"].to_numpy(), rows["lead_days"].to_numpy())
	rows = lead_spread(
		rows.assign(available=available[scarce.to_numpy()], mean=wanted[scarce.to_numpy()]).reset_index(
			drop=True
		)
	)
	return allocate(
		rows.assign(
			orders=exact(rows["owed"].to_numpy() + promised),
			std=rows["lead_dev"],
			none=np.where(rows["owed"] > 0, 0.0, rows["lead_none"]),
		)
	)
