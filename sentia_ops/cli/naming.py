"""Help with names: which exist, which was probably meant, and which column is what."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from sentia_ops.errors import SentiaError


def closest(name: str, known: Iterable[str], what: str) -> str:
	"""'Did you mean X? Columns: A, B, X.'"""
	known = [str(k) for k in known]
	listed = f"{what}: {', '.join(known) or 'none'}."
	folded = {k.casefold(): k for k in reversed(known)}
	near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
	return f"Did you mean {folded[near[0]]}? {listed}" if near else listed


def split_pair(text: str) -> tuple[str, str]:
	"""Target and column of a --map.

	Raises:
	    SentiaError: it is no pair.
	"""
	target, sign, column = text.partition("=")
	if not sign or not column:
		raise SentiaError(f"--map {text} is not of the form TARGET=COLUMN.", "Example: --map qty=Quantity")
	return target.strip(), column.strip()
