"""The lake keeps the store contract."""

from __future__ import annotations

import pandas as pd
import pytest
from contract import StoreContract, World

from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore


@pytest.fixture
def world(tmp_path) -> World:
	path = tmp_path / "lake"
	store = LakeStore(path, create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A", "B"]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK", "EU"]}), run=run)
		store.write(CURRENCIES, pd.DataFrame({"currency": ["GBP"], "rate": [1.0]}), run=run)
	prelude = f"from sentia_ops.store.lake import LakeStore\nstore = LakeStore({str(path)!r})\n"
	return World(store, ["A", "B"], ["UK", "EU"], "Mill", lambda: LakeStore(path), (prelude, tmp_path))


class TestLake(StoreContract):
	pass
