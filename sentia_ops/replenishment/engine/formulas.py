"""The formulas of the trade, and the rounding that makes them checkable.

Every figure that enters a formula is first rounded to what is printed (`tidy`), so that a buyer who types the printed
numbers into a pocket calculator gets the printed answer.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

NOISE = 1e-6  # quantities closer than this are the same


def tidy(x: float) -> float:
	"""One decimal from 100 up, four significant digits below; floating noise becomes 0."""
	size = abs(x)
	if size < NOISE:
		return 0.0
	return round(x, 1 if size >= 100 else 3 - math.floor(math.log10(size)))


def exact(x: float) -> float:
	"""A counted quantity or a price: kept, but for floating noise."""
	return round(float(x), 6) + 0.0


def show(x: float) -> str:
	"""All digits, no exponent, no trailing zeros: 240, 0.0125, 1234.5."""
	text = format(Decimal(repr(float(x) + 0.0)), "f")
	return text.rstrip("0").rstrip(".") if "." in text else text


def economic_order_quantity(yearly: float, ordering_cost: float, holding_cost: float) -> float:
	"""sqrt(2 D S / H), Harris 1913: demand a year, cost of an order, cost of holding one unit for a year (above 0)."""
	return math.sqrt(2 * yearly * ordering_cost / holding_cost)


def order_step(pack_size: float, whole: bool) -> float:
	"""The smallest quantity whose multiples can be ordered; 0: any.

	A pack of 2.5 of something counted in whole numbers goes in steps of 5.
	"""
	if not whole:
		return pack_size
	return float(max(Fraction(pack_size).limit_denominator(1000).numerator, 1))


def round_up(qty: float, step: float) -> float:
	"""The next multiple of `step`; without a step, the next thousandth."""
	unit = step or 0.001
	return exact(math.ceil(round(qty / unit, 6)) * unit)
