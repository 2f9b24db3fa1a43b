"""Anybody's long table (unique_id, ds, y) -> histories for the engine, and words for all that was not as it should be."""

from sentia_ops.forecasting.tables.factors import add_factors
from sentia_ops.forecasting.tables.prepare import Prepared, TableRules, prepare

__all__ = ["Prepared", "TableRules", "add_factors", "prepare"]
