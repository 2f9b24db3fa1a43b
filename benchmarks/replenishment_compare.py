"""All policies in one world with the same random numbers: as their users set them, and with their service made ours."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
from replenishment_rules import ERPNext, Stockpyl, Textbook
from replenishment_sim import Costs, Ledger, Rule, clairvoyant, simulate
from replenishment_world import MEASURED, World

ALL = "all"
PARTS = ("holding", "ordering", "stockout")
OURS, BOUND = "ours", "clairvoyant bound"


def rivals() -> list[type]:
	"""stockpyl only where it is installed."""
	return [ERPNext, Textbook, *([Stockpyl] if importlib.util.find_spec("stockpyl") else [])]


def compare(
	world: World, ours: Rule, target: np.ndarray, costs: Costs, *, backorders: bool = False
) -> list[dict]:
	"""Rows of policy x class: sums over the class's pairs.

	Each rival has rows "as set" and rows "same service": its factor is searched per class on a grid, and its
	figures are interpolated to where its cycle service is ours, where several points are to the cheapest of them.

	Args:
	    ours: the first one is ours; others are variants of it, to compare with.
	    target: wanted cycle service by pair, shape (n,).
	"""
	classes = [str(name) for name in np.unique(world.classes)]
	rows = []
	for rule in reversed(ours):
		sums = _by_class(world, simulate(world, rule, costs, backorders=backorders))
		rows += [_row(world, rule.name, "as set", name, sums[name], target) for name in (*classes, ALL)]
	wanted = {name: service(sums[name]) for name in classes}
	for kind in rivals():
		usual = np.array([NormalDist().inv_cdf(t) for t in target]) if kind is Textbook else kind.usual
		set_so = simulate(
			world, kind(world, costs, usual * np.ones(len(target))), costs, backorders=backorders
		)
		found = _by_class(world, set_so)
		rows += [_row(world, kind.name, "as set", name, found[name], target) for name in (*classes, ALL)]
		ledgers = [
			simulate(world, kind(world, costs, np.full(len(target), factor)), costs, backorders=backorders)
			for factor in kind.grid
		]
		points = [_by_class(world, ledger) for ledger in ledgers]
		tuned = {name: at_service([p[name] for p in points], wanted[name]) for name in classes}
		tuned[ALL] = _total(tuned.values())
		rows += [
			_row(world, kind.name, "same service", name, tuned[name], target) for name in (*classes, ALL)
		]
	return rows + _bound_rows(world, costs, classes, target)


def service(sums: dict[str, float]) -> float:
	"""Share of replenishment cycles without stock-out; no cycle: 1."""
	return 1 - sums["failed"] / sums["cycles"] if sums["cycles"] else 1.0


def at_service(points: list[dict[str, float]], wanted: float) -> dict[str, float]:
	"""Between the two neighbours whose service encloses `wanted`, the cheapest such place; beyond the grid, its nearest end."""
	reached = [service(p) for p in points]
	found = []
	for (low, a), (high, b) in zip(
		zip(points, reached, strict=True), list(zip(points, reached, strict=True))[1:], strict=False
	):
		if min(a, b) <= wanted <= max(a, b):
			share = 0.5 if a == b else (wanted - a) / (b - a)
			found.append({key: low[key] + share * (high[key] - low[key]) for key in low})
	if not found:
		nearest = int(np.argmin([abs(r - wanted) for r in reached]))
		found = [points[nearest]]
	return min(found, key=lambda sums: sum(sums[part] for part in PARTS))


def _by_class(world: World, ledger: Ledger) -> dict[str, dict[str, float]]:
	names = [str(name) for name in np.unique(world.classes)]
	found = {name: ledger.of(world.classes == name) for name in names}
	return found | {ALL: ledger.of(np.ones(len(world.classes), dtype=bool))}


def _total(parts: Iterable[dict[str, float]]) -> dict[str, float]:
	parts = list(parts)
	return {key: sum(p[key] for p in parts) for key in parts[0]}


def _row(
	world: World, policy: str, variant: str, name: str, sums: dict[str, float], target: np.ndarray
) -> dict:
	chosen = np.ones(len(target), dtype=bool) if name == ALL else world.classes == name
	return {
		"world": world.name,
		"policy": policy,
		"variant": variant,
		"class": name,
		"pairs": int(chosen.sum()),
		"target": float(target[chosen].mean()),
		**{key: round(value, 4) for key, value in sums.items()},
	}


def _bound_rows(world: World, costs: Costs, classes: list[str], target: np.ndarray) -> list[dict]:
	bound = clairvoyant(world, costs)
	rows = []
	for name in (*classes, ALL):
		chosen = np.ones(len(target), dtype=bool) if name == ALL else world.classes == name
		orders = float(bound.orders[chosen].sum())
		holding = float(bound.holding[chosen].sum())
		sums = {
			"wanted": float(world.wanted[chosen, world.warm :].sum()),
			"short": 0.0,
			"holding": holding,
			"ordering": orders * costs.ordering,
			"stockout": 0.0,
			"orders": orders,
			"cycles": orders,
			"failed": 0.0,
			"stock_days": float("nan"),
			"value_days": holding / costs.holding_rate * 365,
		}
		rows.append(_row(world, BOUND, "as set", name, sums, target))
	return rows


def summary(rows: list[dict]) -> list[dict]:
	"""Over the worlds: rates, yearly-free sums a world, and the saving of ours with its 95 % interval over worlds."""
	found = []
	for policy, variant, name in dict.fromkeys((r["policy"], r["variant"], r["class"]) for r in rows):
		mine = [r for r in rows if (r["policy"], r["variant"], r["class"]) == (policy, variant, name)]
		sums = {
			key: sum(r[key] for r in mine)
			for key in ("wanted", "short", "cycles", "failed", "orders", "value_days", *PARTS)
		}
		levels = [100 * service(r) for r in mine]
		ours = [
			next(r for r in rows if r["policy"] == OURS and (r["world"], r["class"]) == (m["world"], name))
			for m in mine
		]
		savings = [100 * (1 - cost(o) / cost(m)) if cost(m) else 0.0 for o, m in zip(ours, mine, strict=True)]
		found.append(
			{
				"policy": policy,
				"variant": variant,
				"class": name,
				"pairs": round(np.mean([r["pairs"] for r in mine])),
				"target": 100 * float(np.mean([r["target"] for r in mine])),
				"service": 100 * service(sums),
				"service_ci": half_width(levels),
				"fill": 100 * (1 - sums["short"] / sums["wanted"]) if sums["wanted"] else 100.0,
				**{part: sums[part] / len(mine) for part in PARTS},
				"total": sum(sums[part] for part in PARTS) / len(mine),
				"stock": sums["value_days"] / MEASURED / len(mine),
				"orders": sums["orders"] / len(mine),
				"saving": 100 * (1 - sum(map(cost, ours)) / sum(map(cost, mine)))
				if sum(map(cost, mine))
				else 0.0,
				"saving_ci": half_width(savings),
			}
		)
	return found


def cost(row: dict) -> float:
	return sum(row[part] for part in PARTS)


def half_width(values: list[float]) -> float:
	"""Of the 95 % interval of the mean, Student's t; NaN for a single value."""
	from scipy.stats import t

	if len(values) < 2:
		return float("nan")
	return float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
