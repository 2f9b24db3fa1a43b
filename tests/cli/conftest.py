"""Run `sentia-ops` as a user does, on small lakes made by hand."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

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


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
	"""Two lakes, made once and copied for each test: `masters`, and `planned` on top of it."""
	folder = tmp_path_factory.mktemp("made")
	write_masters(LakeStore(folder / "masters", create=True))
	shutil.copytree(folder / "masters", folder / "planned")
	write_plan(LakeStore(folder / "planned"))
	return folder


@pytest.fixture
def masters(made, tmp_path) -> LakeStore:
	"""Three items, two warehouses, pounds and euros, and stock; nothing planned."""
	return LakeStore(shutil.copytree(made / "masters", tmp_path / "lake"))


@pytest.fixture
def planned(made, tmp_path) -> LakeStore:
	"""The same with demand, forecasts, policy, recommendations and receipts in it."""
	return LakeStore(shutil.copytree(made / "planned", tmp_path / "lake"))


def write_masters(store: LakeStore) -> None:
	items = {"item_code": ["LAMP", "CHAIR", "DESK"], "item_name": [EVIL, SCRIPTED, "[red]Desk[/red]"]}
	stock = {"item_code": ["LAMP", "CHAIR"], "warehouse": "UK", "on_hand": [4.0, 90.0]}
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame(items), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK", "EU"]}), run=run)
		store.write(CURRENCIES, pd.DataFrame({"currency": ["EUR", "GBP"], "rate": [0.85, 1.0]}), run=run)
		store.write(STOCK, pd.DataFrame(stock), run=run)


def write_plan(store: LakeStore) -> None:
	with store.run("plan", parameters={"as_of": f"{AS_OF:%Y-%m-%d}"}) as run:
		for frame, rows in (
			(DEMAND, demand_rows()),
			(FORECASTS, forecast_rows()),
			(FORECAST_QUALITY, quality_rows()),
			(STOCK_POLICY, policy_rows()),
			(RECOMMENDATIONS, recommendation_rows()),
			(SUPPLIER_ITEMS, offers()),
			(RECEIPTS, receipt_rows()),
			(LEAD_TIMES, lead_time_rows()),
		):
			store.write(frame, rows, run=run)
		run.warn("DESK has 3 days of history <only>.")
		run.refuse("series without a sale", 2)
