"""What a table looks like: columns, units, grain, and which other tables it points at.

A `Frame` pairs a pandera model with what pandera does not know: the key, the references, and whether dates may
lie in the future. `Frame.validate` answers with clean rows or with a `FrameError` naming row, column and reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from sentia_ops.errors import FrameError, Problem

try:
	from hypothesis.internal.filtering import max_len as _max_len  # noqa: F401
except ImportError:
	# Pandera draws test data with hypothesis where it finds it, and fails on the 6.77 that Frappe pins for developers.
	from pandera.strategies import base_strategies

	base_strategies.HAS_HYPOTHESIS = False


class Schema(pa.DataFrameModel):
	"""Base of all table models: types are coerced, unknown columns dropped, absent optional columns filled."""

	class Config:
		coerce = True
		strict = "filter"
		add_missing_columns = True


@dataclass(frozen=True)
class Frame:
	"""A named table.

	Attributes:
	    name: table name, the same on a lake and in docs.
	    schema: pandera model with columns and value rules.
	    key: columns that identify a row; duplicates are refused.
	    refers: column -> "table.column" it must exist in (empty values are exempt).
	    past_only: date columns that may not lie after today.
	    currencies: columns that hold an ISO 4217 currency code.
	    prepare: fills in what rows leave out, where a column's default alone cannot tell.
	"""

	name: str
	schema: type[Schema]
	key: tuple[str, ...]
	refers: dict[str, str] = field(default_factory=dict)
	past_only: tuple[str, ...] = ()
	currencies: tuple[str, ...] = ()
	prepare: Callable[[pd.DataFrame], pd.DataFrame] | None = None

	@property
	def columns(self) -> list[str]:
		return list(self.schema.to_schema().columns)

	def empty(self) -> pd.DataFrame:
		"""No rows, but every column with its type."""
		columns = self.schema.to_schema().columns
		return pd.DataFrame({name: pd.Series(dtype=str(c.dtype)) for name, c in columns.items()})

	def validate(self, rows: pd.DataFrame, *, today: date | None = None) -> pd.DataFrame:
		"""Rows with exactly this frame's columns, in its order and types.

		Raises:
		    FrameError: naming each offending row (counted from 1) and column.
		"""
		rows = rows.reset_index(drop=True)
		rows = self.prepare(rows) if self.prepare else rows
		self._refuse_missing_columns(rows)
		rows, problems = self._booleans(rows)
		clean, found = self._fitting(rows)
		problems += found
		problems += self._infinite_values(clean)
		problems += self._duplicates(clean)
		problems += self._unknown_currencies(clean)
		problems += self._future_dates(clean, today or date.today())
		if problems:
			raise FrameError(self.name, sorted(problems, key=lambda p: (p.row or 0, p.column)))
		return clean[self.columns].reset_index(drop=True)

	def _fitting(self, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
		"""Rows that fit types and rules, under their own index, and what is wrong with the others.

		Where one value is of the wrong type pandera cannot try the column's rules on the others: so they are tried again
		without it, and a file's faults are all named at once.
		"""
		try:
			return self.schema.validate(rows, lazy=True), []
		except (pa.errors.SchemaErrors, pa.errors.SchemaError) as error:
			problems = _explain(error, self.schema)
		wrong = {p.row - 1 for p in problems if p.row}
		if not wrong or len(wrong) == len(rows):
			return self.empty(), problems
		clean, more = self._fitting(rows.drop(index=sorted(wrong)))
		return clean, problems + more

	def _refuse_missing_columns(self, rows: pd.DataFrame) -> None:
		required = [
			n for n, c in self.schema.to_schema().columns.items() if not c.nullable and c.default is None
		]
		missing = [n for n in required if n not in rows.columns]
		if missing:
			found = ", ".join(map(str, rows.columns)) or "none"
			raise FrameError(
				self.name,
				[Problem(n, "this column is missing") for n in missing],
				f"Columns found: {found}. Nothing was written.",
			)

	def _booleans(self, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
		"""Text as true or false; pandas itself would read any text as true."""
		problems = []
		for name, column in self.schema.to_schema().columns.items():
			if str(column.dtype) != "bool" or name not in rows or pd.api.types.is_bool_dtype(rows[name]):
				continue
			given = rows[name].astype(object)
			given = given.where(given.notna() & given.ne(""), column.default)  # empty: the default
			read = given.astype(str).str.strip().str.lower().map(BOOLEANS)
			problems += [
				Problem(name, "must be true or false", int(i) + 1, rows[name].iloc[i])
				for i in np.flatnonzero(read.isna())
			]
			rows = rows.assign(**{name: read.fillna(False).astype(bool)})
		return rows, problems

	def _infinite_values(self, rows: pd.DataFrame) -> Iterable[Problem]:
		for name in self.columns:
			if pd.api.types.is_float_dtype(rows[name]):
				for row, value in rows.loc[np.isinf(rows[name]), name].items():
					yield Problem(name, "must be a finite number", row + 1, float(value))

	def _duplicates(self, rows: pd.DataFrame) -> Iterable[Problem]:
		keys = list(self.key)
		again = rows.duplicated(keys, keep="first")
		if not again.any():
			return
		places = rows[keys].assign(row=rows.index)
		first = places.groupby(keys, dropna=False, sort=False)["row"].transform("min")
		for row in rows.index[again]:
			key = ", ".join(_plain(rows.at[row, name]) for name in keys)
			yield Problem("+".join(keys), f"same key as row {first[row] + 1}", row + 1, key)

	def _unknown_currencies(self, rows: pd.DataFrame) -> Iterable[Problem]:
		for name in self.currencies:
			for row, value in rows.loc[~rows[name].isin(iso_currencies()), name].items():
				yield Problem(name, "not an ISO 4217 currency", row + 1, value)

	def _future_dates(self, rows: pd.DataFrame, today: date) -> Iterable[Problem]:
		for name in self.past_only:
			for row, value in rows.loc[rows[name] > pd.Timestamp(today), name].items():
				yield Problem(name, f"lies after today ({today})", row + 1, _plain(value))


@lru_cache
def iso_currencies() -> frozenset[str]:
	from babel.numbers import list_currencies

	return frozenset(list_currencies())


def _plain(value: Any) -> str:
	return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)


BOOLEANS = dict.fromkeys(("true", "yes", "y", "1", "1.0"), True) | dict.fromkeys(
	("false", "no", "n", "0", "0.0"), False
)
REASONS = {
	"not_nullable": "must not be empty",
	"greater_than_or_equal_to": "must be at least {}",
	"less_than_or_equal_to": "must be at most {}",
	"greater_than": "must be greater than {}",
	"less_than": "must be less than {}",
	"isin": "must be one of {}",
	"str_length": "must not be empty",
	"weekdays": "must be weekdays like Mon,Thu (Mon Tue Wed Thu Fri Sat Sun), or empty",
	"closures": 'must be like [{{"from": "2026-12-24", "to": "2027-01-02"}}]',
	"price_breaks": 'must be like [{{"qty": 100, "price": 4.5}}], quantities above 0 and rising',
}
KINDS = {
	"float64": "a number",
	"int64": "a whole number",
	"datetime64[ns]": "a date",
	"bool": "true or false",
}


def _explain(error: pa.errors.SchemaErrors, schema: type[Schema]) -> list[Problem]:
	"""Pandera's failure cases in a planner's words; a value is named once, by the first rule it breaks."""
	columns = schema.to_schema().columns
	problems: dict[tuple, Problem] = {}
	for case in error.failure_cases.to_dict("records"):
		check, column, value = str(case["check"]), str(case["column"]), case["failure_case"]
		if pd.isna(case["index"]):  # pandera's own summary of a column whose rows it names as well
			continue
		row = int(case["index"]) + 1
		if check.startswith(("coerce_dtype", "dtype")):
			reason = f"must be {KINDS.get(str(columns[column].dtype), columns[column].dtype)}"
		else:
			name, _, limit = check.partition("(")
			reason = REASONS.get(name, check).format(limit.rstrip(")"))
		missing = value is None or (isinstance(value, float) and math.isnan(value))
		problems.setdefault((column, row), Problem(column, reason, row, None if missing else value))
	return list(problems.values()) or [Problem("table", str(error))]
