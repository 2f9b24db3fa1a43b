"""What the limits did to each order and to the plan, in words and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.arrays import tidy
from sentia_ops.replenishment.engine.joint.ladders import short_units
from sentia_ops.replenishment.engine.joint.solver import NOISE, Problem, Solution

if TYPE_CHECKING:
	from sentia_ops.replenishment.engine.joint.planning import Limits, Wanted

TOUCHED = ["qty", "cut_by", "risk", "note"]
s = f.show


def explain(picked: pd.DataFrame, problem: Problem, solution: Solution, limits: Limits) -> pd.DataFrame:
	"""qty, cut_by, risk, note, cost and wanted_cost of the orders whose quantity is not the wanted one."""
	qty = np.where(solution.step >= 0, problem.ladders.qty[solution.step], 0.0)
	changed = np.flatnonzero(np.abs(qty - picked["wanted"].to_numpy(dtype=float)) > NOISE)
	rows = picked.iloc[changed].assign(
		qty=np.round(qty[changed], 6),
		cost=np.where(solution.step >= 0, problem.ladders.cost[solution.step], 0.0)[changed],
	)
	rows["wanted_cost"] = np.where(rows["is_paid"], np.round(rows["wanted"] * rows["unit_cost"], 2), 0.0)
	rows["short_wanted"] = _printed(short_units(rows, rows["wanted"].to_numpy(dtype=float)))
	rows["short_now"] = _printed(short_units(rows, rows["qty"].to_numpy(dtype=float)))
	for name in ("wanted", "now"):
		rows[f"loss_{name}"] = np.round(rows[f"short_{name}"] * rows["margin"], 2)
	rows["risk"] = np.round(np.maximum(rows["loss_now"] - rows["loss_wanted"], 0.0), 2)
	left = _Left.after(problem, solution)
	rows["cut_by"] = [left.reason(place, picked, problem, solution) for place in changed]
	rows["note"] = [_note(row, limits) for row in rows.to_dict("records")]
	return rows[[*TOUCHED, "cost", "wanted_cost"]]


def _printed(units: np.ndarray) -> np.ndarray:
	return np.where(units >= 0.1, tidy(units), np.round(units, 4))


class _Left:
	"""Money and room that the chosen orders leave, and which groups order at all."""

	def __init__(self, money: float, room: np.ndarray, open_groups: set[int]):
		self.money, self.room, self.open_groups = money, room, open_groups

	@classmethod
	def after(cls, problem: Problem, solution: Solution) -> _Left:
		chosen = solution.step[solution.step >= 0]
		owner = problem.ladders.owner[chosen]
		used = np.bincount(
			problem.warehouse[owner], weights=problem.ladders.volume[chosen], minlength=len(problem.room)
		)
		money = problem.budget - problem.ladders.cost[chosen].sum()
		return cls(money, problem.room - used, set(problem.group[owner].tolist()))

	def reason(self, place: int, picked: pd.DataFrame, problem: Problem, solution: Solution) -> str:
		"""Which limit keeps this order from its wanted quantity."""
		row, step = picked.iloc[place], solution.step[place]
		has = problem.ladders.qty[step] if step >= 0 else 0.0
		group, warehouse = int(problem.group[place]), int(problem.warehouse[place])
		if has > row["wanted"] or (problem.least[group] > 0 and group not in self.open_groups):
			return "order value"
		cost = row["wanted"] * row["unit_cost"] * row["is_paid"] - (
			problem.ladders.cost[step] if step >= 0 else 0.0
		)
		volume = (row["wanted"] - has) * row["volume"]
		no_money, no_room = cost > self.money + 0.005, volume > self.room[warehouse] + NOISE
		if no_money and no_room:
			no_money = cost * solution.budget_price >= volume * solution.room_price[warehouse]
		if no_money:
			return "budget"
		return "capacity" if no_room else "order value" if problem.least[group] > 0 else "budget"


def _note(row: dict, limits: Limits) -> str:
	cut_by, wanted, qty = row["cut_by"], s(row["wanted"]), s(row["qty"])
	stakes = (
		f"units expected short until the order after this one can arrive: {s(row['short_wanted'])} with {wanted}, "
		f"{s(row['short_now'])} with {qty}; x {s(f.exact(row['margin']))} margin, the expected stock-out cost "
	)
	rises = row["loss_now"] > row["loss_wanted"]
	stakes += (
		f"rises from {row['loss_wanted']:.2f} to {row['loss_now']:.2f}"
		if rises
		else f"stays at {row['loss_now']:.2f}"
	)
	least = limits.order_values.get(row["supplier"], 0.0)
	if row["qty"] > row["wanted"]:
		more = (
			f"{qty} instead of {wanted}"
			if row["wanted"]
			else f"{qty} now, {s(round(row['early_days'], 1))} days early"
		)
		return (
			f"Order value: {more}, so that the order to {row['supplier']} reaches its minimum of {s(least)}."
		)
	words = f"{cut_by.capitalize()}: {qty if row['qty'] else 'nothing'} instead of {wanted}"
	if cut_by == "order value":
		words += f", as the order to {row['supplier']} does not reach its minimum of {s(least)}"
	if cut_by == "budget" and not row["qty"] and row["min_qty"] > row["step"]:
		words += f" (the smallest order is {s(row['min_qty'])})"
	return f"{words}; {stakes}."


def overview(
	wanted: Wanted, touched: pd.DataFrame, problem: Problem, solution: Solution, limits: Limits
) -> list[str]:
	"""Sentences for the whole plan, the costliest limit's first."""
	found = []
	for cut_by, words in (
		("budget", lambda rows: _budget_words(rows, wanted, solution)),
		("capacity", lambda rows: _capacity_words(rows, wanted, solution, limits)),
		("order value", lambda rows: _order_value_words(rows, wanted, limits)),
	):
		rows = touched[touched["cut_by"] == cut_by]
		if len(rows):
			found += words(rows)
	if solution.note:
		found.append(f"Budget, capacity and order values: {solution.note}.")
	if solution.bound > NOISE and solution.gap >= 0.0001:
		found.append(
			f"The orders chosen under the limits are worth {solution.value:,.0f}, at most {100 * solution.gap:.2f} % "
			f"less than the best choice there can be ({solution.bound:,.0f})."
		)
	return found


def _cuts(rows: pd.DataFrame) -> str:
	none = int((rows["qty"] == 0).sum())
	some = len(rows) - none
	parts = [
		f"{n} {'order' if n == 1 else 'orders'} {word}"
		for n, word in ((some, "cut"), (none, "left out"))
		if n
	]
	return f"{' and '.join(parts)}, which raises the expected stock-out cost by {rows['risk'].sum():,.2f}"


def _budget_words(rows: pd.DataFrame, wanted: Wanted, solution: Solution) -> list[str]:
	text = f"Budget of {wanted.budget:,.2f} for orders wanted at {wanted.cost.sum():,.2f}: {_cuts(rows)}."
	if solution.budget_price > NOISE:
		text += f" One more unit of money would spare about {solution.budget_price:.2f}."
	return [text]


def _capacity_words(rows: pd.DataFrame, wanted: Wanted, solution: Solution, limits: Limits) -> list[str]:
	found = []
	for name, part in rows.groupby("warehouse", sort=True):
		number = wanted.warehouses.get_loc(name)
		needed = wanted.volume[wanted.warehouse == number].sum()
		room = limits.room[name]
		if room <= 0:
			text = (
				f"{name} is full: what is stored and due is {-room:,.1f} m3 over its capacity"
				if room < 0
				else f"{name} is full"
			)
		else:
			text = f"{name} has room for {room:,.1f} m3 more, and the orders wanted take {needed:,.1f}"
		text += f": {_cuts(part)}."
		if solution.room_price[number] > NOISE:
			text += f" One more cubic metre would spare about {solution.room_price[number]:.2f}."
		found.append(text)
	return found


def _order_value_words(rows: pd.DataFrame, wanted: Wanted, limits: Limits) -> list[str]:
	found = []
	orders = wanted.orders
	for number in np.flatnonzero(wanted.missed):
		supplier, warehouse = wanted.groups[number]
		total = wanted.cost[wanted.group == number].sum()
		least = limits.order_values[supplier]
		mine = rows[(rows["supplier"] == supplier) & (rows["warehouse"] == warehouse)] if len(rows) else rows
		if mine.empty:
			continue
		raised = mine[mine["cost"] > mine["wanted_cost"]]
		start = f"{supplier} for {warehouse}: the needs sum to {total:,.2f} of a minimum order value of {least:,.2f}"
		if len(raised):
			more = (mine["cost"] - mine["wanted_cost"]).sum()
			found.append(f"{start}; raised by {more:,.2f} with what is needed next.")
		else:
			reach = orders.loc[wanted.group == number, "item_code"].nunique()
			found.append(
				f"{start}, and raising them costs more than waiting risks or is not possible "
				f"({reach} items looked at): {_cuts(mine)}."
			)
	return found
