"""Overrides and factors from files, and what a plan makes of them."""

from __future__ import annotations

import pytest
from handmade import AS_OF

from sentia_ops.forecasting.frames import FACTORS, FORECASTS


@pytest.fixture
def write(tmp_path):
	def make(name: str, text: str):
		file = tmp_path / name
		file.write_text(text)
		return file

	return make


def test_overrides_of_a_file_are_followed_and_a_bad_one_is_named(sentia, planned, write):
	first, last = f"{AS_OF:%Y-%m-%d}", f"{AS_OF.replace(year=AS_OF.year + 1):%Y-%m-%d}"
	file = write(
		"overrides.csv",
		"override,item_code,first,last,kind,value,reason,planner\n"
		f"O-1,LAMP,{first},{last},percent,100,the fair,Ann\n"
		f"O-2,CHAIR,{last},{first},percent,100,backwards,Bob\n",
	)
	done = sentia("--lake", planned.path, "import", "frame", "overrides", file)
	assert done.code == 0 and "overrides: 2 rows written" in done.out
	done = sentia("--lake", planned.path, "plan", "--only", "forecasting", "--as-of", first)
	assert done.code == 1 and "override O-2 of CHAIR: its last day" in done.err
	rows = planned.read(FORECASTS)
	lamp = rows["item_code"] == "LAMP"
	assert rows["qty"][lamp].tolist() == pytest.approx((2 * rows["machine_qty"][lamp]).tolist())
	assert rows["qty"][~lamp].tolist() == pytest.approx(rows["machine_qty"][~lamp].tolist())


def test_weather_of_a_file_is_not_known_ahead_and_an_offer_that_stops_is_named(sentia, planned, write):
	file = write(
		"factors.csv",
		"name,item_code,date,kind,value\n"
		f"heat,,{AS_OF:%Y-%m-%d},weather,31\nload,LAMP,{AS_OF:%Y-%m-%d},other,1\n",
	)
	assert sentia("--lake", planned.path, "import", "frame", "factors", file).code == 0
	assert planned.read(FACTORS).set_index("name")["known_ahead"].to_dict() == {"heat": False, "load": True}
	done = sentia("--lake", planned.path, "plan", "--only", "forecasting", "--as-of", f"{AS_OF:%Y-%m-%d}")
	assert done.code == 0 and f"Factor load of LAMP stops on {AS_OF:%Y-%m-%d}" in done.err.replace("\n", " ")
	assert "heat" not in done.err


def test_an_unknown_country_is_said_before_anything_is_forecast(sentia, planned):
	done = sentia("--lake", planned.path, "plan", "--set", "holidays=Atlantis")
	assert done.code == 2 and "there is no country 'Atlantis'" in done.err and "Traceback" not in done.err
