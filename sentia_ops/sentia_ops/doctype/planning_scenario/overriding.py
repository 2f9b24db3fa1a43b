"""Demand changes of a promoted scenario as Forecast Overrides, a document per item (and warehouse, where they name one)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import frappe
import pandas as pd
from frappe import _
from frappe.utils import add_days, getdate

from sentia_ops.forecasting.frames import FORECASTS
from sentia_ops.scenarios.engine.apply import Facts, concerned
from sentia_ops.scenarios.engine.changes import Change
from sentia_ops.scenarios.flow import names_in
from sentia_ops.scenarios.site import changes_of, in_words, nested_groups
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.site import SiteStore

PAIR = ["item_code", "warehouse"]
MOST = 500  # overrides of one change; more are no longer a planner's word on single items
NAMED = 5


@dataclass(frozen=True)
class Part:
	"""What becomes of one demand change.

	Attributes:
	    pairs: (item, warehouse) to override; the warehouse is empty where the change holds for all of the item's.
	    taken: items with an override on these days already, which stays: of two the newer would win.
	"""

	change: Change
	pairs: list[tuple[str, str]]
	taken: list[str]
	first: date
	last: date

	@property
	def too_many(self) -> bool:
		return len(self.pairs) > MOST

	@property
	def percent(self) -> float:
		return round((self.change.value - 1) * 100, 6)

	def told(self) -> tuple[list[str], list[str]]:
		"""Sentences: what is made real, what is not."""
		words = in_words(self.change)
		real, left = [], []
		if self.too_many:
			left.append(
				_("{0}. It concerns {1} items, more than {2}: do it in smaller parts.").format(
					words, len(self.pairs), MOST
				)
			)
		elif self.pairs:
			real.append(
				_("{0}: {1} Forecast Overrides of {2} percent, {3} to {4}.").format(
					words, len(self.pairs), f"{self.percent:+g}", self.first, self.last
				)
			)
		if self.taken:
			named = ", ".join(self.taken[:NAMED])
			more = _(" and {0} more").format(len(self.taken) - NAMED) if len(self.taken) > NAMED else ""
			left.append(
				_("{0} for {1}: there is an override on these days already, which stays.").format(
					words, named + more
				)
			)
		return real, left


def planned_overrides(doc) -> list[Part]:
	"""One part per demand change of the scenario, in their order."""
	changes = [change for change in changes_of(doc) if change.kind == "demand"]
	if not changes:
		return []
	facts, forecast = _facts(doc), _forecast_pairs()
	ours: list[tuple[str, str, date, date]] = []
	parts = []
	for change in changes:
		first, last = _days(change, doc)
		rows = forecast[concerned(forecast, change, facts)]
		if not (change.warehouse or change.market):
			rows = rows.drop_duplicates("item_code").assign(warehouse="")
		others = _overridden(first, last) + [(i, w) for i, w, a, b in ours if a <= last and b >= first]
		free, taken = [], []
		for item, shed in rows.itertuples(index=False, name=None):
			meets = any(i == item and (not w or not shed or w == shed) for i, w in others)
			if meets:
				taken.append(item)
			else:
				free.append((item, shed))
		part = Part(change, free, sorted(set(taken)), first, last)
		parts.append(part)
		ours += [] if part.too_many else [(item, shed, first, last) for item, shed in free]
	return parts


def _forecast_pairs() -> pd.DataFrame:
	rows = frappe.get_all("Demand Forecast", fields=PAIR, order_by="item_code, warehouse", as_list=True)
	return pd.DataFrame(list(rows), columns=PAIR)


def _facts(doc) -> Facts:
	store = SiteStore()
	items, places = store.read(ITEMS), store.read(WAREHOUSES)
	return Facts(
		names=names_in(store, nested_groups()),
		group=dict(zip(items["item_code"], items["item_group"], strict=True)),
		market=dict(zip(places["warehouse"], places["market"], strict=True)),
		forecasts=FORECASTS.empty(),
		order_lines={},
		as_of=pd.Timestamp(doc.as_of),
	)


def _days(change: Change, doc) -> tuple[date, date]:
	"""Those of the change, within what is forecast."""
	start = getdate(doc.as_of)
	end = getdate(add_days(start, frappe.get_cached_doc("Sentia Settings").horizon_days - 1))
	return max(start, change.first or start), min(end, change.last or end)


def _overridden(first: date, last: date) -> list[tuple[str, str]]:
	filters = {"status": "Active", "from_date": ["<=", last], "to_date": [">=", first]}
	rows = frappe.get_all("Forecast Override", filters, PAIR)
	return [(row.item_code, row.warehouse or "") for row in rows]


def make_overrides(doc) -> list[str]:
	"""Insert them; returns their items. Forecasts follow when the run that is under way has ended (`apply_now`)."""
	items = []
	for part in planned_overrides(doc):
		if part.too_many or part.last < part.first:
			continue
		for item, shed in part.pairs:
			_insert(doc, part, item, shed)
			items.append(item)
	return items


def _insert(doc, part: Part, item: str, shed: str) -> None:
	override = frappe.new_doc("Forecast Override")
	override.update({"item_code": item, "warehouse": shed or None, "kind": "percent", "value": part.percent})
	override.update({"from_date": part.first, "to_date": part.last})
	override.reason = _("Scenario {0}: {1}").format(doc.name, doc.title)
	frappe.flags.mute_messages = True  # each would say that a run is under way: it is this one
	try:
		override.insert()
	finally:
		frappe.flags.mute_messages = False
