"""Puts facts, charts and the page's template together."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentia_ops import __version__
from sentia_ops.cli.report import charts as draw
from sentia_ops.cli.report.facts import Facts, accuracy, gain, gather, kept, series_of, stockouts, tested
from sentia_ops.cli.report.production import gantt_assets, gather_production
from sentia_ops.forecasting.frames import DEMAND, FORECASTS, SERIES
from sentia_ops.replenishment.flow import NO_STOCK
from sentia_ops.replenishment.frames import URGENCIES

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

MOST_SHOWN = 300  # recommendations or reorder points with their reasons; all of them are in the lake
MOST_OTHERS = 4000


def build(store: LakeStore, charts: int = 30) -> str:
	"""The report as one HTML text without references to anything outside it.

	Args:
	    charts: how many of the most urgent recommendations get charts; each adds about 10 kB.
	"""
	from plotly.offline import get_plotlyjs

	facts = gather(store)
	figures = _figures(store, facts, charts)
	production = gather_production(store)
	planned = production is None or not (facts.policy.empty and facts.quality.empty)
	if production and production.loads:
		figures["loads"] = production.loads
	others = facts.policy[facts.policy["verdict"] != "order"].sort_values(
		["verdict", "days_of_cover", "item_code", "warehouse"], ignore_index=True
	)
	page = _template().render(
		facts=facts,
		production=production,
		planned=planned,
		tiles=_all_tiles(facts) if planned else [],
		no_stock=NO_STOCK,
		recommendations=facts.recommendations.head(MOST_SHOWN).to_dict("records"),
		policies=facts.policy.head(MOST_SHOWN).to_dict("records"),
		others=others.head(MOST_OTHERS).to_dict("records"),
		others_total=len(others),
		accuracy=accuracy(facts.quality),
		kept=kept(facts.scores, "class"),
		drifting=int((facts.quality["drift"] != "").sum()),
		figures=figures,
		generated=datetime.now(timezone.utc),
		version=__version__,
		style=_part("report.css"),
		script=_part("report.js"),
	)
	data = {"figures": figures} | ({"schedule": production.board} if production else {})
	return (
		page.replace("<!--plotly-->", f"<script>{get_plotlyjs()}</script>")
		.replace("<!--gantt-->", gantt_assets() if production else "")
		.replace(
			"<!--figures-->",
			"\n".join(
				f'<script type="application/json" id="{name}">{safe_json(part)}</script>'
				for name, part in data.items()
			),
		)
	)


def safe_json(data: Any) -> str:
	"""JSON that cannot end its script element, whatever the texts in it."""
	text = json.dumps(data, allow_nan=False, separators=(",", ":"))
	return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _all_tiles(facts: Facts) -> list[dict[str, str]]:
	return tiles(facts) if facts.stock_known else tiles_without_stock(facts)


def tiles(facts: Facts) -> list[dict[str, str]]:
	"""The headline figures: label, value, a word on what it means, tone (good, bad or empty)."""
	found = facts.recommendations
	by_urgency = found["urgency"].value_counts()
	counts = ", ".join(f"{by_urgency[name]:,} {name.lower()}" for name in URGENCIES if name in by_urgency)
	dry, too_late = stockouts(facts.policy, facts.as_of)
	urgent = int(by_urgency.get("Critical", 0))
	return [
		_planned_tile(facts),
		_tile("To order", f"{len(found):,}", counts or "nothing needs ordering", "bad" if urgent else ""),
		_tile("Order value", money(found["cost"].sum(), facts.currency), "of all recommendations"),
		_tile(
			"Expected stock-outs",
			f"{too_late:,}",
			f"before an order placed today can arrive; {dry:,} in all if nothing is ordered",
			"bad" if too_late else "good",
		),
		_error_tile(facts),
	]


def tiles_without_stock(facts: Facts) -> list[dict[str, str]]:
	"""What can be said where nobody knows what is on hand."""
	demand, safety = facts.policy["daily_demand"].sum(), facts.policy["safety_stock"].sum()
	return [
		_planned_tile(facts),
		_tile("Expected demand", f"{demand:,.0f}", "units a day, all items"),
		_tile("Safety stock", f"{safety:,.0f}", "units, all items"),
		_error_tile(facts),
	]


def _planned_tile(facts: Facts) -> dict[str, str]:
	items = facts.policy["item_code"].nunique()
	return _tile("Planned", f"{len(facts.policy):,}", f"items and warehouses, {items:,} items")


def _error_tile(facts: Facts) -> dict[str, str]:
	better = gain(facts.quality)
	return _tile(
		"Forecast error",
		"not tested" if better is None else f"{abs(better):.0%} {'less' if better >= 0 else 'more'}",
		f"than seasonal naive, on {len(tested(facts.quality)):,} of {len(facts.quality):,} series",
		"" if better is None else "good" if better > 0 else "bad",
	)


def _tile(label: str, value: str, note: str, tone: str = "") -> dict[str, str]:
	return {"label": label, "value": value, "note": note, "tone": tone}


def _figures(store: LakeStore, facts: Facts, charts: int) -> dict[str, Any]:
	"""Figure by the id of its place on the page; charts that have nothing to show are left out."""
	figures = {
		"accuracy": draw.accuracy_chart(accuracy(facts.quality)),
		"lead-times": draw.lead_time_chart(facts.receipts),
	}
	if facts.stock_known:
		figures["spending"] = draw.spending_chart(facts.recommendations, facts.currency)
	shown = (facts.recommendations if facts.stock_known else facts.policy).head(charts)
	items = list(shown["item_code"].unique())
	demand = _by_series(store.read(DEMAND, item_code=items))
	forecasts = _by_series(store.read(FORECASTS, item_code=items))
	for number, (key, row) in enumerate(zip(series_of(shown), shown.itertuples(), strict=True), 1):
		past, future = demand.get(key, DEMAND.empty()), forecasts.get(key, FORECASTS.empty())
		figures[f"demand-{number}"] = draw.demand_chart(past, future, facts.as_of)
		if facts.stock_known:
			figures[f"stock-{number}"] = draw.stock_chart(row.projection, row.order_by, row.need_by)
	return {name: figure for name, figure in figures.items() if figure}


def _by_series(rows: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
	return dict(iter(rows.groupby(list(SERIES))))


def _part(name: str) -> str:
	return (files("sentia_ops.cli.report") / name).read_text(encoding="utf-8")


def _template():
	from jinja2 import Environment

	environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
	environment.filters |= {"money": money, "qty": quantity, "percent": percent, "day": day, "number": number}
	environment.filters |= {"moment": moment}
	return environment.from_string(_part("report.html"))


def money(value: float | None, currency: str = "") -> str:
	if value is None or pd.isna(value):
		return "–"
	return f"{value:,.{0 if abs(value) >= 1000 else 2}f} {currency}".strip()


def quantity(value: float | None) -> str:
	return (
		"–" if pd.isna(value) else f"{value:,.0f}" if abs(value) >= 100 or value % 1 == 0 else f"{value:,.1f}"
	)


def number(value: float | None, digits: int = 2) -> str:
	return "–" if value is None or pd.isna(value) else f"{value:,.{digits}f}"


def percent(value: float | None) -> str:
	return "–" if value is None or pd.isna(value) else f"{value:.0%}"


def day(value: Any) -> str:
	return "–" if value is None or pd.isna(value) else f"{value.day} {value:%b %Y}"


def moment(value: Any) -> str:
	return "–" if value is None or pd.isna(value) else f"{value:%a} {value.day} {value:%b %H:%M}"
