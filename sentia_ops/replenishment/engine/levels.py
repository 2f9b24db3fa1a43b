"""Reorder point, order-up-to level, safety stock and order quantity of many items at once, numbers only.

Stock is looked at every `review_days`; where the position is below the reorder point, an order goes out. At that moment
the position is not at the reorder point but somewhere below it: on average half of what sells between two looks. So stock
must cover the lead time and that wait. The wait's length is as uncertain as the lead time (uniform within the review
period: deviation review / sqrt(12)), and single big orders of customers carry stock further below (mean excess of a
renewal process: variance of a day / (2 x mean); Silver, Pyke & Thomas 2017, section 6.9; Tijms & Groenevelt 1984). Where an
order is due at every look anyway, the wait is the whole review period.

Day errors are not independent: a forecast that is too low is so for weeks. The deviation of the error summed over L days is
s(L) x sqrt(L) with s(L)^2 = day^2 + (L - 1) x level; `error_std` is s over ERROR_DAYS, `day_std` is s of a single day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import demand
from sentia_ops.replenishment.engine.arrays import exact, nearest, round_up, tidy
from sentia_ops.replenishment.engine.policy import Policy

DAYS_A_YEAR = 365
ERROR_DAYS = 28  # over which forecast_quality.error_std was measured
MOST_DAYS = 90  # beyond which errors are taken to grow no further
ROUNDS = 2  # of fitting quantity and reorder point to each other
STEPS = 9  # of Newton's method


def levels(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
	"""Levels and regular order quantity of each row; no look at stock.

	Args:
	    rows: one per item, warehouse and way of getting it. Needed columns (others have the default named):
	        long_daily: mean demand a day in the long run, stock UOM;
	        error_std: deviation of a day's forecast error, as it shows in sums over ERROR_DAYS days;
	        day_std: the same of a single day (default: error_std, errors independent);
	        lead_days, lead_std: until an order placed today arrives;
	        review_days: between two chances to order (default: the policy's);
	        lead_demand, period_demand: forecast over lead_days, and over lead_days + review_days (default: long_daily x days);
	        demand_class: of forecast_quality (default: smooth);
	        unit_cost, ordering_cost, holding_rate (default: the policy's), margin (of a unit not sold; default: stockout_margin x unit_cost);
	        service_level, service_measure, max_cover_days (default: the policy's);
	        min_qty, step, shelf_life_days (default 0), whole (default False), fixed_safety (default: none).

	Returns:
	    same index; service_level and service_measure used; period_days, period_demand (protection period: until an order placed at
	    the next chance arrives); cover_days, cover_demand, period_std (the time stock must cover on average, as above, demand in
	    it and its deviation); cover_error (s over that time), wait_share, wait_std, overshoot, time_std; distribution, none_chance;
	    safety_stock, spared (what a fill rate, or a level below the chance of none, lets the reorder point lie below cover_mean), cover_mean, reorder_point, order_up_to, reserve (the least stock at which nothing is late), economic_qty, order_qty
	    (after caps, minimum and packs), fill_rate.
	"""
	return _levels(complete(rows, policy))


def complete(rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
	"""Rows with every column of `levels`, defaults filled in."""
	rows = rows.copy()
	defaults = {
		"demand_class": "smooth",
		"review_days": float(policy.review_days),
		"ordering_cost": policy.ordering_cost,
		"holding_rate": policy.holding_rate,
		"service_level": policy.service_level,
		"service_measure": policy.service_measure,
		"max_cover_days": float(policy.max_cover_days),
		"min_qty": 0.0,
		"step": 0.0,
		"shelf_life_days": 0.0,
		"whole": False,
		"fixed_safety": np.nan,
	}
	for name, value in defaults.items():
		if name not in rows:
			rows[name] = value
	if "day_std" not in rows:
		rows["day_std"] = rows["error_std"]
	if "margin" not in rows:
		rows["margin"] = policy.stockout_margin * rows["unit_cost"]
	if "lead_demand" not in rows:
		rows["lead_demand"] = rows["long_daily"] * rows["lead_days"]
	if "period_demand" not in rows:
		rows["period_demand"] = rows["lead_demand"] + rows["long_daily"] * rows["review_days"]
	return rows


def _levels(rows: pd.DataFrame) -> pd.DataFrame:
	r = {name: rows[name].to_numpy() for name in rows.columns}
	fill = r["service_measure"] == "fill"
	least = review_demand(r)
	economic = economic_quantity(r)
	qty = capped(r, economic, least)
	found = _time_to_cover(r, qty)
	point = _reorder_point(r, found, qty, fill)
	for _ in range(ROUNDS if fill.any() else 0):
		economic = np.where(fill, _joint_quantity(r, found, point), economic)
		qty = capped(r, economic, least)
		found = _time_to_cover(r, qty)
		point = _reorder_point(r, found, qty, fill)
	found |= _stock_levels(r, found, point)
	found["economic_qty"], found["order_qty"] = economic, qty
	found["order_up_to"] = exact(found["reorder_point"] + qty)
	found["fill_rate"] = _fill_rate(found, qty)
	found["service_level"], found["service_measure"] = r["service_level"], r["service_measure"]
	return pd.DataFrame(found, index=rows.index)


def review_demand(r: dict) -> np.ndarray:
	"""What sells between two chances to order, in the long run."""
	return tidy(r["review_days"] * r["long_daily"])


def economic_quantity(r: dict) -> np.ndarray:
	"""sqrt(2 D S / H); without a price what sells between two chances to order; without demand 0."""
	yearly = exact(DAYS_A_YEAR * r["long_daily"])
	holding = r["holding_rate"] * r["unit_cost"]
	with np.errstate(divide="ignore", invalid="ignore"):
		eoq = np.sqrt(2 * yearly * r["ordering_cost"] / holding)
	return np.where(r["unit_cost"] > 0, tidy(np.where(r["unit_cost"] > 0, eoq, 0.0)), review_demand(r))


def cover_cap(r: dict, left: np.ndarray | float) -> np.ndarray:
	return exact(r["max_cover_days"] * r["long_daily"] - left)


def shelf_level(r: dict) -> np.ndarray:
	"""Newsvendor: stock to have on arrival of what perishes, demand over its shelf life at the ratio margin / (margin + cost).

	A unit too few loses the margin, one too many its cost (Arrow, Harris & Marschak 1951). Infinite for what does not perish.
	"""
	from scipy.special import ndtri

	days, daily = r["shelf_life_days"], r["long_daily"]
	z = np.round(ndtri(shelf_ratio(r)), 3)
	level = tidy(np.maximum(exact(days * daily) + z * tidy(error_over(r, days) * np.sqrt(days)), 0.0))
	return np.where(days > 0, level, np.inf)


def shelf_ratio(r: dict) -> np.ndarray:
	"""margin / (margin + unit cost), three decimals, within 0.01 to 0.99; 0.5 where nothing costs anything."""
	total = r["margin"] + r["unit_cost"]
	ratio = np.where(total > 0, r["margin"] / np.where(total > 0, total, 1.0), 0.5)
	return np.clip(np.round(ratio, 3), 0.01, 0.99)


def capped(r: dict, wanted: np.ndarray, gap: np.ndarray, left: np.ndarray | float = 0.0) -> np.ndarray:
	"""The larger of `wanted` and `gap`, within cover and shelf life, raised to the minimum order and full packs.

	The cover cap never cuts below the gap. The shelf-life cap may, as what cannot be sold in time is lost, but not below what
	customers are owed on arrival plus a day's demand.
	"""
	sells = r["long_daily"] > 0
	qty = np.maximum(wanted, gap)
	qty = np.where(sells, np.minimum(qty, np.maximum(cover_cap(r, left), gap)), gap)
	qty = np.where(sells, np.minimum(qty, shelf_cap(r, left)), qty)
	return round_up(np.maximum(qty, r["min_qty"]), r["step"])


def shelf_cap(r: dict, left: np.ndarray | float) -> np.ndarray:
	owed = exact(np.maximum(-np.asarray(left), 0.0) + r["long_daily"])
	return np.maximum(exact(shelf_level(r) - left), owed)


def error_over(r: dict, days: np.ndarray) -> np.ndarray:
	"""s(days): s x sqrt(days) is the deviation of the forecast error summed over `days`."""
	level = error_level(r)
	days = np.clip(days, 1.0, MOST_DAYS)
	return tidy(np.sqrt(np.maximum(r["error_std"] ** 2 + (days - ERROR_DAYS) * level, 0.0)))


def error_level(r: dict) -> np.ndarray:
	"""Variance of a mean that is off for weeks, from what single days and sums over ERROR_DAYS days show."""
	return tidy(np.maximum(r["error_std"] ** 2 - r["day_std"] ** 2, 0.0) / (ERROR_DAYS - 1))


def _time_to_cover(r: dict, qty: np.ndarray) -> dict:
	"""How long stock must last from the moment of ordering, and demand in that time."""
	review, lead = r["review_days"], r["lead_days"]
	usual = review_demand(r)
	with np.errstate(divide="ignore", invalid="ignore"):
		looks = np.where(usual > 0, qty / usual, 1.0)
	share = np.round(np.clip(5.0 - 4 * looks, 0.5, 1.0), 2)  # an order lasts `looks` review periods
	period = exact(lead + review)
	cover = exact(lead + share * review)
	period_demand = tidy(r["period_demand"])
	lead_demand = tidy(r["lead_demand"])
	cover_demand = tidy(lead_demand + share * np.maximum(period_demand - lead_demand, 0.0))
	wait_std = tidy(2 * (1 - share) * review / np.sqrt(12))
	error = np.where(cover_demand > 0, error_over(r, cover), 0.0)
	shape = demand.shape_of(r["demand_class"])
	with np.errstate(divide="ignore", invalid="ignore"):
		daily = tidy(np.where(cover > 0, cover_demand / np.where(cover > 0, cover, 1.0), 0.0))
		excess = tidy(np.where(daily > 0, r["day_std"] ** 2 / (2 * np.where(daily > 0, daily, 1.0)), 0.0))
	overshoot = np.where(share < 1, np.minimum(excess, exact(usual + daily)), 0.0)
	time_std = tidy(np.sqrt(r["lead_std"] ** 2 + wait_std**2))
	std = tidy(np.sqrt(cover * error**2 + daily**2 * time_std**2))
	orders = demand.order_rate(daily, error) * cover
	mean = exact(cover_demand + overshoot)
	return {
		"period_days": period,
		"period_demand": period_demand,
		"cover_days": cover,
		"cover_daily": daily,
		"cover_demand": cover_demand,
		"cover_mean": mean,
		"period_std": std,
		"cover_error": error,
		"wait_share": share,
		"wait_std": wait_std,
		"time_std": time_std,
		"overshoot": overshoot,
		"distribution": np.where(mean > 0, shape, ""),
		"none_chance": demand.none_chance(shape, orders, mean, std),
	}


def _spread(found: dict) -> tuple:
	return found["cover_mean"], found["period_std"], found["none_chance"]


def _reorder_point(r: dict, found: dict, qty: np.ndarray, fill: np.ndarray) -> np.ndarray:
	point = demand.quantile(*_spread(found), r["service_level"].astype(float))
	if fill.any():
		point = np.where(fill, _fill_point(found, qty, r["service_level"].astype(float)), point)
	return point


def _fill_point(found: dict, qty: np.ndarray, level: np.ndarray) -> np.ndarray:
	"""The least reorder point at which the expected shortage of a cycle is (1 - level) x quantity, by Newton's method.

	The shortage is convex in the reorder point, so steps from the left never go too far.
	"""
	allowed = (1 - level) * qty
	point = np.zeros(len(qty))
	for _ in range(STEPS):
		short, chance = _cycle_shortage(found, point, qty)
		step = np.where(short > allowed, (short - allowed) / np.maximum(chance, 1e-9), 0.0)
		point = point + step
	return point


def _cycle_shortage(found: dict, point: np.ndarray, qty: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
	"""Units short in a cycle that starts at `point`, less what is still owed from the cycle before; and chance of any."""
	short, chance = demand.short_of(*_spread(found), point)
	before, _ = demand.short_of(*_spread(found), point + qty)
	return np.maximum(short - before, 0.0), chance


def _fill_rate(found: dict, qty: np.ndarray) -> np.ndarray:
	short, _ = _cycle_shortage(found, found["reorder_point"], qty)
	with np.errstate(divide="ignore", invalid="ignore"):
		rate = np.round(np.clip(1 - short / qty, 0.0, 1.0), 4)
	return np.where((qty > 0) & (found["cover_mean"] > 0), rate, np.nan)


def _joint_quantity(r: dict, found: dict, point: np.ndarray) -> np.ndarray:
	"""Cost-optimal quantity where the share of demand met is fixed: e + sqrt(EOQ^2 + e^2), e = shortage / chance of one.

	A larger order means fewer cycles, so less safety stock for the same fill rate (Silver, Pyke & Thomas 2017, section 7.5;
	Nahmias & Olsen 2015, section 5.5).
	"""
	eoq = economic_quantity(r)
	short, chance = demand.short_of(*_spread(found), point)
	each = np.where(chance > 1e-6, short / np.maximum(chance, 1e-6), 0.0)
	joint = tidy(each + np.sqrt(eoq**2 + each**2))
	return np.where((r["unit_cost"] > 0) & (r["long_daily"] > 0), joint, eoq)


def _stock_levels(r: dict, found: dict, point: np.ndarray) -> dict:
	"""Safety stock as printed, then the reorder point from it, so that the sum can be checked."""
	fixed = r["fixed_safety"].astype(float)
	safety = np.where(
		np.isnan(fixed), tidy(np.maximum(point - found["cover_mean"], 0.0)), exact(np.nan_to_num(fixed))
	)
	below = np.minimum(tidy(np.maximum(found["cover_mean"] - point, 0.0)), found["cover_mean"])
	short = np.where(np.isnan(fixed), np.where(point > 0, below, found["cover_mean"]), 0.0)
	total = exact(found["cover_mean"] + safety - short)
	sells = found["cover_mean"] > 0
	safety = np.where(sells | ~np.isnan(fixed), safety, 0.0)
	reorder = _whole_point(
		np.where(sells | ~np.isnan(fixed), total, 0.0), found["distribution"], r["whole"].astype(bool)
	)
	reserve = exact(np.maximum(reorder - found["period_demand"], 0.0))
	return {
		"safety_stock": safety,
		"spared": np.where(sells, short, 0.0),
		"reorder_point": reorder,
		"reserve": reserve,
	}


def _whole_point(point: np.ndarray, shape: np.ndarray, whole: np.ndarray) -> np.ndarray:
	"""To the nearest whole number; up for single orders, as the position is at least one whole unit below when an order goes out."""
	up = np.where(point > 0, np.ceil(np.round(point, 6)), 0.0)
	return np.where(whole & (shape == demand.COMPOUND), up, nearest(point, whole))
