"""Factors: what is known of a day and when, laid beside a history; and holidays by country."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from sentia_ops.cli.settings import plan_settings
from sentia_ops.errors import SentiaError
from sentia_ops.forecasting import flow
from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.engine.factors import Timeline, laid_over
from sentia_ops.forecasting.engine.history import Factor, History
from sentia_ops.forecasting.factors import FactorTable, holiday_timelines
from sentia_ops.forecasting.frames import DEMAND, FACTORS
from sentia_ops.store.frames import ITEMS, WAREHOUSES
from sentia_ops.store.lake import LakeStore

AS_OF = date(2026, 3, 2)
START = np.datetime64(AS_OF)
NAN = np.nan


def line(kind: str, values: dict[int, float], ahead: bool = True, name: str = "f") -> Timeline:
	"""A timeline by days after AS_OF; -1 is the last day of the history."""
	days = START + np.array(sorted(values)).astype("timedelta64[D]")
	return Timeline(name, kind, days, np.array([values[k] for k in sorted(values)], float), ahead)


def aligned(timeline: Timeline, periods: int = 3, horizon: int = 3) -> np.ndarray:
	return timeline.factor(START, periods, horizon).values


class TestAlignment:
	def test_an_event_is_off_on_the_days_not_named(self):
		assert aligned(line("promotion", {-2: 1, 1: 0.5, 9: 1, -9: 1})).tolist() == [0, 1, 0, 0, 0.5, 0]

	def test_what_was_not_measured_is_not_known(self):
		assert aligned(line("weather", {-3: 7, -1: 9, 0: 8})) == pytest.approx(
			[7, NAN, 9, 8, NAN, NAN], nan_ok=True
		)

	def test_a_promotion_given_day_by_day_may_be_unknown_too(self):
		flags = line("promotion", {-3: 0, -2: 1, -1: 0, 0: 1})
		assert aligned(flags) == pytest.approx([0, 1, 0, 1, NAN, NAN], nan_ok=True)
		assert flags.stops(START, 3) == START

	def test_a_price_holds_until_the_next(self):
		assert aligned(line("price", {-7: 4, -1: 5, 1: 6})) == pytest.approx(
			[4, 4, 5, 5, 6, NAN], nan_ok=True
		)

	@pytest.mark.parametrize("kind", ["weather", "promotion", "price", "holiday", "other"])
	def test_days_to_come_of_what_is_not_known_ahead_are_dropped(self, kind):
		factor = line(kind, {-3: 1, -2: 2, -1: 3, 0: 4, 1: 5, 2: 6}, ahead=False).factor(START, 3, 3)
		assert factor.values == pytest.approx([1, 2, 3, NAN, NAN, NAN], nan_ok=True)
		assert not factor.known_ahead

	def test_an_earlier_day_knew_no_more_than_it_could(self):
		values = np.arange(6.0)
		both = (Factor("sale", "promotion", values), Factor("heat", "weather", values, known_ahead=False))
		history = History(("A",), np.ones(4), np.ones(4, dtype=bool), factors=both)
		sale, heat = history.until(2).factors
		assert sale.values.tolist() == values.tolist()
		assert heat.values == pytest.approx([0, 1, NAN, NAN, NAN, NAN], nan_ok=True)
		assert np.isfinite(history.factors[1].values).all()

	def test_an_items_own_values_count_for_it(self):
		both = laid_over(line("price", {-3: 1, -1: 1, 2: 1}), line("price", {-1: 2}))
		assert aligned(both).tolist() == [1, 1, 2, 2, 2, 1]

	def test_a_factor_stops_only_where_it_should_go_on(self):
		assert line("weather", {-3: 1, 1: 1}).stops(START, 3) == START + np.timedelta64(1, "D")
		assert line("weather", {-3: 1, 2: 1}).stops(START, 3) is None
		assert line("weather", {-3: 1}, ahead=False).stops(START, 3) is None
		assert line("holiday", {-3: 1}).stops(START, 3) is None


def rows(name: str, values: dict[int, float], item: str = "", kind: str = "other", **more) -> pd.DataFrame:
	dates = [pd.Timestamp(AS_OF) + timedelta(days=d) for d in values]
	made = {"name": name, "item_code": item, "date": dates, "kind": kind, "value": list(values.values())}
	return pd.DataFrame({**made, **more})


class TestTable:
	def table(self, *parts: pd.DataFrame, horizon: int = 3) -> FactorTable:
		return FactorTable(FACTORS.validate(pd.concat(parts)), AS_OF, horizon)

	def test_items_get_what_is_theirs_and_what_is_everybodys(self):
		table = self.table(
			rows("tax", {-1: 1, 2: 1}), rows("ad", {-1: 1, 2: 1}, "A"), rows("ad", {-1: 9, 2: 9}, "B")
		)
		assert [f.name for f in table.of("A", 2)] == ["tax", "ad"]
		assert table.of("B", 2)[1].values[1] == 9
		assert [f.name for f in table.of("C", 2)] == ["tax"]
		assert table.of("C", 2)[0].values is table.of("D", 2)[0].values  # many series share one array

	def test_a_factor_without_a_value_in_the_history_is_none(self):
		assert self.table(rows("new", {1: 1.0, 2: 1.0})).of("A", 5) == ()

	def test_stops_are_told_once_with_the_day(self):
		table = self.table(
			rows("heat", {-1: 1, 1: 1}), rows("ad", {-1: 1.0}, "A"), rows("ad", {-1: 1.0}, "B")
		)
		assert table.warnings() == [
			"Factor heat stops on 2026-03-03, before the last day forecast (2026-03-04): it is not used after that day.",
			"Factor ad of A, B stops on 2026-03-01, before the last day forecast (2026-03-04): it is not used after that day.",
		]

	def test_half_known_ahead_is_not_known_ahead(self):
		table = self.table(rows("heat", {-1: 1, 1: 1}, known_ahead=[True, False]))
		assert "Factor heat is known ahead in some rows and not in others" in table.warnings()[-1]
		assert not table.of("A", 2)[0].known_ahead and np.isnan(table.of("A", 2)[0].values[2:]).all()


class TestKnownAhead:
	def test_weather_and_prices_are_not_unless_the_file_says_so(self):
		given = pd.concat(
			[rows(kind, {0: 1.0}, kind=kind) for kind in ("weather", "price", "promotion", "holiday")]
		)
		assert FACTORS.validate(given)["known_ahead"].tolist() == [False, False, True, True]
		said = given.assign(known_ahead=["yes", "", "no", ""])
		assert FACTORS.validate(said)["known_ahead"].tolist() == [True, False, False, True]

	def test_without_a_kind_it_is(self):
		given = rows("x", {0: 1.0}).drop(columns="kind")
		assert FACTORS.validate(given)[["kind", "known_ahead"]].values.tolist() == [["other", True]]


class TestHolidays:
	def test_by_country(self):
		found = {t.name: t for t in holiday_timelines("GB", date(2024, 1, 1), date(2026, 3, 1))}
		assert [str(d) for d in found["Christmas Day"].days] == ["2024-12-25", "2025-12-25"]
		assert found["Christmas Day"].kind == "holiday" and found["Christmas Day"].known_ahead
		assert "Thanksgiving Day" not in found

	def test_of_several_countries_and_parts(self):
		found = {t.name for t in holiday_timelines("US, de-by", date(2025, 1, 1), date(2025, 12, 31))}
		assert {"Thanksgiving Day", "Corpus Christi"} <= found

	def test_none(self):
		assert holiday_timelines("", date(2025, 1, 1), date(2026, 1, 1)) == []

	@pytest.mark.parametrize(
		("codes", "words"), [("XX", "no country 'XX'"), ("GB,DE-ZZ", "DE has no part 'ZZ'")]
	)
	def test_unknown_ones_are_refused(self, codes, words):
		with pytest.raises(SentiaError, match=words):
			holiday_timelines(codes, date(2025, 1, 1), date(2026, 1, 1))

	def test_set_on_the_command_line(self):
		assert plan_settings(["holidays=GB"]).forecast.holidays == "GB"


@pytest.fixture
def lake(tmp_path) -> LakeStore:
	store = LakeStore(tmp_path / "lake", create=True)
	ages = np.arange(1, 101)
	sold = {
		"item_code": "A",
		"warehouse": "UK",
		"date": pd.Timestamp(AS_OF) - pd.to_timedelta(ages, "D"),
		"qty": 5.0,
	}
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": ["A"], "item_group": ["Kettles"]}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK"]}), run=run)
		store.write(DEMAND, pd.DataFrame(sold), run=run)
	return store


def test_the_flow_gives_every_history_its_factors(lake, monkeypatch):
	with lake.run("import") as run:
		heat = rows("heat", {d: 20.0 + d for d in range(-100, 40)}, kind="weather")
		lake.write(FACTORS, pd.concat([heat, rows("ad", {-5: 1.0, 3: 1.0}, "A", "promotion")]), run=run)
	seen = []
	real = flow.forecast_many

	def look(histories, *rest):
		seen.extend(histories)
		return real(histories, *rest)

	monkeypatch.setattr(flow, "forecast_many", look)
	settings = ForecastSettings(horizon_days=28, processes=1, profile="fast", holidays="GB")
	with lake.run("forecasting") as run:
		flow.forecast(lake, run, as_of=AS_OF, settings=settings)
	(history,) = seen
	factors = {f.name: f for f in history.factors}
	assert history.group == "Kettles"
	assert history.first == START - np.timedelta64(100, "D")
	assert all(len(f.values) == 100 + 28 for f in history.factors)
	assert factors["heat"].values[:100] == pytest.approx(20.0 + np.arange(-100, 0))
	assert np.isnan(factors["heat"].values[100:]).all()  # nobody knows the weather of next week
	assert np.flatnonzero(factors["ad"].values).tolist() == [95, 103]
	christmas = history.first + np.flatnonzero(factors["Christmas Day"].values).astype("timedelta64[D]")
	assert [str(d) for d in christmas] == ["2025-12-25"]


def test_an_unknown_country_ends_the_plan_with_its_name(lake):
	with pytest.raises(SentiaError, match="no country 'Atlantis'"), lake.run("forecasting") as run:
		flow.forecast(lake, run, as_of=AS_OF, settings=ForecastSettings(holidays="Atlantis"))
