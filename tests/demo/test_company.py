"""The demo company: same seed, same company; its books are sound, and the truth can be found in them."""

from datetime import date
from functools import lru_cache
from time import process_time

import numpy as np
import pandas as pd
import pytest

from sentia_ops.demo import generate
from sentia_ops.demo.catalogue import RATES, SUPPLIERS
from sentia_ops.demo.demand import WEEKDAYS
from sentia_ops.errors import SentiaError

AS_OF = date(2026, 6, 1)
KEY = ["item_code", "warehouse"]


@lru_cache
def company(seed=2026, items=200, days=730):
	return generate(seed=seed, items=items, days=days, as_of=AS_OF)


@pytest.fixture
def demo():
	return company()


def small(seed=2026, as_of=AS_OF):
	return generate(seed=seed, items=30, days=120, as_of=as_of)


def test_same_seed_same_company():
	assert small().digest() == small().digest()


@pytest.mark.parametrize("other", [{"seed": 2027}, {"as_of": date(2026, 6, 2)}])
def test_other_seed_or_day_other_company(other):
	assert small().digest() != small(**other).digest()


def test_two_years_are_drawn_in_seconds():
	start = process_time()
	generate(seed=7, as_of=AS_OF)
	assert process_time() - start < 10


@pytest.mark.parametrize("bad", [{"items": 19}, {"items": 201}, {"days": 29}])
def test_impossible_sizes_are_refused_in_words(bad):
	with pytest.raises(SentiaError, match="The demo company"):
		generate(as_of=AS_OF, **bad)


def test_cast(demo):
	groups = demo.items.groupby("item_group").size()
	assert len(demo.items) == 200
	assert groups[["Red Range", "Black Range", "Gold Range"]].tolist() == [42, 42, 42]
	assert groups[["Spare Parts", "Materials"]].tolist() == [40, 34]
	assert set(demo.warehouses["market"]) == {"UK", "EU", "USA"}
	assert set(demo.supplier_items["currency"]) == set(demo.currencies["currency"]) == set(RATES)
	assert demo.supplier_items["supplier"].nunique() == demo.receipts["supplier"].nunique() == 8
	assert len(demo.customers) == demo.customers["customer"].nunique() == 40
	assert np.allclose(demo.customers.groupby("market")["weight"].sum(), 1)
	assert not demo.items["item_code"].duplicated().any() and not demo.items["item_name"].duplicated().any()


@pytest.mark.parametrize("size", [{}, {"items": 30, "days": 120}, {"items": 20, "days": 30}])
def test_every_frame_is_valid_and_refers_to_what_exists(size):
	made = company(**size)
	tables = {frame.name: frame.validate(rows) for frame, rows in made.frames()}
	for frame, _ in made.frames():
		for column, target in frame.refers.items():
			table, field = target.split(".")
			assert set(tables[frame.name][column]) <= set(tables[table][field])
	assert set(made.receipts["supplier"]) <= {s.name for s in SUPPLIERS}


def test_bought_items_have_one_default_supplier_and_made_ones_a_bill_of_materials(demo):
	defaults = demo.supplier_items[demo.supplier_items["is_default"]].groupby("item_code").size()
	bought, made = demo.items[demo.items["is_purchased"]], demo.items[demo.items["is_made"]]
	assert defaults.reindex(bought["item_code"]).eq(1).all()
	assert set(made["item_code"]) == set(demo.boms["item_code"]) and len(made) == 57
	assert not set(made["item_code"]) & set(demo.supplier_items["item_code"])
	assert set(demo.boms["material"]) == set(demo.items.query("item_group == 'Materials'")["item_code"])


def test_whole_number_items_move_in_whole_pieces(demo):
	whole = set(demo.items.loc[demo.items["whole_number"], "item_code"])
	assert 150 < len(whole) < 200
	for table, column in (
		("demand", "qty"),
		("receipts", "qty_received"),
		("stock", "on_hand"),
		("outbound", "qty"),
	):
		rows = getattr(demo, table)
		assert (rows.loc[rows["item_code"].isin(whole), column] % 1 == 0).all(), table


def test_history_ends_the_day_before_as_of(demo):
	assert demo.demand["date"].max() == pd.Timestamp(AS_OF) - pd.Timedelta(days=1)
	assert demo.demand["date"].min() == pd.Timestamp(AS_OF) - pd.Timedelta(days=730)
	assert demo.receipts[["ordered_on", "received_on"]].max().max() < pd.Timestamp(AS_OF)
	assert demo.outbound["due_date"].min() > pd.Timestamp(AS_OF)


@pytest.mark.parametrize("size", [{}, {"items": 30, "days": 120}])
def test_stock_is_opening_plus_receipts_less_sales(size):
	made = company(**size)
	good = made.receipts.assign(qty=made.receipts["qty_received"] - made.receipts["qty_rejected"])
	production = made.truth["production"].dropna(subset=["finished_on"])
	parts = [made.truth["opening"], good, production, made.demand.assign(qty=-made.demand["qty"])]
	expected = pd.concat(p[[*KEY, "qty"]] for p in parts).groupby(KEY)["qty"].sum()
	on_hand = made.stock.set_index(KEY)["on_hand"]
	assert np.allclose(expected.reindex(on_hand.index), on_hand, atol=1e-3)


def test_work_orders_take_the_materials_of_their_bill(demo):
	needs = demo.truth["production"].merge(demo.boms, on="item_code", suffixes=("", "_each"))
	needs = (needs["qty"] * needs["qty_each"]).groupby(needs["material"]).sum()
	wanted = demo.truth["demand"].groupby("item_code")["wanted"].sum()
	assert np.allclose(needs, wanted.reindex(needs.index), atol=1e-2)


def test_orders_keep_to_the_supplier_s_minimum_and_pack(demo):
	lines = demo.receipts.merge(demo.supplier_items, on=["supplier", "item_code"])
	assert len(lines) == len(demo.receipts)
	assert (lines["qty_ordered"] >= lines["min_order_qty"]).all()
	assert np.allclose(lines["qty_ordered"] % lines["pack_size"], 0)


def test_open_orders_are_what_was_ordered_and_has_not_come(demo):
	lines = demo.receipts.groupby("order_line").agg(
		ordered=("qty_ordered", "first"), came=("qty_received", "sum")
	)
	still = (lines["ordered"] - lines["came"]).loc[lambda q: q > 0]
	bought = demo.inbound[demo.inbound["kind"] == "PO"].set_index("voucher")["qty"]
	assert still.to_dict() == bought.to_dict()
	assert set(demo.receipts.loc[demo.receipts["received_on"].isna(), "order_line"]) == set(still.index)
	assert (demo.inbound["due_date"] < pd.Timestamp(AS_OF)).sum() >= 5, "some are overdue"
	ordered = demo.stock.set_index(KEY)["ordered"]
	expected = demo.inbound[demo.inbound["kind"] == "PO"].groupby(KEY)["qty"].sum()
	assert np.allclose(ordered, expected.reindex(ordered.index, fill_value=0))


def test_stock_outs_hide_demand(demo):
	days = demo.truth["demand"].merge(demo.demand, on=[*KEY, "date"], how="left")
	assert (days["sold"] <= days["wanted"]).all()
	assert (days["qty"].fillna(0) == days["sold"]).all()
	hidden = days[days["sold"] < days["wanted"]]
	assert len(hidden) > 2000 and not hidden["in_stock"].astype(bool).any()
	lost = 1 - days["sold"].sum() / days["wanted"].sum()
	assert 0.005 < lost < 0.08


def test_share_of_stock_out_days(demo):
	share = (~demo.demand["in_stock"]).sum() / (len(demo.stock) * demo.days)
	assert 0.02 < share < 0.08


@pytest.mark.parametrize("supplier", SUPPLIERS, ids=lambda s: s.name)
def test_receipts_recover_the_true_lead_time(demo, supplier):
	rows = demo.receipts[(demo.receipts["supplier"] == supplier.name) & (demo.receipts["part"] == 0)]
	rows = rows[rows["ordered_on"] < pd.Timestamp(AS_OF) - pd.Timedelta(days=120)]  # late ones are in by now
	days = (rows["received_on"] - rows["ordered_on"]).dt.days
	years = (rows["ordered_on"] - demo.demand["date"].min()).dt.days / 365.25
	expected = supplier.mean_days + supplier.drift * years
	error = (days - expected).mean()
	assert len(rows) >= 30 and abs(error) < 4 * supplier.std_days / np.sqrt(len(rows)) + 0.15
	assert (days - expected).std() == pytest.approx(supplier.std_days, rel=0.3, abs=0.2)


def test_suppliers_differ_in_behaviour(demo):
	rows = demo.receipts.dropna(subset=["received_on"])
	late = (rows["received_on"] > rows["promised_on"] + pd.Timedelta(days=3)).groupby(rows["supplier"]).mean()
	parts = rows.groupby("order_line").size().groupby(rows.groupby("order_line")["supplier"].first()).mean()
	rejected = rows.groupby("supplier")[["qty_rejected", "qty_received"]].sum()
	assert late["Vega Casa S.p.A."] > 0.4 and late["Ashdown Components Ltd"] < 0.1
	assert parts["Baltic Packaging OÜ"] > 1.8 and parts.drop("Baltic Packaging OÜ").max() < 1.2
	assert (rejected["qty_rejected"] > 0).loc[lambda s: s].index.tolist() == ["Quickfit Spares Ltd"]
	worse = rows[rows["supplier"] == "Great Lakes Appliance Inc."]
	taken = (worse["received_on"] - worse["ordered_on"]).dt.days
	assert (
		taken[worse["ordered_on"] > "2026-01-01"].mean()
		> taken[worse["ordered_on"] < "2025-01-01"].mean() + 5
	)


def test_weekly_profile_is_in_the_sales(demo):
	series = demo.truth["series"].query("pattern == 'smooth' and level > 5").set_index(KEY)
	sales = demo.demand[demo.demand["in_stock"]]
	sales = (
		sales.assign(weekday=sales["date"].dt.dayofweek).groupby([*KEY, "weekday"])["qty"].mean().unstack()
	)
	sales = sales.loc[series.index]
	found = sales.div(sales.mean(axis=1), axis=0).to_numpy()
	truth = series[WEEKDAYS].to_numpy()
	assert len(series) > 50
	assert np.abs(found - truth).mean() < 0.06
	assert np.corrcoef(found.ravel(), truth.ravel())[0, 1] > 0.97


def test_season_trend_and_promotions_are_in_the_truth_demand(demo):
	series = demo.truth["series"]
	wanted = demo.truth["demand"]
	winter = wanted.merge(series.query("pattern == 'smooth' and yearly_peak_day == 15 and level > 3")[KEY])
	month = winter.groupby(winter["date"].dt.month)["wanted"].sum()
	assert month[[12, 1, 2]].mean() > 1.25 * month[[6, 7, 8]].mean()
	wanted = wanted.set_index([*KEY, "date"])["wanted"].sort_index()
	lifts = []
	for p in demo.truth["promotions"].itertuples():
		days = wanted.loc[p.item_code, p.warehouse]
		inside = days.loc[p.starts_on : p.ends_on]
		around = days.loc[p.starts_on - pd.Timedelta(days=21) : p.starts_on - pd.Timedelta(days=1)]
		if len(inside) >= 7 and len(around) == 21 and around.mean() > 5:
			lifts.append(inside.mean() / around.mean() / p.lift)
	assert len(lifts) > 10 and np.median(lifts) == pytest.approx(1, abs=0.15)


def test_spare_parts_are_intermittent_and_some_products_are_new_ended_or_unsold(demo):
	series = demo.truth["series"].set_index(KEY)
	spares = series.query("pattern == 'intermittent'")
	wanted_days = demo.truth["demand"].groupby(KEY).size()
	assert 0.02 < (wanted_days.loc[spares.index] / demo.days).mean() < 0.3
	assert {"new", "ended", "unsold"} <= set(series["pattern"])
	history = demo.demand.groupby(KEY)["date"].agg(["min", "max"])
	new = series.query("pattern == 'new'").index
	assert (history["min"].reindex(new).dropna() > pd.Timestamp("2026-03-01")).all()
	assert not set(series.query("pattern == 'unsold'").index) & set(history.index)


@pytest.mark.parametrize("seed", [1, 2, 2026])
def test_a_believable_share_of_items_needs_an_order_now(seed):
	"""A back-of-envelope reorder point from recorded sales and receipts, as a newcomer would work it out, reviewing weekly."""
	made = company(seed=seed)
	recent = made.demand[made.demand["date"] >= pd.Timestamp(AS_OF) - pd.Timedelta(days=56)]
	stock = made.stock.set_index(KEY)
	daily = recent.groupby(KEY)["qty"].sum().reindex(stock.index, fill_value=0) / 56
	came = made.receipts.dropna(subset=["received_on"])
	lead = (came["received_on"] - came["ordered_on"]).dt.days.groupby(came["supplier"]).agg(["mean", "std"])
	default = made.supplier_items[made.supplier_items["is_default"]].set_index("item_code")["supplier"]
	supplier = stock.index.get_level_values("item_code").map(default)
	mean, spread = (lead[c].reindex(supplier).fillna(v).to_numpy() for c, v in (("mean", 6.0), ("std", 1.5)))
	safety = 1.65 * np.sqrt((mean + 7) * daily * (1 + daily / 8) * 1.3 + (daily * spread) ** 2)
	coming = made.inbound.groupby(KEY)["qty"].sum().reindex(stock.index, fill_value=0)
	needs = (stock["on_hand"] + coming <= daily * (mean + 7) + safety) & (daily > 0)
	assert 0.08 < needs.groupby("item_code").any().mean() < 0.35
	assert needs.mean() < 0.25
	short = needs & (stock["on_hand"] < daily * mean / 2)
	assert 0 < short.mean() < 0.1, "some are critical, most are not"
