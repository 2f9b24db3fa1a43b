"""Plotly figures as plain dictionaries: data in, {"data", "layout"} out. Texts from users are escaped."""

from __future__ import annotations

from datetime import date, timedelta
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from sentia_ops.replenishment.frames import URGENCIES

HISTORY_DAYS = 120
MOST_SUPPLIERS = 15
MOST_RECEIPTS = 400  # points of one box; its quartiles are those of an even sample

INK, GRID = "#334155", "#e2e8f0"
BLUE, BAND80, BAND95 = "#1d4ed8", "rgba(29,78,216,.22)", "rgba(29,78,216,.10)"
HISTORY, ORANGE, RED, GREEN = "#94a3b8", "#c2410c", "#b91c1c", "#15803d"
URGENCY_COLOURS = dict(zip(URGENCIES, (RED, "#ea580c", "#ca8a04", "#64748b"), strict=True))


def _layout(height: int, **extra: Any) -> dict[str, Any]:
	axis = {"gridcolor": GRID, "zeroline": False, "automargin": True}
	layout = {
		"height": height,
		"margin": {"l": 44, "r": 12, "t": 34, "b": 32},
		"font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
		"paper_bgcolor": "rgba(0,0,0,0)",
		"plot_bgcolor": "rgba(0,0,0,0)",
		"xaxis": dict(axis),
		"yaxis": axis | {"rangemode": "tozero"},
		"legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
		"hovermode": "x unified",
	}
	for name, value in extra.items():
		layout[name] = {**layout[name], **value} if isinstance(layout.get(name), dict) else value
	return layout


def _numbers(values: Any) -> list[float | None]:
	"""Four significant digits are what a chart can show; NaN becomes a gap."""
	return [float(f"{v:.4g}") if np.isfinite(v) else None for v in np.asarray(values, dtype=float)]


def _days(values: Any) -> list[str]:
	return [f"{day:%Y-%m-%d}" for day in values]


def demand_chart(demand: pd.DataFrame, forecast: pd.DataFrame, as_of: date) -> dict[str, Any]:
	"""Units a day: the last 120 days, days without stock marked, and the forecast with its 80 and 95 % bands.

	Args:
	    demand, forecast: rows of one item and warehouse.
	"""
	first = pd.Timestamp(as_of) - pd.Timedelta(days=HISTORY_DAYS)
	days = pd.date_range(first, periods=HISTORY_DAYS)
	history = demand.set_index("date").reindex(days)
	if not demand.empty:
		history = history[history.index >= demand["date"].min()]
	out = history[history["in_stock"].eq(False)]
	forecast = forecast.sort_values("date")
	x = _days(forecast["date"])
	data = [
		{
			"type": "bar",
			"name": "sold",
			"x": _days(history.index),
			"y": _numbers(history["qty"].fillna(0)),
			"marker": {"color": HISTORY},
		},
		*_band(x, forecast["lo95"], forecast["hi95"], "95 %", BAND95),
		*_band(x, forecast["lo80"], forecast["hi80"], "80 %", BAND80),
		{
			"type": "scatter",
			"mode": "lines",
			"name": "forecast",
			"x": x,
			"y": _numbers(forecast["qty"]),
			"line": {"color": BLUE, "width": 2},
		},
	]
	if len(out):
		data.append(
			{
				"type": "scatter",
				"mode": "markers",
				"name": "out of stock",
				"x": _days(out.index),
				"y": [0] * len(out),
				"marker": {"color": RED, "symbol": "triangle-up", "size": 8},
			}
		)
	return {"data": data, "layout": _layout(270, bargap=0.15, yaxis={"title": {"text": "units a day"}})}


def _band(x: list[str], low: pd.Series, high: pd.Series, name: str, colour: str) -> list[dict[str, Any]]:
	edge = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "legendgroup": name}
	return [
		edge | {"y": _numbers(low), "showlegend": False, "name": f"{name} from"},
		edge | {"y": _numbers(high), "fill": "tonexty", "fillcolor": colour, "name": name},
	]


def stock_chart(projection: dict[str, Any], order_by: date, need_by: date) -> dict[str, Any] | None:
	"""Projected stock with and without the order, against safety stock and reorder point; None: no projection."""
	without, with_order = projection.get("without") or [], projection.get("with") or []
	if not without:
		return None
	start = date.fromisoformat(str(projection["start"])[:10])
	x = [f"{start + timedelta(days=n)}" for n in range(len(without))]
	data = [
		_line("without the order", x, without, RED, shape="hv"),
		_line("with the order", x[: len(with_order)], with_order, GREEN, shape="hv"),
		_line("reorder point", [x[0], x[-1]], [projection["reorder_point"]] * 2, ORANGE, dash="dash"),
		_line("safety stock", [x[0], x[-1]], [projection["safety_stock"]] * 2, ORANGE, dash="dot"),
	]
	shapes, notes = [], []
	for day, text, side in ((order_by, "order by", "right"), (need_by, "need by", "left")):
		if x[0] <= f"{day:%Y-%m-%d}" <= x[-1]:
			shapes.append(
				{
					"type": "line",
					"x0": f"{day:%Y-%m-%d}",
					"x1": f"{day:%Y-%m-%d}",
					"yref": "paper",
					"y0": 0,
					"y1": 1,
				}
				| {"line": {"color": INK, "width": 1, "dash": "dot"}}
			)
			notes.append(
				{
					"x": f"{day:%Y-%m-%d}",
					"y": 0,
					"yref": "paper",
					"yanchor": "bottom",
					"text": text,
					"showarrow": False,
				}
				| {"xanchor": "left" if side == "right" else "right", "font": {"size": 10}}
			)
	return {
		"data": data,
		"layout": _layout(270, yaxis={"title": {"text": "units"}}, shapes=shapes, annotations=notes),
	}


def _line(
	name: str, x: list[str], y: Any, colour: str, shape: str = "linear", dash: str = "solid"
) -> dict[str, Any]:
	style = {"color": colour, "width": 2 if dash == "solid" else 1.5, "shape": shape, "dash": dash}
	return {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": _numbers(y), "line": style}


def accuracy_chart(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
	"""Median MASE per demand class, ours beside seasonal naive."""
	rows = [row for row in rows if row["naive"]]  # not where nothing was sold and every forecast is right
	if not rows:
		return None
	names = [row["name"] for row in rows]
	data = [
		{"type": "bar", "name": name, "x": names, "y": _numbers([row[key] for row in rows])}
		| {
			"marker": {"color": colour},
			"texttemplate": "%{y:.2f}",
			"textposition": "outside",
			"cliponaxis": False,
		}
		for name, key, colour in (("Sentia Ops", "mase", BLUE), ("seasonal naive", "naive", HISTORY))
	]
	return {
		"data": data,
		"layout": _layout(
			300, barmode="group", bargap=0.45, yaxis={"title": {"text": "median MASE, lower is better"}}
		),
	}


def lead_time_chart(receipts: pd.DataFrame) -> dict[str, Any] | None:
	"""Days from order to receipt, a box per supplier (whiskers: 1.5 interquartile ranges), slowest on top."""
	if receipts.empty:
		return None
	order = receipts.groupby("supplier")["days"].median().sort_values().index
	data = []
	for supplier in order:
		days = np.sort(receipts.loc[receipts["supplier"] == supplier, "days"].to_numpy())
		if len(days) > MOST_RECEIPTS:
			days = days[np.linspace(0, len(days) - 1, MOST_RECEIPTS).astype(int)]
		box = {"type": "box", "name": escape(supplier), "x": _numbers(days), "boxpoints": "outliers"}
		data.append(box | {"marker": {"color": BLUE, "size": 3}, "line": {"width": 1.5}, "showlegend": False})
	return {
		"data": data,
		"layout": _layout(
			90 + 34 * len(order),
			hovermode="closest",
			xaxis={"title": {"text": "days from order to receipt"}, "rangemode": "tozero"},
			yaxis={"rangemode": "normal"},
		),
	}


def spending_chart(recommendations: pd.DataFrame, currency: str) -> dict[str, Any] | None:
	"""Order value by supplier, stacked by urgency, the largest on top."""
	if recommendations.empty:
		return None
	supplier = recommendations["supplier"].where(recommendations["supplier"] != "", "no supplier")
	sums = recommendations.groupby([supplier, "urgency"])["cost"].sum().unstack(fill_value=0)
	sums = sums.loc[sums.sum(axis=1).nlargest(MOST_SUPPLIERS).index[::-1]]
	data = [
		{"type": "bar", "orientation": "h", "name": name, "x": _numbers(sums[name])}
		| {"y": [escape(s) for s in sums.index], "marker": {"color": URGENCY_COLOURS[name]}}
		for name in URGENCIES
		if name in sums
	]
	title = f"order value, {escape(currency)}" if currency else "order value"
	layout = _layout(110 + 30 * len(sums), barmode="stack", bargap=0.3, hovermode="closest")
	layout["xaxis"]["title"] = {"text": title}
	layout["legend"]["traceorder"] = "normal"
	return {"data": data, "layout": layout}
