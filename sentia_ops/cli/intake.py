"""The store's side of the imports: merge with what is there, write all of it or none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sentia_ops.cli.files import Table, write_atomically
from sentia_ops.cli.naming import closest
from sentia_ops.cli.transactions import Imported
from sentia_ops.errors import SentiaError
from sentia_ops.forecasting.frames import DEMAND
from sentia_ops.store.base import Progress, Run
from sentia_ops.store.frame import Frame, iso_currencies
from sentia_ops.store.frames import CURRENCIES, ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore


def write_transactions(
	store: LakeStore,
	found: Imported,
	raw: pd.DataFrame,
	*,
	source: str,
	currency: str = "",
	append: bool = False,
	progress: Progress | None = None,
) -> Run:
	"""Write items, warehouses, currencies and demand as one run, and the refused lines beside the tables.

	Items already there keep what the file does not tell (supplier terms, shelf life ...).
	"""
	parameters = {"file": source, "currency": currency, "append": append, **found.counts}
	with store.run("import transactions", parameters=parameters, trigger="cli", progress=progress) as run:
		run.progress(0.1, "items, warehouses, currencies")
		rate = _currency(store, run, currency)
		store.write(ITEMS, _merged_items(store.read(ITEMS), found.items, rate), run=run)
		names = found.demand["warehouse"].unique()
		known = store.read(WAREHOUSES)
		added = pd.DataFrame({"warehouse": [name for name in names if name not in set(known["warehouse"])]})
		store.write(WAREHOUSES, pd.concat([known, added]), run=run)
		run.progress(0.4, "demand")
		_write_demand(store, run, found.demand, append)
		for note in found.notes:
			run.warn(note)
		for reason, count in found.refused["reason"].value_counts().items():
			run.refuse(reason, count)
		run.progress(0.8, "refused lines")
		if len(found.refused):
			_write_refused(store.path / "refused" / f"{run.name}.csv", found.refused, raw)
		run.progress(1.0, "done")
	return run


def _currency(store: LakeStore, run: Run, currency: str) -> float:
	"""Company currency for one unit of the file's; a lake without currencies takes the file's as company currency."""
	known = store.read(CURRENCIES).set_index("currency")["rate"]
	code = currency.strip().upper()
	if not code:
		if known.empty:
			run.warn("No --currency given: amounts are shown without one.")
		return 1.0
	if code not in iso_currencies():
		raise SentiaError(
			f"Unknown currency {currency}.", closest(code, sorted(iso_currencies()), "ISO 4217 codes")[:60]
		)
	if known.empty:
		store.write(CURRENCIES, pd.DataFrame({"currency": [code], "rate": [1.0]}), run=run)
		return 1.0
	if code not in known:
		raise SentiaError(
			f"The lake has no rate for {code}.",
			f"It knows {', '.join(known.index)}; use 'import frame currencies FILE'.",
		)
	return float(known[code])


def _merged_items(old: pd.DataFrame, new: pd.DataFrame, rate: float) -> pd.DataFrame:
	if "selling_rate" in new:
		new = new.assign(selling_rate=new["selling_rate"] * rate)
	old, new = old.set_index("item_code"), new.set_index("item_code")
	for column in ("item_name", "item_group"):
		if column in new:
			new[column] = new[column].fillna("").where(lambda names: names != "")  # never blank a name
	old.update(new.drop(columns="whole_number"))
	added = ITEMS.validate(new[~new.index.isin(old.index)].reset_index())
	return pd.concat([part for part in (old.reset_index(), added) if len(part)])


def _write_demand(store: LakeStore, run: Run, demand: pd.DataFrame, append: bool) -> None:
	"""Replace the demand of the file's warehouses, or with `append` that of the file's days in them."""
	warehouses = list(demand["warehouse"].unique())
	before = store.read(DEMAND, warehouse=warehouses)
	outside = before[~before["date"].between(demand["date"].min(), demand["date"].max())]
	if append:
		demand = pd.concat([outside, demand], ignore_index=True) if len(outside) else demand
	elif len(outside):
		run.warn(
			f"{len(outside):,} rows of demand on days that this file does not cover ({outside['date'].min():%Y-%m-%d} to "
			f"{outside['date'].max():%Y-%m-%d}) were replaced; --append would have kept them."
		)
	store.write(DEMAND, demand, run=run, scope={"warehouse": warehouses})


def _write_refused(path: Path, refused: pd.DataFrame, raw: pd.DataFrame) -> None:
	lines = raw.iloc[refused["line"] - 1].reset_index(drop=True)
	write_atomically(path, pd.concat([refused, lines], axis=1).to_csv(index=False))


def write_frame(
	store: LakeStore, frame: Frame, table: Table, *, source: str, progress: Progress | None = None
) -> tuple[Run, int]:
	"""Replace a table; answers the run and the number of rows there were."""
	with store.run(
		"import frame", parameters={"file": source, "table": frame.name}, progress=progress
	) as run:
		before = len(store.read(frame))
		run.progress(0.2, f"checking {len(table.rows):,} rows")
		for note in table.notes:
			run.warn(note)
		unknown = [name for name in table.rows.columns if name not in frame.columns]
		if unknown:
			run.warn(
				f"Columns left aside, since table {frame.name} has none such: {', '.join(map(str, unknown))}."
			)
		store.write(frame, table.rows if table.typed else typed(frame, table.rows), run=run)
		run.progress(1.0, "done")
	return run, before


def typed(frame: Frame, rows: pd.DataFrame) -> pd.DataFrame:
	"""A CSV's texts in the frame's types; what does not fit stays text, and the frame refuses it."""
	rows = rows.copy()
	for name, column in frame.schema.to_schema().columns.items():
		if name not in rows:
			continue
		kind = str(column.dtype)
		if kind == "str":
			rows[name] = rows[name].fillna("").str.strip()
		elif kind.startswith("datetime"):
			rows[name] = _or_text(rows[name], pd.to_datetime(rows[name], format="ISO8601", errors="coerce"))
		elif kind != "bool":  # the frame reads yes and no itself
			rows[name] = _or_text(rows[name], pd.to_numeric(rows[name], errors="coerce"))
	return rows


def _or_text(text: pd.Series, values: pd.Series) -> pd.Series:
	lost = values.isna() & text.notna() & (text.str.strip().str.casefold() != "nan")
	return text if lost.any() else values
