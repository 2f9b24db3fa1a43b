"""Backtests and outcomes by service class -> who may be approved without a person."""

from __future__ import annotations

from datetime import date

import pandas as pd

from sentia_ops.forecasting.frames import FORECAST_QUALITY
from sentia_ops.replenishment.engine.autonomy import AutonomyRules, Rights, judge_rights
from sentia_ops.replenishment.frames import AUTONOMY, OUTCOMES, STOCK_POLICY
from sentia_ops.store import Run, Store


def update_rights(store: Store, run: Run, *, as_of: date, rules: AutonomyRules) -> Rights:
	"""Write frame AUTONOMY; a right that is withdrawn is a warning of the run."""
	rights = judge_rights(
		store.read(FORECAST_QUALITY),
		store.read(STOCK_POLICY),
		store.read(OUTCOMES),
		store.read(AUTONOMY),
		as_of,
		rules,
	)
	for text in rights.withdrawn:
		run.warn(f"Automatic approval withdrawn. {text}")
	rows = pd.DataFrame(rights.rows).assign(run=run.name) if rights.rows else AUTONOMY.empty()
	store.write(AUTONOMY, rows, run=run)
	return rights
