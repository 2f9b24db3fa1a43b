"""Forecasting methods from statsforecast (imported on first use: it takes two seconds)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sentia_ops.forecasting.engine.methods.base import Path, Sample

TSB_SMOOTHING = 0.05  # a memory of about 20 sales, and of 20 days
TSB_LEAST_SALES = 2.0  # but of no fewer days than saw two: a slow mover is not forgotten in a month
PRIOR_SALES = 3.0  # worth of belief that weekdays are alike


@dataclass(frozen=True)
class Plain:
	name: str
	build: object
	source: str = "statsforecast"

	def why_not(self, sample: Sample) -> str:
		return "no season" if self.name == "MSTL" and sample.calendar.season == 1 else "" if len(sample.y) >= 8 else "too short"

	def fit(self, sample: Sample):
		return Fit(self.build, sample)


@dataclass(frozen=True)
class Fit:
	build: object
	sample: Sample

	def forecast(self, horizon: int) -> Path:
		y = self.sample.y
		return Path(np.asarray(self.build(self.sample.calendar.season).forecast(y=y, h=horizon)["mean"], float))


@lru_cache
def methods() -> dict[str, Plain]:
	"""All methods by name."""
	from statsforecast import models as sf

	return {
		"CES": Plain("CES", lambda m: sf.AutoCES(season_length=m)),
		"Theta": Plain("Theta", lambda m: sf.Theta(season_length=m, decomposition_type="additive")),
		"MSTL": Plain("MSTL", lambda m: sf.MSTL(season_length=m)),
		"Smoothing": Plain("Smoothing", lambda m: sf.SeasonalNaive(season_length=m)),
		"SBA": Plain("SBA", lambda m: sf.CrostonSBA()),
		"TSB": Plain("TSB", lambda m: sf.TSB(TSB_SMOOTHING, TSB_SMOOTHING)),
		"IMAPA": Plain("IMAPA", lambda m: sf.IMAPA()),
		"ADIDA": Plain("ADIDA", lambda m: sf.ADIDA()),
	}


def weekday_profile(sales: np.ndarray, days: np.ndarray, season: int) -> np.ndarray:
	"""How much likelier a sale is on each weekday than on average, mean 1; shape (season,).

	Shares of days with a sale, drawn to their mean by a beta prior worth three sales (rather than quantities, which
	one large order would rule). Intermittent methods give a flat mean; times this it falls on the right days.

	Args:
	    sales: whether something was sold, shape (days,).
	    days: place in the season of each of them, shape (days,).
	"""
	share = sales.mean()
	if share == 0:
		return np.ones(season)
	weight = PRIOR_SALES / share
	seen = np.bincount(days, minlength=season)
	sold = np.bincount(days[sales], minlength=season)
	profile = (sold + weight * share) / (seen + weight)
	return profile / profile.mean()
