"""Who gets which service: ABC by money, XYZ by how far weekly demand scatters, and the planner's own rules."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine.policy import Policy

A_SHARE, B_SHARE = 0.80, 0.95  # of yearly demand value
X_SPREAD, Y_SPREAD = 0.5, 1.0  # coefficient of variation of a week's demand
WEEK = 7
RULES = ("service_level", "service_measure", "review_days", "max_cover_days", "safety_stock", "hold", "note")


def abc(value: np.ndarray) -> np.ndarray:
	"""A: the pairs that together make 80 % of the value, dearest first; B: up to 95 %; C: the rest; "": none.

	Who carries the total across a border belongs above it, so that one item that makes 90 % alone is an A.
	"""
	order = np.argsort(-value, kind="stable")
	before = np.cumsum(value[order]) - value[order]
	total = value.sum()
	found = np.full(len(value), "", dtype=object)
	share = before / total if total > 0 else before
	found[order] = np.where(share < A_SHARE, "A", np.where(share < B_SHARE, "B", "C"))
	found[value <= 0] = ""
	return found


def xyz(daily: np.ndarray, error_std: np.ndarray) -> np.ndarray:
	"""X: a week's demand scatters by less than half its mean (error x sqrt(7) / (7 x daily)); Y: than its mean; Z: more."""
	with np.errstate(divide="ignore", invalid="ignore"):
		spread = error_std * np.sqrt(WEEK) / (WEEK * daily)
	found = np.where(spread < X_SPREAD, "X", np.where(spread < Y_SPREAD, "Y", "Z")).astype(object)
	found[~(daily > 0)] = ""
	return found


def service_levels(classes: np.ndarray, policy: Policy) -> np.ndarray:
	"""Wanted level by class; the policy's where the class has none."""
	found = np.full(len(classes), policy.service_level)
	for name, level in policy.levels().items():
		found[classes == name] = level
	return found


def rules(
	overrides: pd.DataFrame | None, item: pd.Series, group: pd.Series, warehouse: pd.Series
) -> tuple[pd.DataFrame, list[str]]:
	"""The planner's own rules for each pair (columns RULES; empty: none) and warnings.

	The most exact rule that says something of a column counts: item and warehouse, item, group and warehouse, group,
	warehouse, all.
	"""
	n = len(item)
	found = {
		"service_level": np.full(n, np.nan),
		"service_measure": np.full(n, "", dtype=object),
		"review_days": np.full(n, np.nan),
		"max_cover_days": np.full(n, np.nan),
		"safety_stock": np.full(n, np.nan),
		"hold": np.zeros(n, dtype=bool),
		"note": np.full(n, "", dtype=object),
	}
	if overrides is None or overrides.empty:
		return pd.DataFrame(found), []
	keys = {"item_code": item.to_numpy(), "item_group": group.to_numpy(), "warehouse": warehouse.to_numpy()}
	places = {name: pd.Series(np.arange(n)).groupby(values).indices for name, values in keys.items()}
	unused = 0
	weight = overrides.assign(
		_exact=4 * (overrides["item_code"] != "")
		+ 2 * (overrides["item_group"] != "")
		+ (overrides["warehouse"] != "")
	)
	for row in weight.sort_values("_exact", kind="stable").to_dict("records"):
		at = np.arange(n)
		for name, known in places.items():
			if row[name]:
				at = np.intersect1d(at, known.get(row[name], []), assume_unique=True).astype(int)
		unused += not len(at)
		for name in RULES:
			if name == "hold":
				if row["hold"] or row["_exact"] >= 4:
					found["hold"][at] = bool(row["hold"])
			elif not pd.isna(row[name]) and row[name] != "":
				found[name][at] = row[name]
	warnings = [f"{unused} policy overrides fit no item and warehouse that is planned."] if unused else []
	return pd.DataFrame(found), warnings
