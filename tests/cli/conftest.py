"""Run `sentia-ops` as a user does, on small lakes made by hand."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import pandas as pd
import pytest
from handmade import (
	AS_OF,
	EVIL,
	SCRIPTED,
	demand_rows,
	forecast_rows,
	lead_time_rows,
	offers,
	policy_rows,
	quality_rows,
	receipt_rows,
	recommendation_rows,
)

from sentia_ops.cli.main import main
from sentia_ops.forecasting.frames import DEMAND, FORECAST_QUALITY, FORECASTS
from sentia_ops.replenishment.frames import RECOMMENDATIONS, STOCK, STOCK_POLICY
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore
from sentia_ops.suppliers.frames import LEAD_TIMES, RECEIPTS, SUPPLIER_ITEMS


@dataclass
class Outcome:
	code: int
	out: str
	err: str

	@property
	def json(self):
		return json.loads(self.out)


@pytest.fixture
def sentia(tmp_path, monkeypatch, capfd):
	"""Call `sentia-ops` with words as a user does, in an empty folder."""
	monkeypatch.chdir(tmp_path)
	monkeypatch.delenv("SENTIA_LAKE", raising=False)

	def call(*words: object) -> Outcome:
		monkeypatch.setattr(sys, "argv", ["sentia-ops", *map(str, words)])
		capfd.readouterr()
		try:
			main()
			code = 0
		except SystemExit as end:
			code = end.code or 0
		return Outcome(code, *capfd.readouterr())

	return call


@pytest.fixture
def masters(tmp_path) -> LakeStore:
	"""Three items, two warehouses, pounds and euros, and stock; nothing planned."""
	store = LakeStore(tmp_path / "lake", create=True)
	items = pd.DataFrame(
		{
			"item_code": ["LAMP", "CHAIR", "DESK"],
			"item_name": [EVIL, SCRIPTED, "[red]Desk[/red]"],
			"stock_uom": "Nos",
		}
	)
	with store.run("import") as run:
		store.write(ITEMS, items, run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK", "EU"]}), run=run)
		store.write(CURRENCIES, pd.DataFrame({"currency": ["EUR", "GBP"], "rate": [0.85, 1.0]}), run=run)
		stock = {"item_code": ["LAMP", "CHAIR"], "warehouse": "UK", "on_hand": [4.0, 90.0]}
		store.write(STOCK, pd.DataFrame(stock), run=run)
	return store


@pytest.fixture
def planned(masters) -> LakeStore:
	"""The same lake with demand, forecasts, policy, recommendations and receipts in it."""
	with masters.run("plan", parameters={"as_of": f"{AS_OF:%Y-%m-%d}"}) as run:
		masters.write(DEMAND, demand_rows(), run=run)
		masters.write(FORECASTS, forecast_rows(), run=run)
		masters.write(FORECAST_QUALITY, quality_rows(), run=run)
		masters.write(STOCK_POLICY, policy_rows(), run=run)
		masters.write(RECOMMENDATIONS, recommendation_rows(), run=run)
		masters.write(SUPPLIER_ITEMS, offers(), run=run)
		masters.write(RECEIPTS, receipt_rows(), run=run)
		masters.write(LEAD_TIMES, lead_time_rows(), run=run)
		run.warn("DESK has 3 days of history <only>.")
		run.refuse("series without a sale", 2)
	return masters
