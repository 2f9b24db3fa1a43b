"""Forecast totals on ERPNext: documents out and in."""

from __future__ import annotations

import pandas as pd

from sentia_ops.forecasting.frames import FORECAST_TOTALS
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import SiteContext, read_documents, replace_documents

DOCTYPE = "Forecast Total"


def totals(ctx: SiteContext) -> pd.DataFrame:
	return read_documents(DOCTYPE, FORECAST_TOTALS, ctx)


def write_totals(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	replace_documents(DOCTYPE, FORECAST_TOTALS, rows, run, scope)


READERS = {FORECAST_TOTALS.name: totals}
WRITERS = {FORECAST_TOTALS.name: write_totals}
