"""Columns of the tables of ints that a shop and its solution are kept in; see graph.py."""

from __future__ import annotations

# columns of the table: what the solution says,
ALT, MACHINE, MINUTES, MP, MS = range(
	5
)  # alternative, its machine and minutes; before and after it on the machine
HEAD, TAIL, PLACE, LATEST = range(
	5, 9
)  # earliest start; longest way from its end; place in the order; last end so far
# and what never changes
JP, JS, RELEASE, FAMILY, FIRST, BEYOND = range(9, 15)  # before and after it in its job; its alternatives
SCRATCH = 15
COLUMNS = 16

# columns of the table of alternatives
ON, TAKES, FORBIDDEN = range(3)  # machine, minutes, iteration until which it may not be taken again
