"""Seconds to insert, update and expire recommendations on a site, alternatives and commit included.

Each row carries what a plan writes: eleven reasons, a projection of 90 days and three alternatives. The rows are written by the
very writer of a plan, in a transaction of its own each, and removed again at the end. Wants a site with the app and a company.

	SENTIA_BENCH=~/frappe-bench ~/frappe-bench/env/bin/python benchmarks/site_replenishment.py --site SITE
		[--rows 5000] [--quick] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import frappe
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "site"))
sys.path.insert(0, str(Path(__file__).parent))
BAR_SECONDS, BAR_ROWS = 20, 5000
DOCTYPE = "Reorder Recommendation"


def main() -> None:
	args = parse_args()
	os.chdir(Path(os.environ.get("SENTIA_BENCH") or Path.home() / "frappe-bench") / "sites")
	frappe.init(site=args.site, sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	results = []
	print(
		f"{'rows':>7} {'insert s':>9} {'update s':>9} {'nothing new s':>14} {'expire s':>9} {'rows a second, update':>22}"
	)
	for rows in (500,) if args.quick else sorted({1000, args.rows, 2 * args.rows}):
		found = measure(rows)
		results.append(found)
		rate = rows / found["update"]
		print(
			f"{rows:>7,} {found['insert']:>9.2f} {found['update']:>9.2f} {found['repeat']:>14.2f} "
			f"{found['expire']:>9.2f} {rate:>22,.0f}",
			flush=True,
		)
	reached = all(
		r[step] < BAR_SECONDS for r in results if r["rows"] <= BAR_ROWS for step in ("insert", "update")
	)
	print(f"{BAR_ROWS:,} written or updated in under {BAR_SECONDS} s: {'yes' if reached else 'NO'}")
	if args.json:
		from chain import machine

		Path(args.json).write_text(json.dumps({"machine": machine(), "results": results}, indent=1) + "\n")
	frappe.destroy()


def measure(rows: int) -> dict:
	from board import remove_board

	remove_board()
	frame = wanted(rows)
	keys = {"item_code": sorted(frame["item_code"].unique())}
	try:
		found = {"rows": rows}
		found["insert"] = timed(frame, keys)
		changed = frame.assign(qty=frame["qty"] + 1, urgency="High", summary="Order one more.")
		found["update"] = timed(changed, keys)
		found["repeat"] = timed(changed, keys)
		check(rows, changed)
		found["expire"] = timed(frame.head(0), keys)
		return found
	finally:
		frappe.db.rollback()
		for doctype in (DOCTYPE, "Reorder Alternative"):
			field = "item_code" if doctype == DOCTYPE else "supplier"
			frappe.db.sql(f"delete from `tab{doctype}` where {field} like 'BOARD%%'")
		remove_board()
		frappe.db.commit()


def wanted(rows: int) -> pd.DataFrame:
	"""What a plan would write: the figures of a board, which itself is taken away again, with three alternatives each."""
	from board import make_board

	from sentia_ops.replenishment.frames import RECOMMENDATIONS
	from sentia_ops.store.site import SiteStore

	make_board(rows)
	frappe.db.commit()
	frame = SiteStore().read(RECOMMENDATIONS)
	frame = frame[frame["item_code"].str.startswith("BOARD")].reset_index(drop=True)
	suppliers = sorted(frame["supplier"].unique())[:3]
	other = {"unit_price": 5.0, "currency": "GBP", "qty": 90.0, "total_cost": 450.0, "lead_days": 9.0}
	others = [
		{"supplier": name, **other, "why_not": "12 % dearer in all than the one chosen."}
		for name in suppliers
	]
	frappe.db.sql(f"delete from `tab{DOCTYPE}` where item_code like 'BOARD%%'")
	frappe.db.commit()
	return frame.assign(alternatives=json.dumps(others))


def timed(frame: pd.DataFrame, scope: dict) -> float:
	"""Seconds of one write as in a plan: validation by the frame, the writer, commit."""
	from sentia_ops.replenishment.frames import RECOMMENDATIONS
	from sentia_ops.store.site import SiteStore

	store = SiteStore()
	begun = time.perf_counter()
	store.amend(RECOMMENDATIONS, frame, scope=scope)
	frappe.db.commit()
	return round(time.perf_counter() - begun, 3)


def check(rows: int, frame: pd.DataFrame) -> None:
	"""That what was timed is there."""
	drafts = frappe.db.sql(
		f"""select count(*), sum(qty), sum(previous_qty), count(distinct open_key) from `tab{DOCTYPE}`
		where item_code like 'BOARD%%' and status = 'Draft' and urgency = 'High'"""
	)[0]
	expected = (rows, frame["qty"].sum(), frame["qty"].sum(), rows)
	assert all(abs(float(a) - float(b)) < 1e-3 for a, b in zip(drafts, expected, strict=True)), (
		drafts,
		expected,
	)
	others = frappe.db.sql("select count(*) from `tabReorder Alternative` where supplier like 'BOARD%%'")[0][
		0
	]
	assert others == 3 * rows, others


def parse_args() -> argparse.Namespace:
	parser = argparse.ArgumentParser(
		description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
	)
	parser.add_argument("--site", default=os.environ.get("SENTIA_SITE", "test.localhost"))
	parser.add_argument("--rows", type=int, default=BAR_ROWS)
	parser.add_argument("--quick", action="store_true")
	parser.add_argument("--json", metavar="FILE", type=os.path.abspath)
	return parser.parse_args()


if __name__ == "__main__":
	main()
