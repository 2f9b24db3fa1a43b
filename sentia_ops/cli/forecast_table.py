"""A user's long table and its factors: which column is what, and rows with their types."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sentia_ops.cli.columns import as_date, as_name, as_number, has_zone, no_value
from sentia_ops.cli.files import read_table
from sentia_ops.cli.naming import closest
from sentia_ops.errors import SentiaError
from sentia_ops.forecasting.tables.factors import KINDS
from sentia_ops.store.frame import BOOLEANS

TARGETS = ("unique_id", "ds", "y", "in_stock")  # series, day or time, value, false where y understates demand
REQUIRED = ("unique_id", "ds", "y")
OWN_NAMES = {"unique_id": "item_code", "ds": "date", "y": "qty"}  # as elsewhere in this app
FACTOR_COLUMNS = ("name", "ds", "value")


def standard_rows(
	raw: pd.DataFrame,
	mapping: dict[str, str],
	date_format: str = "",
	decimal: str = ".",
	keep_duplicates: bool = False,
) -> tuple[pd.DataFrame, list[str]]:
	"""Rows as `tables.prepare` takes them, and warnings.

	Args:
	    raw: the file's rows, numbered from 0.
	    mapping: see `column_mapping`.
	"""
	rows = pd.DataFrame({"unique_id": as_name(raw[mapping["unique_id"]])})
	rows["ds"] = as_date(raw[mapping["ds"]], date_format)
	rows["y"] = as_number(raw[mapping["y"]], decimal)
	reason = np.full(len(rows), "", dtype=object)
	reason[np.isnan(rows["y"].to_numpy()) & ~no_value(raw[mapping["y"]])] = "y is not a number"
	rows["in_stock"] = True
	if "in_stock" in mapping:
		rows["in_stock"], unread = _truth(raw[mapping["in_stock"]])
		reason[unread] = "in_stock is neither true nor false"
	if not keep_duplicates:
		reason[_duplicates(raw, rows)] = "exact duplicate of an earlier row (--keep-duplicates)"
	zone = has_zone(raw[mapping["ds"]])
	return rows.assign(reason=reason), [
		"Times carry a zone: the local clock is used, the zone left aside."
	] if zone else []


def column_mapping(pairs: Sequence[tuple[str, str]], columns: list[str], file: str) -> dict[str, str]:
	"""Target -> column: as mapped, else the column that has the target's name, or this app's own name for it.

	Raises:
	    SentiaError: unknown target, column not in the file, required target missing.
	"""
	mapping = {own: own for own in TARGETS if own in columns}
	mapping |= {t: own for t, own in OWN_NAMES.items() if own in columns and t not in columns}
	for target, column in pairs:
		if target not in TARGETS:
			raise SentiaError(
				f"--map {target}={column}: {target} is no target.", closest(target, TARGETS, "Targets")
			)
		if column not in columns:
			raise SentiaError(
				f"{file} has no column {column} (for {target}).",
				closest(column, columns, "Columns in the file"),
			)
		mapping[target] = column
	missing = [target for target in REQUIRED if target not in mapping]
	if missing:
		raise SentiaError(
			f"{file} has no column {', '.join(missing)}. Columns found: {', '.join(columns)}.",
			f"Say which it is: --map {missing[0]}=COLUMN.",
		)
	return mapping


def _truth(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
	"""True or false, empty counting as true; and where it is neither."""
	if pd.api.types.is_bool_dtype(column):
		return column.fillna(True).to_numpy(dtype=bool), np.zeros(len(column), dtype=bool)
	codes, values = pd.factorize(column)
	read = [BOOLEANS.get(str(value).strip().lower()) for value in values]
	known = np.array(
		[
			*(value is not None or str(text).strip() == "" for value, text in zip(read, values, strict=True)),
			True,
		]
	)
	truth = np.array([*(value is not False for value in read), True])
	return truth[codes], ~known[codes]


def _duplicates(raw: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
	"""Rows equal in every column to an earlier one."""
	codes, _ = pd.factorize(rows["unique_id"])
	moments, uniques = pd.factorize(rows["ds"])
	places = pd.Series(codes.astype(np.int64) * (len(uniques) + 1) + moments)
	suspects = np.flatnonzero(places.duplicated(keep=False))
	again = np.zeros(len(raw), dtype=bool)
	again[suspects] = raw.iloc[suspects].duplicated().to_numpy()
	return again


def read_factors(file: Path, date_format: str = "", decimal: str = ".") -> pd.DataFrame:
	"""A factor table: name, ds, value and, where wanted, unique_id, kind, known_ahead.

	Raises:
	    SentiaError: a column is missing, or a row cannot be read.
	"""
	raw = read_table(file).rows
	missing = [name for name in FACTOR_COLUMNS if name not in raw.columns]
	if missing:
		raise SentiaError(
			f"{file.name} has no column {', '.join(missing)}. Columns found: {', '.join(map(str, raw.columns))}.",
			"Factors are rows of name, ds, value and, if wanted, unique_id, kind "
			f"({', '.join(KINDS)}) and known_ahead (true or false).",
		)
	empty = pd.Series("", index=raw.index)
	rows = pd.DataFrame({"name": as_name(raw["name"]), "ds": as_date(raw["ds"], date_format)})
	rows["value"] = as_number(raw["value"], decimal)
	rows["unique_id"] = as_name(raw.get("unique_id", empty))
	rows["kind"] = as_name(raw.get("kind", empty)).replace("", "other")
	rows["known_ahead"], unread = _truth(raw.get("known_ahead", empty))
	wrong = {
		"name": rows["name"] == "",
		"ds": rows["ds"].isna(),
		"value": ~np.isfinite(rows["value"]),
		"kind": ~rows["kind"].isin(KINDS),
		"known_ahead": pd.Series(unread, index=rows.index),
	}
	for column, bad in wrong.items():
		if bad.any():
			at = int(np.flatnonzero(bad)[0])
			raise SentiaError(
				f"{file.name}: {int(bad.sum()):,} rows have no usable {column}, the first in row {at + 1} "
				f"({raw[column].iloc[at]!r}).",
				f"Correct it; kinds are {', '.join(KINDS)}." if column == "kind" else "Correct the file.",
			)
	return rows
