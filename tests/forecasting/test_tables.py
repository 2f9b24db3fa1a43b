"""Any long table becomes histories: what is added, netted, refused or taken as not known, and what is said of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from forecast_series import slow, weekly

from sentia_ops.errors import NoDataError, SentiaError
from sentia_ops.forecasting.tables import TableRules, add_factors, prepare

DAILY = TableRules("D")


def table(name="A", y=(), first="2024-01-01", freq="D", **columns) -> pd.DataFrame:
	"""Rows as they come from a file, one a period."""
	dates = pd.date_range(first, periods=len(y), freq=freq)
	rows = pd.DataFrame({"unique_id": name, "ds": dates, "y": np.asarray(y, dtype=float)})
	return rows.assign(**{"in_stock": True, "reason": ""} | columns)


def one(rows: pd.DataFrame, rules: TableRules = DAILY):
	"""The history, and the words, of a table of one series."""
	found = prepare(rows, rules)
	assert len(found.histories) == 1
	return found.histories[0], found.notes.get(found.histories[0].key[0], ""), found


def test_rows_in_any_order_give_the_same_histories():
	rows = pd.concat([table("B", weekly(90)), table("A", weekly(60, seed=1), first="2024-02-01")])
	sorted_, mixed = prepare(rows, DAILY), prepare(rows.sample(frac=1, random_state=3), DAILY)
	assert [h.key for h in sorted_.histories] == [("A",), ("B",)]
	for a, b in zip(sorted_.histories, mixed.histories, strict=True):
		assert a.first == b.first and a.qty.tolist() == b.qty.tolist()
	assert sorted_.histories[0].first == np.datetime64("2024-02-01")
	assert sorted_.histories[1].qty.tolist() == weekly(90).tolist()


@pytest.mark.parametrize(
	("freq", "first", "periods", "code"),
	[
		("D", "2024-01-05", 60, "D"),
		("W-WED", "2024-01-03", 40, "W"),
		("MS", "2020-01-01", 30, "MS"),
		("ME", "2020-01-31", 30, "MS"),
		("h", "2024-01-01", 100, "h"),
		("D", "2024-01-05", 1, "D"),
	],
)
def test_the_frequency_is_guessed_and_said(freq, first, periods, code):
	found = prepare(table(y=np.arange(periods) % 5 + 20.0, first=first, freq=freq), TableRules())
	assert found.calendar.code == code
	assert found.warnings[0].endswith(f"--freq {code} is used.")
	assert len(found.histories[0]) == periods


def test_sparse_months_weeks_and_days_are_guessed_from_days_of_the_month_and_week():
	rng = np.random.default_rng(0)
	for freq, code in (("MS", "MS"), ("W-SUN", "W"), ("D", "D")):
		full = table(y=np.full(200, 3.0), first="2010-01-01", freq=freq)
		sparse = full.iloc[np.sort(rng.choice(200, 40, replace=False))]
		assert prepare(sparse, TableRules()).calendar.code == code


def test_weeks_keep_the_weekday_of_their_series_and_forgive_a_holiday():
	wednesdays, sundays = (
		table("A", np.arange(20) + 1.0, "2024-01-03", "7D"),
		table("B", np.arange(20) + 1.0, "2024-01-07", "7D"),
	)
	wednesdays.loc[5, "ds"] += pd.Timedelta(days=1)
	wednesdays.loc[8, "ds"] -= pd.Timedelta(days=2)
	found = prepare(pd.concat([wednesdays, sundays]), TableRules("W"))
	assert [str(h.first)[:10] for h in found.histories] == ["2024-01-03", "2024-01-07"]
	assert all(h.qty.tolist() == (np.arange(20) + 1.0).tolist() for h in found.histories)


def test_any_day_of_a_month_is_that_month():
	rows = table(y=[1, 2, 3, 4, 5, 6], first="2024-01-15", freq="MS")
	rows["ds"] = pd.to_datetime(
		["2024-01-31", "2024-02-29", "2024-03-01", "2024-04-17", "2024-05-05", "2024-06-30"]
	)
	history, _, _ = one(rows, TableRules("MS"))
	assert history.first == np.datetime64("2024-01-01") and history.qty.tolist() == [1, 2, 3, 4, 5, 6]


def test_days_are_added_up_to_whole_weeks_and_months_only():
	rows = table(y=np.ones(100), first="2024-01-01")  # a Monday; ends on Tuesday 2024-04-09
	history, _, found = one(rows, TableRules("W"))
	assert history.first == np.datetime64("2024-01-03") and history.qty.tolist() == [7.0] * 14
	assert any("weeks beginning on Wednesdays; 2 rows" in text for text in found.warnings)
	history, _, found = one(rows, TableRules("MS"))
	assert history.qty.tolist() == [31, 29, 31]
	assert any("9 rows of a month that the table has in part only" in text for text in found.warnings)


@pytest.mark.parametrize(
	("freq", "asked", "hint"), [("7D", "D", "--freq W"), ("MS", "D", "--freq MS"), ("MS", "W", "--freq MS")]
)
def test_a_frequency_finer_than_the_dates_is_wrong_use(freq, asked, hint):
	with pytest.raises(SentiaError, match=f"as --freq {asked} says. Use {hint}"):
		prepare(table(y=np.arange(30) + 1.0, freq=freq), TableRules(asked))


def test_quarters_cannot_be_forecast_and_slow_sellers_can():
	with pytest.raises(SentiaError, match="days apart"):
		prepare(table(y=np.arange(30) + 1.0, first="2010-01-01", freq="QS"), TableRules())
	rows = table(y=slow(600, share=0.03))
	assert len(prepare(rows[rows["y"] > 0], TableRules("D")).histories) == 1


def test_rows_of_one_day_are_added_together_and_said():
	rows = pd.concat([table(y=[5.0, 6, 7]), table(y=[1.0, 2])])
	history, _, found = one(rows)
	assert history.qty.tolist() == [6, 8, 7]
	assert any(
		text.startswith("2 rows are of a day that their series already had") for text in found.warnings
	)


def test_refused_rows_keep_their_line_and_reason():
	rows = table(y=weekly(40) + 1)
	rows.loc[3, "unique_id"] = ""
	rows.loc[5, "ds"] = pd.NaT
	rows.loc[7, "y"] = np.inf
	rows.loc[9, "y"] = 1e200
	rows.loc[11, "reason"] = "y is not a number"
	found = prepare(rows, DAILY)
	assert found.lines["line"].tolist() == [4, 6, 8, 10, 12]
	assert found.lines["reason"].tolist() == [
		"no unique_id",
		"ds is empty or no readable date",
		"y is infinite",
		"y is beyond 1e+15: no quantity is so large",
		"y is not a number",
	]


def test_every_series_is_a_history_or_has_a_reason():
	parts = [
		table("good", weekly(60)),
		table("text", np.full(9, np.nan), reason="y is not a number"),
		table("empty", np.full(9, np.nan)),
		table("negative", [-3.0, -4, 5]),
		table("late", [3.0], first="2025-01-01"),
		table("two", [3.0, 4.0]),
	]
	found = prepare(pd.concat(parts, ignore_index=True), TableRules("D", until=np.datetime64("2024-06-01")))
	assert [h.key[0] for h in found.histories] == ["good", "two"]
	assert found.series == {
		"text": "y is not a number",
		"empty": "y is empty in every row",
		"negative": "more than half of its values are negative: that is no demand",
		"late": "all its rows are later than the first period to forecast",
	}


def test_a_table_without_one_usable_series_is_refused_with_its_reasons():
	with pytest.raises(NoDataError, match=r"None of the 9 rows .*\(y is not a number: 9\)"):
		prepare(table(y=np.full(9, np.nan), reason="y is not a number"), DAILY)


def test_returns_are_taken_off_the_sales_before_them():
	history, note, _ = one(table(y=[5.0, 4, -6, 7, 0, -1]))
	assert history.qty.tolist() == [3, 0, 0, 6, 0, 0]
	assert note == "2 negative days were taken off the sales before."
	history, note, _ = one(table(y=[2.0, -6, 7, 3]))
	assert history.qty.tolist() == [0, 0, 7, 3]
	assert note == "1 negative day was taken off the sales before; 4 of them no sale explains: set to zero."


def test_missing_days_are_sales_of_nothing_in_lists_of_sales_and_unknown_in_records():
	sales = table("slow", slow(200, share=0.3))
	history, note, _ = one(sales[sales["y"] > 0])
	assert history.in_stock.all() and not note
	record = table("meter", 50 + weekly(200))
	history, note, _ = one(record.drop(index=[50, 51, 90]))
	assert np.flatnonzero(~history.in_stock).tolist() == [50, 51, 90]
	assert note == "3 days without a row count as not known, like days out of stock."
	history, _, _ = one(record.drop(index=[50, 51, 90]), TableRules("D", gaps="zero"))
	assert history.in_stock.all()


def test_where_zeros_are_written_a_missing_day_is_unknown_however_slow_the_series():
	rows = table(y=slow(200, share=0.3)).drop(index=[50, 60])
	history, _, _ = one(rows)
	assert np.flatnonzero(~history.in_stock).tolist() == [50, 60]


def test_a_series_with_few_rows_is_a_list_of_sales_in_any_table():
	few = table("few", [5.0, 5, 5])
	few["ds"] = pd.to_datetime(["2024-01-03", "2024-03-20", "2024-06-30"])
	found = prepare(pd.concat([table("zeros", np.zeros(300)), few]), DAILY)
	assert found.histories[0].in_stock.all() and found.histories[0].qty.sum() == 15


def test_a_shop_closed_on_sundays_sells_nothing_then():
	rows = table(y=50 + weekly(210))
	history, note, _ = one(rows[rows["ds"].dt.dayofweek < 6])
	assert history.in_stock.all() and not note


def test_empty_values_are_not_known_and_in_stock_is_kept():
	y = weekly(60) + 1
	y[[4, 9]] = np.nan
	rows = table(y=y)
	rows.loc[20, "in_stock"] = False
	history, note, _ = one(rows)
	assert np.flatnonzero(~history.in_stock).tolist() == [4, 9, 20]
	assert history.qty[4] == 0 and history.qty[20] == y[20]
	assert note == "2 days without a value count as not known, like days out of stock."


def test_each_series_ends_with_its_last_row_or_all_at_one_day():
	rows = pd.concat([table("A", weekly(60) + 1), table("B", weekly(40) + 1)])
	found = prepare(rows, DAILY)
	assert [len(h) for h in found.histories] == [60, 40]
	assert found.notes == {"B": "It ends on 2024-02-09, before others of the table."}
	found = prepare(rows, TableRules("D", gaps="zero", until=np.datetime64("2024-02-20")))
	assert [len(h) for h in found.histories] == [50, 50] and not found.notes
	assert found.histories[1].qty[40:].tolist() == [0.0] * 10
	assert "10 rows lie on or after 2024-02-20" in " ".join(found.warnings)


def test_a_mistyped_year_does_not_make_a_century_of_zeros():
	rows = table(y=weekly(300))
	rows.loc[7, "ds"] = pd.Timestamp("2204-01-08")
	history, _, found = one(rows)
	assert len(history) == 300
	assert found.lines["line"].tolist() == [8]


@pytest.mark.parametrize("factor", [12, 24, 1 / 12, 6])
def test_a_change_of_unit_is_found_said_and_made_even(factor):
	y = weekly(300, mean=40) + 1
	changed = np.concatenate([y[:180], y[180:] * factor])
	history, note, found = one(table(y=changed))
	np.testing.assert_allclose(history.qty, y * factor)
	assert "From 2024-06-29 on" in note and "unit of measure changed" in note
	assert any("1 series whose unit of measure changed" in text for text in found.warnings)


def test_growth_seasons_spikes_and_steps_of_another_size_are_no_change_of_unit():
	days = np.arange(400)
	rng = np.random.default_rng(5)
	spiky = weekly(400)
	spiky[200:210] *= 12
	cases = {
		"growth": rng.poisson(5 * np.exp(days / 130)),
		"season": rng.poisson(40 * np.exp(1.5 * np.sin(days / 58))),
		"spike": spiky,
		"step": np.where(days < 200, weekly(400), 3 * weekly(400)),
		"slow": slow(400, share=0.2),
		"launch": np.where(days < 380, weekly(400, 2), weekly(400, 24)),
	}
	for name, y in cases.items():
		history, note, _ = one(table(y=np.asarray(y, dtype=float)))
		assert "unit" not in note, name
		assert history.qty.tolist() == np.asarray(y, dtype=float).tolist(), name


def factor_rows(
	name="promo", dates=(), values=1.0, kind="promotion", series="", known_ahead=True
) -> pd.DataFrame:
	rows = pd.DataFrame({"name": name, "ds": pd.to_datetime(list(dates)), "value": values})
	return rows.assign(unique_id=series, kind=kind, known_ahead=known_ahead)


def test_factors_are_laid_over_periods_and_horizon():
	found = prepare(pd.concat([table("A", weekly(30)), table("B", weekly(20))]), DAILY)
	promo = factor_rows(dates=["2024-01-03", "2024-02-02"])
	price = factor_rows(
		"price", pd.date_range("2024-01-01", periods=33), np.arange(33.0), "price", series="A"
	)
	secret = factor_rows("heat", pd.date_range("2024-01-01", periods=60), 7.0, "weather", known_ahead=False)
	histories, warnings = add_factors(found.histories, pd.concat([promo, price, secret]), horizon=5)
	a = {f.name: f for f in histories[0].factors}
	assert np.flatnonzero(a["promo"].values).tolist() == [2, 32] and len(a["promo"].values) == 35
	assert a["price"].values[:33].tolist() == list(range(33)) and np.isnan(a["price"].values[33:]).all()
	assert (
		not a["heat"].known_ahead
		and np.isnan(a["heat"].values[30:]).all()
		and (a["heat"].values[:30] == 7).all()
	)
	assert [f.name for f in histories[1].factors] == ["heat", "promo"]
	assert len(warnings) == 1 and warnings[0].startswith("Factor price has no values for all of the horizon")


def test_daily_factors_of_weekly_series_are_means_and_events_are_counted():
	found = prepare(table(y=np.arange(20) + 1.0, first="2024-01-03", freq="7D"), TableRules("W"))
	rows = pd.concat(
		[
			factor_rows(dates=["2024-01-05", "2024-01-09", "2024-01-10"]),
			factor_rows("price", pd.date_range("2024-01-03", periods=14), np.arange(14.0), "price"),
		]
	)
	histories, _ = add_factors(found.histories, rows, horizon=2)
	price, promo = histories[0].factors
	assert promo.values[:3].tolist() == [2, 1, 0]
	assert price.values[:2].tolist() == [3.0, 10.0] and np.isnan(price.values[2:]).all()
