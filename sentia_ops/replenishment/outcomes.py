"""Orders made on recommendations, and stock day by day -> outcomes; each is judged once, and stays."""

from __future__ import annotations

from datetime import date

import pandas as pd

from sentia_ops.replenishment.engine import Policy
from sentia_ops.replenishment.frames import DECISIONS, OUTCOMES, STOCK_DAYS
from sentia_ops.store import Run, Store
from sentia_ops.store.frames import ITEMS


def judge_outcomes(store: Store, run: Run, *, as_of: date, policy: Policy) -> int:
	"""Judge what has become due; returns how many were."""
	from sentia_ops.replenishment.engine.outcomes import OutcomeRules, judge

	rules = OutcomeRules(
		grace_days=policy.review_days,
		max_cover_days=policy.max_cover_days,
		holding_rate=policy.holding_rate,
		margin=policy.stockout_margin,
	)
	known = store.read(OUTCOMES)
	decisions = store.read(DECISIONS)
	decisions = decisions[~decisions["recommendation"].isin(known["recommendation"])]
	if decisions.empty:
		return 0
	rates = store.read(ITEMS).set_index("item_code")["selling_rate"].to_dict()
	judged = judge(decisions, store.read(STOCK_DAYS), rates, as_of, rules)
	run.refuse("orders without any stock history, not judged", judged.unknown)
	if judged.rows:
		new = pd.DataFrame(judged.rows).assign(run=run.name)
		store.write(OUTCOMES, pd.concat([known, new]) if len(known) else new, run=run)
	return len(judged.rows)
