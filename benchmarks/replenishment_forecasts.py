"""The app's own forecasts and lead times at intervals, as a planner has them; forecasts are kept on disk."""

from __future__ import annotations

import hashlib
import inspect
import os
import pickle
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from replenishment_world import HISTORY, KEY, World

EVERY = 28  # days between two forecasts
HORIZON = 90
TAIL_DAYS = 28
Z80, Z95 = 1.281552, 1.959964
CACHE = Path(os.environ.get("SENTIA_CACHE", Path(tempfile.gettempdir()) / "sentia-replenishment"))


@dataclass(frozen=True)
class Origin:
	"""What the planner knows from one day on, n pairs.

	Attributes:
	    day: the first day forecast, 0 is the cut.
	    daily: mean forecast, shape (n, HORIZON); tail: mean of its last days, shape (n,), for those after.
	    error_std: as in forecast_quality; quantiles: shape (n, 7, HORIZON), see forecasting's LEVELS.
	    demand_class: smooth, erratic, intermittent, lumpy, new, dead ...
	    lead_times: rows of the lead_times table, one a pair, in their order.
	"""

	day: int
	daily: np.ndarray
	tail: np.ndarray
	error_std: np.ndarray
	day_std: np.ndarray
	quantiles: np.ndarray
	demand_class: np.ndarray
	lead_times: pd.DataFrame


def origins(world: World, profile: str = "fast", processes: int = 0) -> list[Origin]:
	"""One every EVERY days.

	Lead times are those known at the cut: the books end there, and an order that was open then would look as if it never came.
	"""
	leads = _lead_times(world)
	return [_origin(world, day, leads, profile, processes) for day in range(0, world.days, EVERY)]


def _origin(world: World, day: int, leads: pd.DataFrame, profile: str, processes: int) -> Origin:
	as_of = world.cut + timedelta(days=day)
	kept = _forecast(world, as_of, profile, processes)
	n = len(world.pairs)
	daily, quantiles = np.zeros((n, HORIZON)), np.zeros((n, 7, HORIZON))
	error, kind = np.zeros(n), np.full(n, "dead", dtype=object)
	row = {key: i for i, key in enumerate(zip(*(world.pairs[k] for k in KEY), strict=True))}
	for key, qty, found, std, demand_class in kept:
		if key not in row:
			continue
		i = row[key]
		daily[i], quantiles[i], error[i], kind[i] = qty, found, std, demand_class
	daily[kind == "dead"] = 0.0
	return Origin(
		day,
		daily,
		daily[:, -TAIL_DAYS:].mean(axis=1),
		error,
		_day_std(daily, quantiles),
		quantiles,
		kind,
		leads,
	)


def _day_std(daily: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
	"""The upper side of an interval is not cut off at zero, so it tells the spread: as the plan reads it."""
	upper = np.maximum((quantiles[:, 5] - daily) / Z80, (quantiles[:, 6] - daily) / Z95)
	return np.maximum(upper, 0.0).mean(axis=1)


def _forecast(world: World, as_of, profile: str, processes: int) -> list[tuple]:
	from sentia_ops.forecasting.engine import ForecastSettings, forecast_many
	from sentia_ops.forecasting.flow import read_histories

	sales = world.sales[world.sales["date"] < pd.Timestamp(as_of)]
	settings = ForecastSettings(profile=profile, processes=processes, horizon_days=HORIZON)
	path = CACHE / f"{_digest(sales, as_of, profile)}.pickle"
	if path.exists():
		return pickle.loads(path.read_bytes())
	items = world.items.set_index("item_code")[["item_group", "whole_number"]]
	outcomes = forecast_many(read_histories(sales, as_of, HISTORY, items=items), settings)
	found = [(o.key, o.qty, o.quantiles, o.quality.error_std, o.quality.demand_class) for o in outcomes]
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_bytes(pickle.dumps(found))
	return found


def _digest(sales: pd.DataFrame, as_of, profile: str) -> str:
	"""Of the history, the profile and the forecasting code."""
	from sentia_ops.forecasting import engine

	total = hashlib.sha256(f"{as_of} {profile} {HORIZON}".encode())
	total.update(pd.util.hash_pandas_object(sales, index=False).to_numpy().tobytes())
	for file in sorted(Path(engine.__file__).parent.rglob("*.py")):
		total.update(file.read_bytes())
	return total.hexdigest()[:24]


def _lead_times(world: World) -> pd.DataFrame:
	from sentia_ops.suppliers.engine import estimate

	groups = dict(zip(world.items["item_code"], world.items["item_group"], strict=True))
	more = {"groups": groups} if "groups" in inspect.signature(estimate).parameters else {}
	found = estimate(world.receipts, world.offers, {}, as_of=world.cut, default_days=14.0, **more).lead_times
	pairs = world.pairs.rename(columns={"source": "supplier"})
	return pairs.merge(found, on=["supplier", "item_code"], how="left")
