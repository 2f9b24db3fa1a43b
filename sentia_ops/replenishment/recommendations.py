"""Recommendations as documents: at most one open per item, warehouse and action (a transfer may
stand beside a purchase), updated in place by every plan.

| what is there | the plan still wants it | the plan wants it no more |
| --- | --- | --- |
| nothing, or closed | a new Draft | - |
| Draft | new figures; the former quantity and urgency stay beside them | Expired, with the reason |
| Snoozed | new figures; a Draft again once its day has come | Expired, with the reason |
| Approved | left as it is: its order is being written | left as it is |
| Rejected less than `snooze_days` ago | nothing, unless more urgent or half as much again as was rejected | - |

The rows are locked before anything is decided, so that an approval at the same moment is either seen or waits.
"""

from __future__ import annotations

import json
from datetime import timedelta

import frappe
import pandas as pd
from frappe.model.naming import getseries, parse_naming_series

from sentia_ops.replenishment.frames import RECOMMENDATIONS, URGENCIES
from sentia_ops.store.base import Run
from sentia_ops.store.site_sql import (
	SiteContext,
	delete_documents,
	insert_documents,
	item_names,
	query,
	read_documents,
	update_documents,
)

DOCTYPE = "Reorder Recommendation"
SERIES, DIGITS = "REC-.YYYY.-.#####", 5
PAIR = ["item_code", "warehouse"]
KEY = [*PAIR, "action"]
OPEN = ("Draft", "Snoozed", "Approved")
MATERIAL = 1.5  # a rejected need comes back early when it has grown by this factor
ALTERNATIVE = ["supplier", "unit_price", "currency", "qty", "total_cost", "lead_days", "why_not"]
NO_LONGER = "The plan of {0} no longer asks for it."


def read_recommendations(ctx: SiteContext) -> pd.DataFrame:
	"""The open ones."""
	return read_documents(DOCTYPE, RECOMMENDATIONS, ctx, f"status in {OPEN}")


def write_recommendations(rows: pd.DataFrame, run: Run, scope: dict | None, ctx: SiteContext) -> None:
	rows = rows.assign(
		open_key=_open_keys(rows),
		rank=[URGENCIES.index(urgency) for urgency in rows["urgency"]],
	)
	found = _lock_open(scope)
	both = rows.merge(found, on=KEY, how="left", suffixes=("", "_old"))
	_update(both[both["status"].isin(["Draft", "Snoozed"])], run, ctx)
	new = rows[~rows["open_key"].isin(_open_keys(found))]
	_insert(new[~new["open_key"].isin(_declined(new, ctx))], run, ctx)
	wanted = rows.set_index(KEY).index
	gone = found[~found.set_index(KEY).index.isin(wanted) & found["status"].isin(["Draft", "Snoozed"])]
	_expire(gone, run, ctx)


def _open_keys(rows: pd.DataFrame) -> pd.Series:
	"""As `open_key` of the document: what the database holds once only."""
	return rows["item_code"] + "|" + rows["warehouse"] + "|" + rows["action"]


def expire_unconfirmed(days: int) -> int:
	"""Expire Drafts that no plan has confirmed for `days` days; returns how many."""
	before = frappe.utils.add_days(frappe.utils.now_datetime(), -days)
	names = frappe.db.sql_list(
		f"""select r.name from `tab{DOCTYPE}` r left join `tabPlanning Run` p on p.name = r.run
		where r.status = 'Draft' and coalesce(p.started, r.creation) < %s for update""",
		before,
	)
	if names:
		frappe.db.sql(
			f"""update `tab{DOCTYPE}` set status = 'Expired', open_key = null, decision_note = %s, modified = %s
			where name in %s""",
			(f"No plan has confirmed it for {days} days.", frappe.utils.now(), names),
		)
	return len(names)


def _lock_open(scope: dict | None) -> pd.DataFrame:
	columns = [*KEY, "name", "status", "qty", "urgency", "snoozed_until"]
	if scope is not None and not all(len(list(values)) for values in scope.values()):
		return pd.DataFrame(columns=columns)
	where = "".join(f" and {column} in %({column})s" for column in scope or {})
	return query(
		f"select {', '.join(columns)} from `tab{DOCTYPE}` where status in {OPEN}{where} for update",
		{column: list(values) for column, values in (scope or {}).items()},
	)


def _declined(new: pd.DataFrame, ctx: SiteContext) -> set[str]:
	"""Keys rejected within the snooze days whose need has not become more urgent or materially larger."""
	if new.empty:
		return set()
	rejected = query(
		f"""select item_code, warehouse, action, qty, urgency from `tab{DOCTYPE}`
		where status = 'Rejected' and modified >= %(since)s and item_code in %(codes)s order by modified""",
		{"since": ctx.today - timedelta(days=ctx.snooze_days), "codes": list(new["item_code"].unique())},
	)
	last = rejected.drop_duplicates(KEY, keep="last")
	both = new.merge(last, on=KEY, suffixes=("", "_old"))
	old_rank = both["urgency_old"].map({urgency: rank for rank, urgency in enumerate(URGENCIES)})
	same = (both["rank"] >= old_rank) & (both["qty"] < MATERIAL * both["qty_old"])
	return set(both.loc[same, "open_key"])


def _update(rows: pd.DataFrame, run: Run, ctx: SiteContext) -> None:
	if rows.empty:
		return
	asleep = [
		status == "Snoozed" and bool(until) and until > ctx.today
		for status, until in zip(rows["status"], rows["snoozed_until"], strict=True)
	]
	fields = [column for column in RECOMMENDATIONS.columns if column not in KEY]
	values = rows[["name", *fields]].assign(
		previous_qty=rows["qty_old"],
		previous_urgency=rows["urgency_old"],
		status=["Snoozed" if sleeps else "Draft" for sleeps in asleep],
		snoozed_until=pd.Series(rows["snoozed_until"].where(asleep, None), dtype=object),
	)
	update_documents(DOCTYPE, values, run)
	delete_documents("Reorder Alternative", {"parent": list(rows["name"])})
	_insert_alternatives(rows, run)


def _insert(rows: pd.DataFrame, run: Run, ctx: SiteContext) -> None:
	if rows.empty:
		return
	companies = dict(frappe.get_all("Warehouse", fields=["name", "company"], as_list=True))
	units = dict(
		frappe.db.sql("select name, stock_uom from `tabItem` where name in %s", [list(rows["item_code"])])
	)
	rows = rows.assign(
		name=_new_names(len(rows)),
		status="Draft",
		item_name=item_names(rows),
		company=rows["warehouse"].map(companies),
		stock_uom=rows["item_code"].map(units),
		first_seen=pd.Timestamp(ctx.today),
	)
	insert_documents(DOCTYPE, rows.drop(columns="rank"), run)
	_insert_alternatives(rows, run)


def _new_names(count: int) -> list[str]:
	"""The next names of the series, which is moved on once for all of them."""
	prefix = parse_naming_series(SERIES.split("."), number_generator=lambda prefix, digits: "")
	first = int(getseries(prefix, DIGITS))  # locks the series' row
	frappe.db.sql("update `tabSeries` set current = current + %s where name = %s", (count - 1, prefix))
	return [f"{prefix}{number:0{DIGITS}}" for number in range(first, first + count)]


def _insert_alternatives(rows: pd.DataFrame, run: Run) -> None:
	children = []
	for row in rows.to_dict("records"):
		for idx, other in enumerate(json.loads(row["alternatives"]), 1):
			values = {field: other.get(field) for field in ALTERNATIVE}
			key = {
				"parent": row["name"],
				"parenttype": DOCTYPE,
				"parentfield": "alternatives_table",
				"idx": idx,
			}
			children.append({"name": frappe.generate_hash(length=16), **key, **values})
	if children:
		frame = pd.DataFrame(children)
		for field in ("unit_price", "qty", "total_cost", "lead_days"):
			frame[field] = frame[field].astype(float).fillna(0)
		insert_documents("Reorder Alternative", frame.astype({"why_not": object}), run)


def _expire(rows: pd.DataFrame, run: Run, ctx: SiteContext) -> None:
	"""Close with the stock policy's own sentence where there is one."""
	if rows.empty:
		return
	why = query(
		"select item_code, warehouse, why from `tabStock Policy` where item_code in %(codes)s",
		{"codes": list(rows["item_code"].unique())},
	)
	reasons = why.set_index(PAIR)["why"].to_dict()
	said = NO_LONGER.format(ctx.today)
	notes = [
		f"{said} {reasons.get(pair) or ''}".strip() for pair in rows[PAIR].itertuples(index=False, name=None)
	]
	closed = pd.DataFrame(
		{"name": rows["name"], "status": "Expired", "open_key": None, "decision_note": notes}
	)
	update_documents(DOCTYPE, closed, run)
