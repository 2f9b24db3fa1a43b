"""A site's tables as a lake: the same frames, the same names."""

from __future__ import annotations

from pathlib import Path

from sentia_ops.store.base import Progress, Run
from sentia_ops.store.frames import RUNS
from sentia_ops.store.lake import LakeStore
from sentia_ops.store.registry import FRAMES
from sentia_ops.store.site import SiteStore

REFERRED = {target.partition(".")[0] for frame in FRAMES.values() for target in frame.refers.values()}


def export_site(directory: str | Path, progress: Progress | None = None) -> Run:
	"""Write every table, facts and results, in one run of the lake; returns that run.

	Raises:
	    StoreError: the folder cannot be written.
	"""
	lake = LakeStore(directory, create=True)
	names = sorted(
		set(FRAMES) - {RUNS.name}, key=lambda name: (name not in REFERRED, name)
	)  # the others refer to them
	parameters = {"as_of": str(SiteStore().today())}
	with lake.run("export", parameters=parameters, trigger="cli", progress=progress) as run:
		site = SiteStore(notes=run)
		for done, name in enumerate(names):
			run.progress(done / len(names), name)
			lake.write(FRAMES[name], site.read(FRAMES[name]), run=run)
		run.progress(1.0, "done")
	return run
