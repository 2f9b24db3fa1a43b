"""Months: figures, trends that are more than noise, and months far off a supplier's own history."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sentia_ops.suppliers.scoring import statistics as st
from sentia_ops.suppliers.scoring.measures import BY_NAME, MEASURES, Measure

STRENGTH = 5.0  # observations that a supplier's history weighs in a month's score
ENOUGH = 35.0
MIN_MONTH = 3  # observations of a month, to count in trends and anomalies
MIN_MONTHS = 6  # months, for either
P_TREND = 0.01  # after Holm's correction for all measures of the supplier
MATERIAL = 3.0  # points that a trend must change in a year
AROUND = 6  # months before and after, that a month is compared with
FAR = 3.5  # robust z (Iglewicz & Hoaglin 1993)
HALF = {"high": 5.0, "medium": 12.0}  # half-width of a score's interval, in points


def monthly(rows: pd.DataFrame) -> pd.DataFrame:
	"""supplier, measure, month, n, value, std; and `history`, the mean of all the supplier's months."""
	rows = rows.assign(first=rows["weight"] * rows["value"], second=rows["weight"] * rows["value"] ** 2)
	keys = ["supplier", "measure", "month"]
	sums = rows.groupby(keys, as_index=False).agg(
		n=("value", "size"), weight=("weight", "sum"), first=("first", "sum"), second=("second", "sum")
	)
	sums["value"] = sums["first"] / sums["weight"]
	variance = (sums["second"] / sums["weight"] - sums["value"] ** 2).clip(lower=0)
	sums["std"] = np.sqrt(variance * sums["n"] / (sums["n"] - 1).clip(lower=1))
	group = sums.groupby(["supplier", "measure"])
	sums["history"] = group["first"].transform("sum") / group["weight"].transform("sum")
	# the scatter of single observations, pooled over the months
	pooled = (sums["n"] * variance).groupby([sums["supplier"], sums["measure"]]).transform("sum")
	sums["scatter"] = np.sqrt(
		pooled / (group["n"].transform("sum") - group["n"].transform("size")).clip(lower=1)
	)
	return sums[[*keys, "n", "value", "std", "history", "scatter"]]


def trends(months: pd.DataFrame) -> dict[str, dict[str, dict]]:
	"""supplier -> measure -> slope a month, p (Holm-adjusted), months, way: "better", "worse" or "steady"."""
	found: dict[str, dict[str, dict]] = {}
	enough = months[months["n"] >= MIN_MONTH]
	for (supplier, measure), rows in enough.groupby(["supplier", "measure"], sort=True):
		if len(rows) < MIN_MONTHS:
			continue
		slope, p = st.mann_kendall(_dense(rows))
		found.setdefault(supplier, {})[measure] = {"slope": slope, "p": p, "months": len(rows)}
	for measures in found.values():
		adjusted = st.holm([trend["p"] for trend in measures.values()])
		for (name, trend), p in zip(measures.items(), adjusted, strict=True):
			measure = BY_NAME[name]
			yearly = abs(measure.points(12 * trend["slope"]) - measure.points(0.0))
			clear = p <= P_TREND and yearly >= MATERIAL
			improves = trend["slope"] * measure.better > 0
			trend.update(p=p, way=("better" if improves else "worse") if clear else "steady")
	return found


def _dense(rows: pd.DataFrame) -> np.ndarray:
	"""Values by calendar month, NaN where there is none."""
	at = rows["month"].dt.year * 12 + rows["month"].dt.month
	values = np.full(int(at.max() - at.min()) + 1, np.nan)
	values[(at - at.min()).to_numpy()] = rows["value"].to_numpy()
	return values


def anomalies(months: pd.DataFrame) -> list[dict]:
	"""Months far off the months around them (half a year before and after) of the same supplier and measure.

	Robust z = (month - median) / s, where s^2 = (1.4826 MAD)^2 + scatter^2 / n: the usual ups and downs, and what so few
	observations must scatter by themselves. Compared with its surroundings, a month of a steady trend is not strange.

	Returns:
	    supplier, month, measure, value, median, z, worse (bool), text (the arithmetic).
	"""
	found = []
	enough = months[months["n"] >= MIN_MONTH]
	for (_supplier, name), rows in enough.groupby(["supplier", "measure"], sort=True):
		values = rows["value"].to_numpy()
		at = (rows["month"].dt.year * 12 + rows["month"].dt.month).to_numpy()
		for i, row in enumerate(rows.itertuples()):
			others = values[(np.abs(at - at[i]) <= AROUND) & (at != at[i])]
			if len(others) >= MIN_MONTHS:
				found += _strange(BY_NAME[name], row, others)
	return found


def _strange(measure: Measure, row, others: np.ndarray) -> list[dict]:
	middle = float(np.median(others))
	mad = float(np.median(np.abs(others - middle)))
	scatter = max(row.scatter, _own_scatter(measure, row))
	s = math.hypot(st.MAD_TO_STD * mad, scatter / math.sqrt(row.n))
	if s <= 0 or abs(row.value - middle) < FAR * s:
		return []
	z = (row.value - middle) / s
	return [
		{
			"supplier": row.supplier,
			"month": row.month,
			"measure": measure.name,
			"value": row.value,
			"median": middle,
			"z": z,
			"worse": z * measure.better < 0,
			"text": _in_words(measure, row, middle, mad, scatter, s, z),
		}
	]


def _own_scatter(measure: Measure, row) -> float:
	"""Of the month's own observations; of a share with two more successes and failures (Agresti & Coull 1998)."""
	if not measure.share:
		return row.std
	share = (row.n * row.value + 2) / (row.n + 4)
	return math.sqrt(share * (1 - share))


def _in_words(measure: Measure, row, middle: float, mad: float, scatter: float, s: float, z: float) -> str:
	show = measure.show
	return (
		f"{measure.label} {show(row.value)}, {row.n} {measure.what}, around it {show(middle)}: "
		f"({show(row.value)} - {show(middle)}) / {show(s)} = {z:.1f}, where {show(s)} = square root of "
		f"((1.4826 x {show(mad)})^2 + ({show(scatter)})^2 / {row.n})"
	)


def table(months: pd.DataFrame, strange: list[dict]) -> pd.DataFrame:
	"""One row per supplier and month: every measure with its n, the score, its confidence, what is strange."""
	if months.empty:
		return pd.DataFrame(columns=["supplier", "month"])
	key = ["supplier", "month"]
	wide = months.pivot(index=key, columns="measure", values="value")
	counts = months.pivot(index=key, columns="measure", values="n")
	frame = pd.DataFrame(index=wide.index)
	for measure in MEASURES:
		frame[measure.name] = wide.get(measure.name)
		if measure.counted not in frame:
			frame[measure.counted] = (
				counts[measure.name].fillna(0).astype(int) if measure.name in counts else 0
			)
	frame = frame.join(_scores(months))
	texts: dict[tuple, str] = {}
	for row in strange:
		at = (row["supplier"], row["month"])
		texts[at] = f"{texts[at]}; {row['text']}" if at in texts else row["text"]
	frame["anomaly"] = [texts.get(at, "") for at in frame.index]
	return frame.reset_index()


def _scores(months: pd.DataFrame) -> pd.DataFrame:
	"""score and confidence of each month; each figure drawn to the supplier's own history."""
	rows = months.copy()
	weight = rows["n"] / (rows["n"] + STRENGTH)
	drawn = weight * rows["value"] + (1 - weight) * rows["history"]
	half = st.Z95 * weight * rows["scatter"] / np.sqrt(rows["n"])
	rows["points"] = rows["half"] = 0.0
	for measure in MEASURES:
		mine = rows["measure"] == measure.name
		rows.loc[mine, "points"] = measure.points(drawn[mine]).clip(0, 100)
		rows.loc[mine, "half"] = measure.points(half[mine]).sub(measure.points(0.0)).abs()
		rows.loc[mine, "weight"] = measure.weight
	rows["points"] *= rows["weight"]
	rows["half"] = (rows["weight"] * rows["half"].clip(upper=50)) ** 2
	sums = rows.groupby(["supplier", "month"])[["points", "weight", "half"]].sum()
	score = (sums["points"] / sums["weight"]).where(sums["weight"] >= ENOUGH)
	spread = np.sqrt(sums["half"]) / sums["weight"]
	grade = [confidence(s) if not math.isnan(v) else "" for v, s in zip(score, spread, strict=True)]
	return pd.DataFrame({"score": score.round(1), "confidence": grade})


def confidence(half_width: float) -> str:
	"""high: the score is known to 5 points; medium: to 12; low: worse."""
	return next((name for name, limit in HALF.items() if half_width <= limit), "low")
