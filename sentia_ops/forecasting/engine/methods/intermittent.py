"""Slow movers: sizes of sales and the time between them smoothed apart, or demand summed over longer periods first."""

from __future__ import annotations

import numpy as np

from sentia_ops.forecasting.engine.history import phases
from sentia_ops.forecasting.engine.methods.base import LEVELS, Path, Sample
from sentia_ops.forecasting.engine.methods.common import Answer, Checked

MOST_SELLING = 0.9  # of periods; sold more often, demand has no intervals
TSB_SMOOTHING = 0.05  # a memory of about 20 sales, and of 20 periods
PRIOR_SALES = 3.0  # worth of belief that weekdays are alike
TSB_LEAST_SALES = 2.0  # but of no fewer periods than saw two: a slow mover is not forgotten in a month


class Intermittent(Checked):
	"""A level mean, laid on the places of the week by how often each sells.

	Periods whose value is an estimate are left out: fractions would look like tiny sales, and these methods count periods,
	not dates. Quantiles: a sale comes with probability mean / mean size, of a size drawn from those seen.
	"""

	def reason(self, sample: Sample) -> str:
		y = sample.y[sample.seen]
		sold = int((y > 0).sum())
		if sold < 2:
			return f"{'one sale' if sold else 'no sale'} while in stock; it needs two"
		if sold > MOST_SELLING * len(y):
			return f"sells in {sold} of {len(y)} {sample.calendar.period}s: a method for slow movers sees no gaps"
		return ""

	def level(self, y: np.ndarray) -> float:
		"""Mean demand a period, of demand in periods seen."""
		raise NotImplementedError

	def learn(self, sample: Sample) -> Answer:
		y = sample.y[sample.seen]
		level = float(self.level(y))
		profile = _profile(sample)
		sizes = np.sort(y[y > 0])

		def forecast(horizon: int) -> Path:
			mean = level * profile[phases(len(sample.y), horizon, len(profile))]
			return Path(mean, _sales_at_random(mean, sizes))

		return Answer(forecast)


def _profile(sample: Sample) -> np.ndarray:
	"""Of the short season, mean 1; none where that season is the year, for which slow movers sell too seldom."""
	calendar = sample.calendar
	if calendar.season in (1, round(calendar.year)):
		return np.ones(1)
	places = phases(0, len(sample.y), calendar.season)[sample.seen]
	return weekday_profile(sample.y[sample.seen] > 0, places, calendar.season)


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


def _sales_at_random(mean: np.ndarray, sizes: np.ndarray) -> np.ndarray:
	"""Quantiles at `LEVELS` of a sale or none, shape (7, horizon); sizes grow where every period would sell and more."""
	chance = np.clip(mean / sizes.mean(), 1e-12, 1.0)
	growth = np.maximum(mean / sizes.mean(), 1.0)
	within = (np.array(LEVELS)[:, None] - (1 - chance)) / chance  # level among the periods that sell
	drawn = np.quantile(sizes, np.clip(within, 0.0, 1.0)) * growth
	return np.where(within > 0, drawn, 0.0)


class Croston(Intermittent):
	"""Size of a sale over the interval between sales, both smoothed at each sale."""

	name = "Croston"
	source = "Croston 1972; statsforecast"

	def level(self, y: np.ndarray) -> float:
		from statsforecast.models import CrostonClassic

		return _first(CrostonClassic(), y)


class SBA(Intermittent):
	"""Croston's mean less the bias that dividing by a mean interval brings."""

	name = "SBA"
	source = "Syntetos and Boylan 2005; statsforecast"

	def level(self, y: np.ndarray) -> float:
		from statsforecast.models import CrostonSBA

		return _first(CrostonSBA(), y)


class TSB(Intermittent):
	"""Size of a sale times the chance of one, which also falls while nothing sells."""

	name = "TSB"
	source = "Teunter, Syntetos and Babai 2011; statsforecast"

	def level(self, y: np.ndarray) -> float:
		from statsforecast.models import TSB as Model

		chance = min(TSB_SMOOTHING, (y > 0).mean() / TSB_LEAST_SALES)
		return _first(Model(alpha_d=TSB_SMOOTHING, alpha_p=chance), y)


class ADIDA(Intermittent):
	"""Demand summed over the mean interval between sales, smoothed, and spread again."""

	name = "ADIDA"
	source = "Nikolopoulos and others 2011; statsforecast"

	def level(self, y: np.ndarray) -> float:
		from statsforecast.models import ADIDA as Model

		return _first(Model(), y)


class IMAPA(Intermittent):
	"""The mean of smoothings of demand summed over one, two and more periods, up to the mean interval between sales."""

	name = "IMAPA"
	source = "Petropoulos and Kourentzes 2015; statsforecast"

	def level(self, y: np.ndarray) -> float:
		from statsforecast.models import IMAPA as Model

		return _first(Model(), y)


def _first(model, y: np.ndarray) -> float:
	return model.forecast(y=y, h=1)["mean"][0]
