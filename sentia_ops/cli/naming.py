"""Help with names on the command line: which exist, and which column is what."""

from __future__ import annotations

from sentia_ops.errors import SentiaError
from sentia_ops.naming import closest

__all__ = ["closest", "split_pair"]


def split_pair(text: str) -> tuple[str, str]:
	"""Target and column of a --map.

	Raises:
	    SentiaError: it is no pair.
	"""
	target, sign, column = text.partition("=")
	if not sign or not column:
		raise SentiaError(f"--map {text} is not of the form TARGET=COLUMN.", "Example: --map qty=Quantity")
	return target.strip(), column.strip()
