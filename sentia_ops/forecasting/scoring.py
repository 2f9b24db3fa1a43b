"""Accuracy is kept: each week's forecast is put aside, and scored once its days are over.

A row of FORECAST_SCORES is written when it is kept, when it is scored, and when its single days are thrown away; in between,
and after, no run touches it. Running twice changes nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sentia_ops.forecasting.engine.history import History
from sentia_ops.forecasting.engine.scoring import Kept, happened, lean, score, yardstick
from sentia_ops.forecasting.frames import FORECAST_SCORES, OVERRIDES, SERIES
from sentia_ops.store import Run, Store

DAYS = 28  # of a forecast, kept and scored
POINTS_DAYS = 91  # for how long its single days are kept
SCORES_DAYS = 731  # for how long its score is
BACK = 35  # days to look back for what has become too old; what a longer pause leaves behind does no harm
BOUNDS = ("lo95", "lo80", "hi80", "hi95")
POINTS = {"machine_qty": "machine"}  # column -> key in `points`; the others are named alike


def keep_and_score(
	store: Store,
	run: Run,
	as_of: date,
	histories: list[History],
	forecasts: pd.DataFrame,
	quality: pd.DataFrame,
) -> pd.DataFrame:
	"""Score what is due, keep this week's forecasts, forget what is old, and warn of drift.

	Args:
	    histories: of all series, up to the day before `as_of`.
	    forecasts, quality: rows of FORECASTS and FORECAST_QUALITY, about to be written.

	Returns:
	    `quality` with drift, and with verdicts that say it.
	"""
	known = {history.key: history for history in histories}
	scored = _scored(store, as_of, known)
	kept = _kept(store, run, as_of, known, forecasts, quality)
	_write(store, run, as_of, scored, kept)
	return _with_drift(store, run, as_of, quality)


def _scored(store: Store, as_of: date, histories: dict[tuple[str, ...], History]) -> pd.DataFrame:
	"""Open rows whose days are over, with their scores.

	Over means over by the sales known, too: days after the last sale of any item may just not have been imported yet.
	"""
	rows = store.read(FORECAST_SCORES, status="open")
	silent = min((_silent_days(history) for history in histories.values()), default=0)
	end = pd.Timestamp(as_of - timedelta(days=silent))
	rows = rows[rows["as_of"] + pd.to_timedelta(rows["days"], "D") <= end]
	scores = [_score(row, histories.get((row.item_code, row.warehouse)), as_of) for row in rows.itertuples()]
	found = pd.DataFrame(scores, index=rows.index)
	return rows.assign(**found, status="scored") if len(rows) else rows


def _silent_days(history: History) -> int:
	"""Days since the last sale, or the last day known to be without stock."""
	told = np.flatnonzero((history.qty > 0) | ~history.in_stock)
	return len(history) - int(told[-1]) - 1 if len(told) else len(history)


def _score(row, history: History | None, as_of: date) -> dict:
	if history is None:  # the series is no longer planned: nobody knows what was sold
		sold, seen = np.zeros(row.days), np.zeros(row.days, dtype=bool)
	else:
		sold, seen = happened(history, (pd.Timestamp(as_of) - row.as_of).days, row.days)
	points = {name: np.array(values) for name, values in json.loads(row.points).items()}
	kept = Kept(
		qty=points["qty"],
		machine=points.get("machine", points["qty"]),
		naive=points["naive"],
		bounds=np.stack([points[name] for name in BOUNDS]),
		mean_scale=row.mean_scale,
		root_scale=row.root_scale,
		promised_mase=row.promised_mase,
		promised_std=row.promised_std,
	)
	found = asdict(score(kept, sold, seen))
	return found if "machine" in points else found | {"mase_machine": np.nan}


def _kept(
	store: Store,
	run: Run,
	as_of: date,
	histories: dict[tuple[str, ...], History],
	forecasts: pd.DataFrame,
	quality: pd.DataFrame,
) -> pd.DataFrame:
	"""Rows for the series of which none is kept yet in the ISO week of `as_of`."""
	monday = as_of - timedelta(days=as_of.weekday())
	have = store.read(FORECAST_SCORES, as_of=_days(monday, monday + timedelta(days=6)))
	done = set(have[list(SERIES)].itertuples(index=False, name=None))
	planners = _planners(store, as_of)
	made = {name: forecasts[name].to_numpy(float).round(4) for name in ("qty", "machine_qty", *BOUNDS)}
	changed = forecasts["before"].to_numpy() != ""
	places = forecasts.groupby(list(SERIES), sort=False).indices
	rows = []
	for mark in quality.itertuples():
		key = (mark.item_code, mark.warehouse)
		if key in done or key not in places or not len(histories[key]):  # from nothing nothing is forecast
			continue
		at = places[key][:DAYS]
		planner = planners(*key) if changed[at].any() else ""
		days = {name: values[at] for name, values in made.items() if planner or name != "machine_qty"}
		rows.append(_row(mark, days, histories[key]) | {"planner": planner})
	if not rows:
		return FORECAST_SCORES.empty()
	return FORECAST_SCORES.validate(
		pd.DataFrame(rows).assign(as_of=pd.Timestamp(as_of), status="open", run=run.name)
	)


def _row(mark, days: dict[str, np.ndarray], history: History) -> dict:
	"""What is kept of one series: `mark` is its row of FORECAST_QUALITY, `days` its columns of FORECASTS."""
	naive, mean_scale, root_scale = yardstick(history, len(days["qty"]))
	points = {POINTS.get(name, name): values.tolist() for name, values in days.items()}
	return {
		"item_code": mark.item_code,
		"warehouse": mark.warehouse,
		"days": len(days["qty"]),
		"model": mark.model,
		"demand_class": mark.demand_class,
		"points": json.dumps(points | {"naive": naive.round(4).tolist()}),
		"mean_scale": mean_scale,
		"root_scale": root_scale,
		"promised_mase": mark.mase,
		"promised_std": mark.error_std,
	}


def _planners(store: Store, as_of: date):
	"""A function from item and warehouse to the planners whose overrides touch the days kept, or an empty text."""
	rows = store.read(OVERRIDES)
	last = pd.Timestamp(as_of + timedelta(days=DAYS - 1))
	rows = rows[(rows["first"] <= last) & (rows["last"] >= pd.Timestamp(as_of))]
	names: dict[tuple[str, str], set[str]] = {}
	for row in rows.itertuples():
		names.setdefault((row.item_code, row.warehouse), set()).add(row.planner or "unknown")

	def of(item_code: str, warehouse: str) -> str:
		found = names.get((item_code, warehouse), set()) | names.get((item_code, ""), set())
		return ", ".join(sorted(found))

	return of


def _write(store: Store, run: Run, as_of: date, scored: pd.DataFrame, kept: pd.DataFrame) -> None:
	"""Replace the rows of the days touched; all other rows stay as they are."""
	too_old = as_of - timedelta(days=SCORES_DAYS)
	old = store.read(FORECAST_SCORES, as_of=_days(too_old - timedelta(days=BACK), too_old))
	spent = as_of - timedelta(days=POINTS_DAYS)
	bare = store.read(FORECAST_SCORES, as_of=_days(spent - timedelta(days=BACK), spent), status="scored")
	bare = bare[bare["points"] != "{}"].assign(points="{}")
	changed = _joined([scored, bare, kept])
	dates = list(_joined([changed, old])["as_of"].unique())
	if not dates:
		return
	rows = _joined([changed, store.read(FORECAST_SCORES, as_of=dates)])
	rows = rows.drop_duplicates(list(FORECAST_SCORES.key))  # the first of two: as changed
	store.write(FORECAST_SCORES, rows[rows["as_of"] > pd.Timestamp(too_old)], run=run, scope={"as_of": dates})


def _with_drift(store: Store, run: Run, as_of: date, quality: pd.DataFrame) -> pd.DataFrame:
	"""Say of each series whose newest scored forecast drifted that it did; and once for all."""
	rows = store.read(
		FORECAST_SCORES, as_of=_days(as_of - timedelta(days=2 * DAYS + 7), as_of), status="scored"
	)
	rows = rows[rows["as_of"] + pd.to_timedelta(rows["days"], "D") <= pd.Timestamp(as_of)]
	rows = rows.sort_values("as_of").drop_duplicates(list(SERIES), keep="last")
	drifts = {(r.item_code, r.warehouse): r for r in rows[rows["drift"] != ""].itertuples()}
	keys = list(quality[list(SERIES)].itertuples(index=False, name=None))
	_warn(run, [drifts[key].drift for key in keys if key in drifts], rows)
	said = [
		f"{verdict} {_words(drifts[key])}" if key in drifts else verdict
		for key, verdict in zip(keys, quality["verdict"], strict=True)
	]
	return quality.assign(drift=[drifts[key].drift if key in drifts else "" for key in keys], verdict=said)


def _warn(run: Run, drifts: list[str], scored: pd.DataFrame) -> None:
	"""One line, whatever there is to say: series that drift, and all of them leaning to one side."""
	said = []
	if drifts:
		kinds = {"too high": "too high", "too low": "too low", "worse": "worse than tested"}
		counts = [f"{drifts.count(kind)} {words}" for kind, words in kinds.items() if kind in drifts]
		said.append(
			f"{len(drifts)} of {len(scored)} series drift: their last forecast that could be scored was off by more than its "
			f"backtest promised ({', '.join(counts)})."
		)
	share, side, leaning = lean(scored["expected_machine"].to_numpy(), scored["sold"].to_numpy())
	if side:
		said.append(
			f"Of {len(scored)} series {leaning} were forecast too {side}, and all together {abs(share):.0%} too {side}: "
			"the last forecasts that could be scored lean to one side."
		)
	if said:
		run.warn(" ".join(said))


def _words(row) -> str:
	since = f"{row.as_of:%Y-%m-%d}"
	if row.drift == "worse":
		measured = row.mase_machine if row.mase_machine == row.mase_machine else row.mase
		return (
			f"Drifts: the forecast of {since} was wrong by {measured / row.promised_mase:.1f} times what its "
			"backtest promised."
		)
	return (
		f"Drifts {row.drift}: for {row.days_scored} days from {since} {row.expected_machine:,.5g} were expected "
		f"and {row.sold:,.5g} sold."
	)


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
	return pd.concat([part for part in parts if len(part)] or [FORECAST_SCORES.empty()], ignore_index=True)


def _days(first: date, last: date) -> list[pd.Timestamp]:
	return list(pd.date_range(first, last))
