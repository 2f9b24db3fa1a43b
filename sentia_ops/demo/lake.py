"""The demo company in a lake: its books as frames, and the truth beside them in `truth/*.parquet`.

The truth is no frame: no flow may read it. Tests do, to ask whether an engine found it again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sentia_ops.demo.company import FACTORY, FRAMES, DemoCompany
from sentia_ops.errors import StoreError
from sentia_ops.store.base import Progress, Run

if TYPE_CHECKING:
	from sentia_ops.store.lake import LakeStore

TRUTH = "truth"


def write_lake(store: LakeStore, company: DemoCompany, progress: Progress | None = None) -> Run:
	"""Replace the lake's books by the company's, in one run "demo"; the truth goes to `<lake>/truth/`.

	Raises:
	    BusyError: another run is under way.
	    StoreError: the folder cannot be written.
	"""
	parameters = {
		"seed": company.seed,
		"items": len(company.items),
		"days": company.days,
		"as_of": str(company.as_of),
	}
	total = len(FRAMES) + len(FACTORY) + 1
	with store.run("demo", parameters=parameters, progress=progress) as run:
		for number, (frame, rows) in enumerate(company.frames()):
			run.progress(number / total, f"writing {frame.name}, {len(rows):,} rows")
			store.write(frame, rows, run=run)
		run.progress((total - 1) / total, "writing the truth")
		write_truth(Path(store.path), company)
		run.progress(1.0, "the demo company is in the lake")
	return run


def write_truth(lake: Path, company: DemoCompany) -> None:
	"""Write every table of the truth, the retailers and the bills of materials; each file is swapped in whole."""
	folder = lake / TRUTH
	try:
		folder.mkdir(parents=True, exist_ok=True)
		for name, rows in {**company.truth, "customers": company.customers, "boms": company.boms}.items():
			draft = folder / f".{name}.parquet.new"
			rows.to_parquet(draft, index=False)
			os.replace(draft, folder / f"{name}.parquet")
	except OSError as error:
		raise StoreError(
			f"Cannot write the demo company's truth to {folder}: {error.strerror}.",
			"Check space and permissions.",
		) from error
