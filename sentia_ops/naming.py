"""Help with names: which exist, and which was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LISTED = 30  # names; more would bury the answer


def closest(name: str, known: Iterable[str], what: str) -> str:
	"""'Did you mean X? Columns: A, B, X.'"""
	known = [str(k) for k in known]
	more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
	listed = f"{what}: {', '.join(known[:LISTED]) or 'none'}{more}."
	folded = {k.casefold(): k for k in reversed(known)}
	near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
	return f"Did you mean {folded[near[0]]}? {listed}" if near else listed
