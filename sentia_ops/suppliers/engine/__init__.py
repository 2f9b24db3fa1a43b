"""The mathematics of the suppliers room: lead times from receipts, and odd replacements of suppliers."""

from sentia_ops.suppliers.engine.lead_times import (
	HALF_LIFE,
	MIN_RECEIPTS,
	LeadTimeResult,
	check_default,
	estimate,
)
from sentia_ops.suppliers.engine.levels import ASSUMED_SPREAD
from sentia_ops.suppliers.engine.replacements import odd_replacements

__all__ = [
	"ASSUMED_SPREAD",
	"HALF_LIFE",
	"MIN_RECEIPTS",
	"LeadTimeResult",
	"check_default",
	"estimate",
	"odd_replacements",
]
