"""What the commands print: for people, for machines, and into pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from handmade import EVIL
from rich.console import Console

from sentia_ops.cli.proposals import by_urgency, most_urgent, proposals
from sentia_ops.cli.state import State, plain
from sentia_ops.store.base import Run

ROOT = Path(__file__).parents[2]


def test_tables_and_show(sentia, planned):
	assert sentia("--lake", "lake", "--json", "tables").json["tables"]["demand"] == 200
	done = sentia(
		"--lake", "lake", "show", "stock", "--where", "item_code=CHAIR", "--columns", "on_hand,warehouse"
	)
	assert done.out == "on_hand,warehouse\n90.0,UK\n"
	done = sentia("--lake", "lake", "--json", "show", "demand", "--limit", "2")
	assert [row["date"] for row in done.json] == ["2024-11-14", "2024-11-15"]
	assert "2 of 200 rows; --limit 0 shows all." in done.err
	assert len(sentia("--lake", "lake", "--json", "show", "demand", "--limit", "0").json) == 200
	assert sentia("--lake", "lake", "--json", "show", "stock_policy").json[1]["stockout_on"] is None


def test_lake_from_the_environment(sentia, planned, monkeypatch):
	monkeypatch.setenv("SENTIA_LAKE", str(planned.path))
	assert sentia("--json", "tables").json["lake"] == str(planned.path)


def test_most_urgent_are_readable(planned):
	console = Console(width=160, markup=False, record=True, file=open("/dev/null", "w"))
	for part in most_urgent(planned, proposals(planned, 10)):
		console.print(part)
	text = console.export_text()
	assert EVIL in text  # as it is, neither markup nor lost
	assert (
		text.index("1. ")
		< text.index("Order 100 today")
		< text.index("4 / 4 a day = 1 day")
		< text.index("2. ")
	)
	for words in ("Critical", "buy 100 Nos", "Acme <Ltd>", "2025-06-02", "250 GBP", "97%"):
		assert words in text


def test_by_urgency_puts_the_likeliest_stockout_first():
	rows = pd.DataFrame(
		{
			"urgency": ["Low", "Critical", "High", "Critical"],
			"stockout_risk": [1.0, 0.5, 0.9, 0.8],
			"order_by": pd.Timestamp("2025-01-01"),
			"cost": 1.0,
			"item_code": list("ABCD"),
			"warehouse": "W",
		}
	)
	assert by_urgency(rows)["item_code"].tolist() == ["D", "B", "C", "A"]


def test_names_cannot_steer_the_terminal():
	assert plain("Lamp\x1b[2J\x9b2J\r\x07 (é)\tx\ny") == "Lamp[2J2J (é)\tx\ny"


@pytest.mark.parametrize(("refused", "code"), [({}, 0), ({"no item": 3}, 1)])
def test_refusals_set_the_exit_code(refused, code, capsys):
	import typer

	run = Run("r", "plan", refused=refused, warnings=["watch out"])
	try:
		State().finish(run)
		ended = 0
	except typer.Exit as end:
		ended = end.exit_code
	assert ended == code
	shown = capsys.readouterr()
	assert shown.out == "" and "Warning: watch out" in shown.err
	assert ("no item" in shown.err) == bool(refused)


def test_progress_without_a_terminal_is_a_few_lines(capsys):
	with State().progress() as progress:
		for step in range(1001):
			progress(step / 1000, f"step {step}")
	lines = capsys.readouterr().err.splitlines()
	assert 8 <= len(lines) <= 12 and lines[-1].endswith("step 1000")


def test_unexpected_errors_are_short_and_have_their_own_code(sentia, planned, monkeypatch):
	monkeypatch.setattr("sentia_ops.cli.report.build", lambda *a, **k: 1 / 0)
	done = sentia("--lake", "lake", "report")
	assert done.code == 3 and "division by zero" in done.err and "Traceback" not in done.err
	with pytest.raises(ZeroDivisionError):
		sentia("--debug", "--lake", "lake", "report")


def test_as_a_program(planned):
	"""The entry point in a process of its own, with a reader that goes away before anything was written."""
	call = [sys.executable, "-m", "sentia_ops.cli.main"]
	done = subprocess.run([*call, "--version"], capture_output=True, text=True, cwd=ROOT)
	assert done.returncode == 0 and done.stdout.startswith("sentia-ops ")
	show = [*call, "--lake", str(planned.path), "show", "demand", "--limit", "0"]
	child = subprocess.Popen(show, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
	child.stdout.close()
	assert child.stderr.read() == "" and child.wait() == 1


def test_json_is_json_whatever_the_values(planned, capsys):
	from sentia_ops.cli.state import records
	from sentia_ops.forecasting.frames import FORECAST_QUALITY

	State(as_json=True).result(records(planned.read(FORECAST_QUALITY)))
	rows = json.loads(capsys.readouterr().out)
	assert rows[1]["mase"] is None and rows[0]["mase"] == 0.8


def test_ctrl_c_says_that_nothing_was_lost(sentia, planned, monkeypatch):
	def interrupt(*words, **named):
		raise KeyboardInterrupt

	monkeypatch.setattr("sentia_ops.replenishment.flow.recommend", interrupt)
	done = sentia("--lake", "lake", "plan", "--only", "buying")
	assert done.code == 130 and "Stopped. Earlier results are untouched." in done.err
