"""What customers truly want, day by day: the truth that the records of the demo company only partly show.

A smooth series is negative binomial around

	level x trend(day) x weekly(weekday) x yearly(day of year) x promotion(day)

and an intermittent one (spare parts) has a demand with the same chance every day and a size of 1 + Poisson.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.demo.catalogue import MARKET_SHARES, PRODUCTS, RANGES

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TRADE_WEEK = {  # retailers reorder after the weekend
	"UK": [1.35, 1.2, 1.1, 1.05, 1.25, 0.65, 0.4],
	"EU": [1.4, 1.25, 1.2, 1.1, 1.15, 0.6, 0.3],
	"USA": [1.25, 1.1, 1.05, 1.05, 1.2, 0.8, 0.55],
}
PEAK_DAYS = {"winter": 15, "summer": 190, "gift": 340}  # day of the year
YEAR = 365.25


def draw_series(
	items: pd.DataFrame, places: pd.DataFrame, days: int, rng: np.random.Generator
) -> pd.DataFrame:
	"""True parameters, one row per item and warehouse that customers order from (not materials).

	Args:
	    items: item_code, kind (finished, spare), product.
	    places: item_code, warehouse, market.
	"""
	rows = places.merge(items[["item_code", "kind", "product", "range"]], on="item_code")
	rows = rows[rows["kind"] != "raw"].reset_index(drop=True)
	n, spare = len(rows), (rows["kind"] == "spare").to_numpy()
	share = rows["market"].map(MARKET_SHARES).to_numpy()
	rows["pattern"] = np.where(spare, "intermittent", "smooth")
	_draw_levels(rows, spare, share, rng)
	rows["dispersion"] = np.where(
		spare, np.nan, rng.uniform(4, 15, n)
	)  # variance = mean + mean^2 / dispersion
	weekly = np.array([TRADE_WEEK[m] for m in rows["market"]]) * rng.uniform(0.9, 1.1, (n, 7))
	weekly = np.where(spare[:, None], 1.0, weekly / weekly.mean(axis=1, keepdims=True))
	rows[WEEKDAYS] = weekly
	season = rows["product"].map({p.code: p.season for p in PRODUCTS}).fillna("").to_numpy()
	strength = np.where(season == "gift", rng.uniform(0.3, 0.55, n), rng.uniform(0.15, 0.4, n))
	rows["yearly_amplitude"] = np.where(season == "", 0.0, strength)
	rows["yearly_peak_day"] = [PEAK_DAYS.get(s, 0) for s in season]
	rows["trend_per_year"] = np.where(spare, 0.0, np.clip(rng.normal(0.06, 0.16, n), -0.3, 0.45))
	rows["first_day"], rows["last_day"] = 0, days - 1
	_draw_lives(rows, days, rng)
	return rows


def _draw_levels(rows: pd.DataFrame, spare: np.ndarray, share: np.ndarray, rng: np.random.Generator) -> None:
	n = len(rows)
	volume = rows["product"].map({p.code: p.volume for p in PRODUCTS}).fillna(0).to_numpy()
	range_share = (
		rows["range"].map({code: weight for code, (_, weight) in RANGES.items()}).fillna(0).to_numpy()
	)
	smooth = volume * range_share * share * rng.lognormal(0, 0.25, n)
	rows["demand_chance"] = np.where(spare, rng.uniform(0.04, 0.25, n) * np.sqrt(share), np.nan)
	rows["demand_size"] = np.where(spare, rng.uniform(1.2, 5.0, n), np.nan)
	rows["level"] = np.where(spare, rows["demand_chance"] * rows["demand_size"], smooth)  # a day, at the end


def _draw_lives(rows: pd.DataFrame, days: int, rng: np.random.Generator) -> None:
	"""Some products are new, one has yet to sell its first piece, some have been given up."""
	finished = rows.loc[rows["kind"] == "finished", "item_code"].drop_duplicates().to_numpy()
	chosen = rng.permutation(finished)
	count = max(1, round(len(finished) * 0.03))
	for code in chosen[:count]:
		mine = rows["item_code"] == code
		rows.loc[mine, "pattern"] = "new"
		rows.loc[mine, "first_day"] = days - int(rng.integers(3, min(80, days // 2)))
	for code in chosen[count : 2 * count]:
		mine = rows["item_code"] == code
		rows.loc[mine, "pattern"] = "ended"
		rows.loc[mine, "last_day"] = days - int(rng.integers(days // 4, days // 2))
	unsold = rows["item_code"] == chosen[2 * count]
	rows.loc[unsold, "pattern"] = "unsold"
	rows.loc[unsold, "first_day"] = days


def draw_promotions(series: pd.DataFrame, days: int, rng: np.random.Generator) -> pd.DataFrame:
	"""Campaigns: in one market, a third of one range sells more for a week or so.

	Returns: item_code, warehouse, market, from_day, to_day (inclusive), lift (factor on the mean).
	"""
	found = []
	for _ in range(max(2, days // 40)):
		market, colour = rng.choice(list(MARKET_SHARES)), rng.choice(list(RANGES))
		start, length = int(rng.integers(0, days - 5)), int(rng.integers(5, 11))
		mine = series[(series["market"] == market) & (series["range"] == colour)]
		mine = mine[(mine["first_day"] <= start) & (start + length <= mine["last_day"])]
		mine = mine[rng.random(len(mine)) < 0.33]
		found.append(
			pd.DataFrame(
				{
					"item_code": mine["item_code"],
					"warehouse": mine["warehouse"],
					"market": market,
					"from_day": start,
					"to_day": min(start + length, days) - 1,
					"lift": rng.uniform(1.4, 2.4, len(mine)).round(2),
				}
			)
		)
	return pd.concat(found, ignore_index=True)


def mean_demand(series: pd.DataFrame, promotions: pd.DataFrame, start: pd.Timestamp, days: int) -> np.ndarray:
	"""Expected wanted pieces, shape (series, days)."""
	calendar = pd.date_range(start, periods=days)
	day = np.arange(days)
	mean = np.repeat(series["level"].to_numpy()[:, None], days, axis=1)
	trend = 1 + series["trend_per_year"].to_numpy()[:, None] * (day - days) / YEAR
	mean *= np.maximum(trend, 0.2)
	mean *= series[WEEKDAYS].to_numpy()[:, calendar.dayofweek]
	angle = 2 * np.pi * (calendar.dayofyear.to_numpy() - series["yearly_peak_day"].to_numpy()[:, None]) / YEAR
	mean *= 1 + series["yearly_amplitude"].to_numpy()[:, None] * np.cos(angle)
	row_of = {key: i for i, key in enumerate(zip(series["item_code"], series["warehouse"], strict=True))}
	for p in promotions.itertuples():
		mean[row_of[p.item_code, p.warehouse], p.from_day : p.to_day + 1] *= p.lift
	alive = (day >= series["first_day"].to_numpy()[:, None]) & (day <= series["last_day"].to_numpy()[:, None])
	return mean * alive


def draw_demand(series: pd.DataFrame, mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
	"""Wanted pieces, whole numbers, shape (series, days)."""
	spare = (series["kind"] == "spare").to_numpy()
	k = series["dispersion"].fillna(1.0).to_numpy()[:, None]
	smooth = rng.poisson(rng.gamma(k, mean / k))
	chance = series["demand_chance"].fillna(0).to_numpy()[:, None]
	size = series["demand_size"].fillna(1).to_numpy()[:, None]
	lumps = (rng.random(mean.shape) < chance) * (1 + rng.poisson(size - 1, mean.shape))
	return np.where(spare[:, None], lumps, smooth).astype(float)
