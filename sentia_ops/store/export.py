"""A site's tables as a lake: the same frames, the same names."""

from __future__ import annotations

from pathlib import Path

from sentia_ops.store.base import Progress, Run
from sentia_ops.store.frames import CURRENCIES, ITEMS, RUNS, WAREHOUSES
from sentia_ops.store.lake import LakeStore
from sentia_ops.store.registry import FRAMES
from sentia_ops.store.site import SiteStore

MASTERS_FIRST = [ITEMS.name, WAREHOUSES.name, CURRENCIES.name]  # the others refer to them


def export_site(directory: str | Path, progress: Progress | None = None) -> Run:
	"""Write every table, facts and results, in one run of the lake; returns that run.

	Raises:
	    StoreError: the folder cannot be written.
	"""
	site, lake = SiteStore(), LakeStore(directory, create=True)
	names = MASTERS_FIRST + sorted(set(FRAMES) - {*MASTERS_FIRST, RUNS.name})
	with lake.run("export", parameters={"as_of": str(site.today())}, trigger="cli", progress=progress) as run:
		for done, name in enumerate(names):
			run.progress(done / len(names), name)
			lake.write(FRAMES[name], site.read(FRAMES[name]), run=run)
		run.progress(1.0, "done")
	return run
