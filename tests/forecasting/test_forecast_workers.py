"""Work spread over processes: nothing is lost when one dies, or when its parent does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil

from sentia_ops.forecasting.engine.parallel import map_chunks


def square_or_die(item: tuple[int, int]) -> int:
	number, parent = item
	if number == 3 and os.getpid() != parent:
		os.kill(os.getpid(), signal.SIGKILL)
	return number**2


def test_work_of_a_dead_worker_is_done_here():
	said, done = [], []
	items = [(n, os.getpid()) for n in range(6)]
	assert map_chunks(square_or_die, items, 2, done.append, said.append) == [0, 1, 4, 9, 16, 25]
	assert sorted(done) == list(range(6))
	assert len(said) == 1 and said[0].startswith("A worker process died")


def test_workers_end_with_their_parent(tmp_path):
	script = tmp_path / "parent.py"
	script.write_text(
		"import time\n"
		"from sentia_ops.forecasting.engine.parallel import map_chunks\n"
		"if __name__ == '__main__':\n"
		"\tmap_chunks(time.sleep, [0, 0, 120, 120], 2, lambda i: print(i, flush=True))\n"
	)
	env = os.environ | {"PYTHONPATH": ":".join(p for p in sys.path if p)}
	parent = subprocess.Popen([sys.executable, str(script)], env=env, stdout=subprocess.PIPE)
	assert parent.stdout.readline() and parent.stdout.readline()
	workers = psutil.Process(parent.pid).children(recursive=True)
	assert len(workers) >= 2
	parent.kill()
	parent.wait()
	deadline = time.monotonic() + 20
	while (
		any(w.is_running() and w.status() != psutil.STATUS_ZOMBIE for w in workers)
		and time.monotonic() < deadline
	):
		time.sleep(0.1)
	assert not [w for w in workers if w.is_running() and w.status() != psutil.STATUS_ZOMBIE]
