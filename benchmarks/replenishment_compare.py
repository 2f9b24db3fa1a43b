"""All policies in one world with the same random numbers: as their users set them, and with their service made ours."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from replenishment_rules import ERPNext, Stockpyl, Textbook
from replenishment_sim import YEAR, Costs, Ledger, Rule, clairvoyant, simulate
from replenishment_world import MEASURED, World
from scipy.special import ndtri

ALL = "all"
PARTS = ("holding", "ordering", "stockout")
OURS, BOUND = "ours", "clairvoyant bound"


def rivals() -> list[type]:
	"""stockpyl only where it is installed."""
	return [ERPNext, Textbook, *([Stockpyl] if importlib.util.find_spec("stockpyl") else [])]


@dataclass(frozen=True)
class Run:
	"""What one world brought: sums by class, of each policy as set and of each rival at every factor of its grid."""

	world: World
	target: np.ndarray
	as_set: dict[str, dict[str, dict[str, float]]]
	grids: dict[str, list[dict[str, dict[str, float]]]]


def run(world: World, ours: list[Rule], target: np.ndarray, costs: Costs, *, backorders: bool = False) -> Run:
	"""All policies in one world.

	Args:
	    ours: the first one is ours; others are variants of it, to compare with.
	    target: wanted cycle service by pair, shape (n,).
	"""

	def sums(rule: Rule) -> dict[str, dict[str, float]]:
		return _by_class(world, simulate(world, rule, costs, backorders=backorders))

	as_set = {rule.name: sums(rule) for rule in ours}
	grids = {}
	for kind in rivals():
		usual = ndtri(target) if kind is Textbook else np.full(len(target), kind.usual)
		as_set[kind.name] = sums(kind(world, costs, usual))
		grids[kind.name] = [sums(kind(world, costs, np.full(len(target), factor))) for factor in kind.grid]
	as_set[BOUND] = _bound(world, costs)
	return Run(world, target, as_set, grids)


def rows_of(runs: list[Run]) -> list[dict]:
	"""Rows of world x policy x class: sums over the class's pairs.

	Rivals have rows "as set" and rows "same service": in each class the factor at which their cycle service over all
	worlds is ours, between two points of the grid where need be. It is found on the very days that are measured, which
	no user could do.
	"""
	classes = sorted({name for each in runs for name in each.as_set[OURS]} - {ALL})
	rows = []
	for policy in runs[0].as_set:
		for each in runs:
			rows += [
				_row(each, policy, "as set", name, each.as_set[policy].get(name)) for name in (*classes, ALL)
			]
	for policy in runs[0].grids:
		place = {name: _place(runs, policy, name) for name in classes}
		for each in runs:
			tuned = {
				name: _between([p.get(name) for p in each.grids[policy]], *place[name]) for name in classes
			}
			tuned[ALL] = _total(t for t in tuned.values() if t)
			rows += [_row(each, policy, "same service", name, tuned[name]) for name in (*classes, ALL)]
	return [row for row in rows if row]


def _place(runs: list[Run], policy: str, name: str) -> tuple[int, float]:
	points = [
		_total(each.grids[policy][k][name] for each in runs if name in each.grids[policy][k])
		for k in range(len(runs[0].grids[policy]))
	]
	ours = _total(each.as_set[OURS][name] for each in runs if name in each.as_set[OURS])
	return at_service(points, service(ours))


def service(sums: dict[str, float]) -> float:
	"""Share of replenishment cycles without stock-out; no cycle: 1."""
	return 1 - sums["failed"] / sums["cycles"] if sums["cycles"] else 1.0


def at_service(points: list[dict[str, float]], wanted: float) -> tuple[int, float]:
	"""(k, share): between points k and k + 1, the cheapest place where service is `wanted`; out of reach: the nearest point."""
	reached = [service(p) for p in points]
	found = []
	for k, (a, b) in enumerate(pairwise(reached)):
		if min(a, b) <= wanted <= max(a, b):
			share = 0.0 if a == b else (wanted - a) / (b - a)
			found.append((k, share))
	if not found:
		return int(np.argmin([abs(r - wanted) for r in reached])), 0.0
	return min(found, key=lambda place: cost(_between(points, *place)))


def _between(points: list[dict[str, float] | None], k: int, share: float) -> dict[str, float] | None:
	low, high = points[k], points[min(k + 1, len(points) - 1)]
	return {key: low[key] + share * (high[key] - low[key]) for key in low} if low else None


def _by_class(world: World, ledger: Ledger) -> dict[str, dict[str, float]]:
	names = [str(name) for name in np.unique(world.classes)]
	found = {name: ledger.of(world.classes == name) for name in names}
	return found | {ALL: ledger.of(np.ones(len(world.classes), dtype=bool))}


def _total(parts: Iterable[dict[str, float]]) -> dict[str, float]:
	parts = list(parts)
	return {key: sum(p[key] for p in parts) for key in parts[0]}


def _row(each: Run, policy: str, variant: str, name: str, sums: dict[str, float] | None) -> dict | None:
	if sums is None:
		return None
	chosen = np.ones(len(each.target), dtype=bool) if name == ALL else each.world.classes == name
	return {
		"world": each.world.name,
		"policy": policy,
		"variant": variant,
		"class": name,
		"pairs": int(chosen.sum()),
		"target": float(each.target[chosen].mean()),
		**{key: round(value, 4) for key, value in sums.items()},
	}


def _bound(world: World, costs: Costs) -> dict[str, dict[str, float]]:
	bound = clairvoyant(world, costs)
	none = np.zeros(len(bound.orders))
	ledger = Ledger(
		wanted=world.wanted[:, world.warm :].sum(axis=1),
		short=none,
		holding=bound.holding,
		ordering=bound.ordering,
		stockout=none,
		orders=bound.orders,
		cycles=bound.orders,
		failed=none,
		stock_days=bound.holding * YEAR / costs.holding_rate / world.unit_cost,
		value_days=bound.holding * YEAR / costs.holding_rate,
	)
	return _by_class(world, ledger)


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
