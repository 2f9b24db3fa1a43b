"""Columns of a user's file -> numbers, timestamps and names; what cannot be read is empty, never guessed."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

ZONE = r"([T ]\d{2}(?::?\d{2}){0,2}(?:[.,]\d+)?)\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)$"  # of a time: none of a mere day
NO_VALUE = ("", "nan", "na", "n/a", "null", "none")


def as_number(column: pd.Series, decimal: str = ".") -> np.ndarray:
	"""Numbers; text that is none becomes NaN. Infinity stays, so that it can be named."""
	if not pd.api.types.is_numeric_dtype(column):
		codes, values = pd.factorize(column.reset_index(drop=True))  # values repeat: read each once
		text = pd.Series(values, dtype="string").str.strip()
		if decimal != ".":
			text = text.str.replace(".", "", regex=False).str.replace(decimal, ".", regex=False)
		numbers = (
			pd.to_numeric(text, errors="coerce").astype("Float64").to_numpy(dtype=float, na_value=np.nan)
		)
		return np.append(numbers, np.nan)[codes]
	return column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def no_value(column: pd.Series) -> np.ndarray:
	"""Where a cell says that there is no value: empty, NaN, NA, null; bool, shape (rows,)."""
	empty = column.isna().to_numpy()
	if pd.api.types.is_numeric_dtype(column):
		return empty
	codes, values = pd.factorize(column)
	said = np.array([*(str(value).strip().casefold() in NO_VALUE for value in values), True])
	return empty | said[codes]


def as_date(column: pd.Series, date_format: str = "") -> pd.Series:
	"""Timestamps without a zone: of a time with one, the clock on the wall where it was sold.

	Day and month are never guessed: ISO 8601, or the format given.
	"""
	if pd.api.types.is_datetime64_any_dtype(column):
		return _wall_clock(column)
	codes, values = pd.factorize(column)
	text = pd.Series(values, dtype="string").str.strip()
	if not date_format:
		text = text.str.replace(ZONE, r"\1", regex=True)
	read = pd.to_datetime(text.astype(object), format=date_format or "ISO8601", errors="coerce")
	if read.dtype == object:  # a format with %z, and zones that differ
		read = pd.to_datetime(read.map(lambda stamp: stamp.replace(tzinfo=None), na_action="ignore"))
	dates = np.append(_wall_clock(read).to_numpy(), np.datetime64("NaT", "ns"))
	return pd.Series(dates[codes], index=column.index)


def _wall_clock(column: pd.Series) -> pd.Series:
	if getattr(column.dt, "tz", None) is not None:
		column = column.dt.tz_localize(None)
	return column.astype("datetime64[ns]")


def has_zone(column: pd.Series) -> bool:
	"""Whether a column of dates, text or timestamps, names time zones."""
	if pd.api.types.is_datetime64_any_dtype(column):
		return getattr(column.dt, "tz", None) is not None
	return any(re.search(ZONE, str(value).strip()) for value in column.unique())


def as_name(column: pd.Series) -> pd.Series:
	"""Trimmed text, "" where empty; whole numbers without a decimal point (12346, not 12346.0)."""
	if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
		column = column.astype("Int64")
	codes, values = pd.factorize(column)  # names repeat: trim each once
	trimmed = np.array([*(str(value).strip() for value in values), ""], dtype=object)
	return pd.Series(trimmed[codes], index=column.index, dtype=object)
