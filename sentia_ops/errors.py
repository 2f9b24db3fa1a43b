"""Errors that a user reads: each says what went wrong, where, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass


class SentiaError(Exception):
	"""An error whose text is meant for the user; the CLI and the API show it without a traceback.

	Attributes:
	    hint: what the user can do next; may be empty.
	"""

	def __init__(self, message: str, hint: str = ""):
		super().__init__(message)
		self.message = message
		self.hint = hint

	def __str__(self) -> str:
		return f"{self.message} {self.hint}".strip()


@dataclass(frozen=True)
class Problem:
	"""One refused value: `row` counts from 1 as in the file or frame given (None: the whole column)."""

	column: str
	reason: str
	row: int | None = None
	value: object = None

	def __str__(self) -> str:
		where = self.column if self.row is None else f"row {self.row}, {self.column}"
		return f"{where}: {self.reason}" + ("" if self.value is None else f" (found {self.value!r})")


class FrameError(SentiaError):
	"""Rows that do not fit a frame. `problems` names every offending row and column, up to a cap."""

	SHOWN = 5

	def __init__(self, frame: str, problems: list[Problem], hint: str = "Nothing was written."):
		self.frame = frame
		self.problems = problems
		shown = "; ".join(str(p) for p in problems[: self.SHOWN])
		more = len(problems) - self.SHOWN
		super().__init__(f"Table {frame}: {shown}" + (f"; and {more} more" if more > 0 else "") + ".", hint)


class StoreError(SentiaError):
	"""The lake or the site cannot be read or written (permissions, full disk, damaged file)."""


class BusyError(StoreError):
	"""Another run is under way on the same store."""


class NoDataError(SentiaError):
	"""A flow has nothing to work on."""
