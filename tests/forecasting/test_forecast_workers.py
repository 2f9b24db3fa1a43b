"""Work spread over processes: nothing is lost when one dies, or when its parent does."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from sentia_ops.forecasting.engine import executors
from sentia_ops.forecasting.engine.executors import Processes, map_chunks
from sentia_ops.forecasting.frames import DEMAND, FORECASTS
from sentia_ops.store.frames import ITEMS, RUNS, WAREHOUSES
from sentia_ops.store.lake import LakeStore


def square_or_die(number: int, parent: int) -> int:
	if number == 3 and os.getpid() != parent:
		os.kill(os.getpid(), signal.SIGKILL)
	return number**2


def test_work_of_a_dead_worker_is_done_here():
	said, done = [], []
	answers = map_chunks(square_or_die, range(6), os.getpid(), Processes(2), done.append, said.append)
	assert answers == [0, 1, 4, 9, 16, 25]
	assert sorted(done) == list(range(6))
	assert len(said) == 1 and said[0].startswith("A worker process died")


def test_workers_end_with_their_parent(tmp_path):
	script = tmp_path / "parent.py"
	script.write_text(
		"import time\n"
		"from sentia_ops.forecasting.engine.executors import Processes, map_chunks\n"
		"def sleep(seconds, shared): time.sleep(seconds)\n"
		"if __name__ == '__main__':\n"
		"\tmap_chunks(sleep, [0, 0, 120, 120], None, Processes(2), lambda i: print(i, flush=True))\n"
	)
	env = os.environ | {"PYTHONPATH": ":".join(p for p in sys.path if p)}
	parent = subprocess.Popen([sys.executable, str(script)], env=env, stdout=subprocess.PIPE)
	assert parent.stdout.readline() and parent.stdout.readline()
	workers = psutil.Process(parent.pid).children(recursive=True)
	assert len(workers) >= 2
	parent.kill()
	parent.wait()
	deadline = time.monotonic() + 20
	while running(workers) and time.monotonic() < deadline:
		time.sleep(0.1)
	assert not running(workers)


def test_an_interruption_waits_for_the_end_of_the_block_though_another_thread_could_take_it():
	"""As DuckDB's threads do: where one thread has the signal blocked, the kernel gives it to another."""
	end, done = threading.Event(), []
	other = threading.Thread(target=end.wait)
	other.start()
	before = signal.signal(signal.SIGINT, signal.default_int_handler)
	try:
		with pytest.raises(KeyboardInterrupt), executors._interruptions_held():
			os.kill(os.getpid(), signal.SIGINT)
			for _ in range(1000):  # time for Python to act on it
				time.sleep(0)
			done.append("to the end")
		assert done == ["to the end"]
		assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
		assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
	finally:
		signal.signal(signal.SIGINT, before)
		end.set()


CLI = """
import sys
from sentia_ops.cli.main import main
from sentia_ops.forecasting.engine import parallel
parallel.CHUNK = 300  # half a minute of work each: nobody may wait for that
if __name__ == "__main__":
	sys.argv[1:] = ["--lake", sys.argv[1], "forecast", "--methods", "CES"]  # nothing is learned first
	main()
"""


@pytest.mark.parametrize("seconds", [0.0, 3.0])  # of processor time: workers still starting, and at work
def test_ctrl_c_ends_a_forecast_at_once_and_keeps_what_was_there(tmp_path, seconds):
	store = busy_lake(tmp_path / "lake")
	script = tmp_path / "command.py"
	script.write_text(CLI)
	env = os.environ | {"PYTHONPATH": ":".join(p for p in sys.path if p)}
	command = [sys.executable, str(script), str(store.path)]
	parent = subprocess.Popen(
		command,
		env=env,
		stdout=subprocess.DEVNULL,
		stderr=subprocess.PIPE,
		text=True,
		start_new_session=True,
		preexec_fn=heed_ctrl_c,
	)
	workers = two_workers(parent.pid, seconds)
	os.killpg(parent.pid, signal.SIGINT)  # as a terminal does: to parent and workers
	pressed = time.monotonic()
	_, said = parent.communicate(timeout=120)
	assert time.monotonic() - pressed < 5
	assert parent.returncode == 130 and "Traceback" not in said, said
	assert not running(workers)
	last = store.read(RUNS).sort_values("started").iloc[-1]
	assert (last["flow"], last["status"], last["error"]) == ("plan", "Failed", "Stopped by the user.")
	assert store.read(FORECASTS)["qty"].tolist() == [7.0]  # those of the run before


def heed_ctrl_c() -> None:
	"""A shell's background job, as a test run may be, ignores Ctrl-C and hands that on to its children."""
	signal.signal(signal.SIGINT, signal.SIG_DFL)


def busy_lake(path: Path) -> LakeStore:
	"""600 items sold daily, and one earlier forecast of 7."""
	items, days = [f"I{i:03}" for i in range(600)], pd.date_range("2026-01-01", periods=200)
	demand = pd.DataFrame(itertools.product(items, days), columns=["item_code", "date"])
	demand = demand.assign(
		warehouse="UK", qty=np.random.default_rng(1).poisson(20, len(demand)).astype(float)
	)
	earlier = {"item_code": "I000", "warehouse": "UK", "date": pd.Timestamp("2026-07-20"), "model": "none"}
	earlier |= {"qty": 7.0, "lo80": 7.0, "hi80": 7.0, "lo95": 7.0, "hi95": 7.0}
	store = LakeStore(path, create=True)
	with store.run("import") as run:
		store.write(ITEMS, pd.DataFrame({"item_code": items}), run=run)
		store.write(WAREHOUSES, pd.DataFrame({"warehouse": ["UK"]}), run=run)
		store.write(DEMAND, demand, run=run)
		store.write(FORECASTS, pd.DataFrame([earlier]), run=run)
	return store


def two_workers(parent: int, seconds: float) -> list[psutil.Process]:
	"""The workers, once two of them have used so much processor time."""
	deadline = time.monotonic() + 60
	while time.monotonic() < deadline:
		found = [p for p in psutil.Process(parent).children() if "spawn_main" in " ".join(p.cmdline())]
		if len(found) == 2 and all(sum(p.cpu_times()[:2]) >= seconds for p in found):
			return found
		time.sleep(0.02)
	raise AssertionError("no two workers at work within a minute")


def running(workers: list[psutil.Process]) -> list[psutil.Process]:
	return [w for w in workers if w.is_running() and w.status() != psutil.STATUS_ZOMBIE]
