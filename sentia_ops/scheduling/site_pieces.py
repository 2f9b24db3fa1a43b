"""An operation that pauses over a break or a night as the stretches that are worked, for Job Cards."""

from __future__ import annotations

from datetime import datetime

import pandas as pd


def pieces_of(rows: pd.DataFrame) -> dict[str, list[tuple[datetime, datetime, float]]]:
	"""Job Card -> (from, to, minutes worked) of every stretch.

	Args:
	    rows: job_card, workstation, starts_at, ends_at, minutes.
	"""
	return {
		row.job_card: [(row.starts_at.to_pydatetime(), row.ends_at.to_pydatetime(), float(row.minutes))]
		for row in rows.itertuples()
	}
