"""Planners' overrides put into the forecasts of a run, and taken out again when they change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.forecasting.engine.overrides import Applied, Override, apply, fault, move
from sentia_ops.forecasting.frames import OVERRIDES, SERIES
from sentia_ops.store import Run, Store

PATHS = ["qty", "median", "lo80", "hi80", "lo95", "hi95"]  # what an override moves, the mean first
TOTAL_PATHS = ["qty", "lo80", "hi80", "lo95", "hi95"]
KEPT = [*PATHS, "net_qty"]  # as they were before, in column `before`
PART = "override"  # what the parts that overrides make are called, with " by Ann" where the planner is known
PART_COLUMNS = [*SERIES, "kind", "part", "effect", "note"]


def override(store: Store, run: Run, rows: pd.DataFrame, as_of: date) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""Rows of FORECASTS as planners want them, and rows of FORECAST_PARTS that say who changed what, and why.

	Overrides that cannot be followed are refused by name; those of items without a forecast are warned of.
	"""
	given = [o for o in as_overrides(store.read(OVERRIDES)) if not o.last < np.datetime64(as_of, "D")]
	sound = []
	for one in given:
		why = fault(one)
		if why:
			run.refuse(f"override {one.name} of {one.item_code}: {why}", 1)
		else:
			sound.append(one)
	known = set(zip(rows["item_code"], rows["warehouse"], strict=True)) | {(i, "") for i in rows["item_code"]}
	for one in sound:
		if (one.item_code, one.warehouse) not in known:
			where = f" in {one.warehouse}" if one.warehouse else ""
			run.warn(f"Override {one.name}: {one.item_code} has no forecast{where} that it could change.")
	return overridden(rows, sound)


def as_overrides(rows: pd.DataFrame) -> list[Override]:
	"""Rows of OVERRIDES as the engine takes them."""
	return [
		Override(
			row.override,
			row.item_code,
			_day(row.first),
			_day(row.last),
			row.kind,
			float(row.value),
			row.reason,
			row.warehouse,
			row.planner,
			None if pd.isna(row.made_on) else row.made_on.to_datetime64(),
		)
		for row in rows.itertuples(index=False)
	]


def overridden(rows: pd.DataFrame, overrides: Iterable[Override]) -> tuple[pd.DataFrame, pd.DataFrame]:
	"""`rows` of FORECASTS with `overrides` (without faults) in them, and the rows of FORECAST_PARTS they make.

	What `rows` hold of earlier overrides is taken out first, so that doing it again changes nothing.
	"""
	rows = without(rows)
	by_item: dict[str, list[Override]] = {}
	for one in overrides:
		by_item.setdefault(one.item_code, []).append(one)
	parts = []
	places = rows.groupby("item_code", sort=False).indices if by_item else {}
	days = rows["date"].to_numpy().astype("datetime64[D]")
	warehouses, before = rows["warehouse"].to_numpy(), rows[KEPT].to_numpy(float)
	after, texts = before.copy(), rows["before"].to_numpy(object, copy=True)
	for item in sorted(by_item.keys() & places.keys()):
		at = places[item]
		done = apply(by_item[item], warehouses[at], days[at], before[at, :-1].T)
		moved = at[done.by >= 0]
		after[at, :-1] = done.paths.T
		# open orders go on consuming what they consumed
		after[moved, -1] = np.maximum(before[moved, -1] + after[moved, 0] - before[moved, 0], 0.0)
		texts[moved] = [json.dumps(cell) for cell in before[moved].tolist()]
		parts += _parts(item, warehouses[at], done, before[at, 0], by_item[item])
	rows = rows.assign(**dict(zip(KEPT, after.T, strict=True)), before=texts)
	return rows, pd.DataFrame(parts, columns=PART_COLUMNS)


def without(rows: pd.DataFrame) -> pd.DataFrame:
	"""Rows of FORECASTS as they were before any override."""
	rows = rows.reset_index(drop=True).copy()
	moved = np.flatnonzero(rows["before"] != "")
	if len(moved):
		kept = [json.loads(text) for text in rows["before"].iloc[moved]]
		rows.iloc[moved, rows.columns.get_indexer(KEPT)] = np.array(kept, dtype=float)
	return rows.assign(before="")


def moved_totals(
	totals: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame, nodes: pd.DataFrame
) -> pd.DataFrame:
	"""Rows of FORECAST_TOTALS that change where forecasts change from `before` to `after`, as they are then.

	Args:
	    before, after: FORECASTS, the same series and days in the same order.
	    nodes: item_code, warehouse, level, node: the sums each series is part of.
	"""
	weeks = (before["date"] - totals["date"].min()).dt.days // 7
	change = before[list(SERIES)].assign(
		date=totals["date"].min() + pd.to_timedelta(weeks * 7, "D"), change=after["qty"] - before["qty"]
	)
	key = ["level", "node", "date"]
	change = change.merge(nodes, on=list(SERIES)).groupby(key, as_index=False)["change"].sum()
	found = totals.merge(change[change["change"] != 0], on=key)
	wanted = np.maximum(found["qty"] + found["change"], 0.0).to_numpy()
	found[TOTAL_PATHS] = move(found[TOTAL_PATHS].to_numpy(float).T, wanted).T
	return found[totals.columns]


def _parts(
	item: str, warehouse: np.ndarray, done: Applied, before: np.ndarray, overrides: list[Override]
) -> list[dict]:
	"""A part for each warehouse and planner; the effect is a mean over all days forecast there."""
	change = done.paths[0] - before
	found: dict[tuple[str, str], dict] = {}
	for where in sorted(set(warehouse)):
		here = warehouse == where
		for index in sorted(set(done.by[here]) - {-1}, key=lambda i: overrides[i].age):
			one = overrides[index]
			part = f"{PART} by {one.planner}" if one.planner else PART
			row = found.setdefault((where, part), {"effect": 0.0, "note": []})
			row["effect"] += change[here & (done.by == index)].sum() / here.sum()
			row["note"].append(f"{in_words(one)}: {one.reason}")
	return [
		dict(
			zip(
				PART_COLUMNS,
				(item, where, "adjustment", part, row["effect"], "; ".join(row["note"])),
				strict=True,
			)
		)
		for (where, part), row in found.items()
	]


def in_words(one: Override) -> str:
	"""What an override says, for people: "+20 % from 2026-12-01 to 2026-12-24"."""
	what = {
		"set": f"set to {one.value:g}",
		"add": f"{one.value:+g}",
		"percent": f"{one.value:+g} %",
	}[one.kind]
	return f"{what} from {one.first} to {one.last}"


def _day(value: pd.Timestamp) -> np.datetime64:
	return np.datetime64("NaT") if pd.isna(value) else np.datetime64(pd.Timestamp(value).date(), "D")
