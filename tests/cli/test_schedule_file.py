"""`sentia-ops schedule FILE`: from the text of a shop to the JSON of a schedule, and what is said of broken files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scheduling"))
from verifier_files import wrong_in_answer

SHOP = "3 3\n0 5 1 7 2 3\n2 4 0 6 1 1\n1 2 2 9 0 4\n"
FLEXIBLE = "2 3 1.5\n2 1 1 5 2 2 7 3 8\n1 3 1 4 2 4 3 4\n"
SETUPS = "machine,from_job,to_job,minutes\n" + "".join(
	f"{m},{a},{b},{2 + m + a}\n" for m in range(3) for a in range(3) for b in range(3) if a != b
)
QUICK = ("--time-limit", 2, "--workers", 1)


@pytest.fixture
def shop(tmp_path):
	(tmp_path / "shop.txt").write_text(SHOP)
	(tmp_path / "flexible.txt").write_text(FLEXIBLE)
	(tmp_path / "setups.csv").write_text(SETUPS)
	return tmp_path


def test_job_shop_to_stdout(sentia, shop):
	result = sentia("schedule", "shop.txt", "--format", "jobshop", *QUICK)
	assert result.code == 0
	assert set(result.json) == {"status", "makespan", "bound", "operations"}
	assert wrong_in_answer(result.json, SHOP, "jobshop") == []
	assert (result.json["status"], result.json["makespan"]) == ("optimal", 17)
	assert "makespan 17" in result.err


def test_flexible_shop_to_a_file(sentia, shop):
	result = sentia("schedule", "flexible.txt", "--format", "flexible", "--out", "new/plan.json", *QUICK)
	assert result.code == 0
	answer = json.loads((shop / "new" / "plan.json").read_text())
	assert wrong_in_answer(answer, FLEXIBLE, "flexible") == []
	assert (answer["status"], answer["makespan"]) == ("optimal", 12)
	assert "3 operations" in result.out


def test_setups_are_kept(sentia, shop):
	result = sentia("schedule", "shop.txt", "--setups", "setups.csv", "--seed", 3, *QUICK)
	assert result.code == 0
	assert wrong_in_answer(result.json, SHOP, "jobshop", SETUPS) == []
	assert result.json["makespan"] > 17


def test_json_summary_beside_a_file(sentia, shop):
	result = sentia("--json", "schedule", "shop.txt", "--out", "plan.json", *QUICK)
	assert result.json == {"status": "optimal", "makespan": 17, "bound": 17, "operations": 9}


@pytest.mark.parametrize(
	("text", "said"),
	[
		("", "shop.txt: the file is empty"),
		(SHOP.replace("1 7", "1 -7"), "shop.txt, line 2: minutes: -7"),
		(SHOP.replace("2 9", "3 9"), "shop.txt, line 4: a machine: 3 is not from 0 to 2"),
		(SHOP + "junk\n", "shop.txt, line 5: more follows"),
	],
)
def test_broken_files_are_named(sentia, shop, text, said):
	(shop / "shop.txt").write_text(text)
	result = sentia("schedule", "shop.txt", "--out", "plan.json", *QUICK)
	assert result.code == 2
	assert said in result.err
	assert "Traceback" not in result.err
	assert not (shop / "plan.json").exists()


@pytest.mark.parametrize(
	("words", "said"),
	[
		(("missing.txt",), "missing.txt does not exist"),
		((".",), "is a folder"),
		(("shop.txt", "--format", "jobshopp"), "--format jobshopp is not known"),
		(("shop.txt", "--setups", "missing.csv"), "missing.csv does not exist"),
		(("shop.txt", "--setups", "shop.txt"), "shop.txt, line 1: the columns are"),
		(("shop.txt", "--time-limit", "0"), "--time-limit 0 makes no sense"),
		(("shop.txt", "--time-limit", "-3"), "--time-limit -3 makes no sense"),
		(("shop.txt", "--time-limit", "nan"), "--time-limit nan makes no sense"),
		(("shop.txt", "--out", "."), "cannot be written"),
		(("binary.txt",), "is not a text file"),
	],
)
def test_wrong_use_is_named(sentia, shop, words, said):
	(shop / "binary.txt").write_bytes(b"\x80\xff\x00")
	result = sentia("schedule", *words)
	assert result.code == 2
	assert said in result.err
	assert "Traceback" not in result.err


def test_no_time_to_compile_is_no_failure(shop):
	"""As right after an installation: the search's kernels are not compiled, and the limit is shorter than that takes."""
	environment = os.environ | {
		"NUMBA_CACHE_DIR": str(shop / "cache"),
		"PYTHONPATH": os.pathsep.join(sys.path),
	}
	words = ("-m", "sentia_ops.cli.main", "schedule", "shop.txt", "--time-limit", "0.5", "--workers", "2")
	done = subprocess.run(
		[sys.executable, *words], cwd=shop, env=environment, capture_output=True, text=True, timeout=300
	)
	assert done.returncode == 0, done.stderr
	assert wrong_in_answer(json.loads(done.stdout), SHOP, "jobshop") == []
