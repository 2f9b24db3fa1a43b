"""Sales lines of any shop -> items and net daily demand. Pure functions on frames; no file, no store.

What a line counts as, by the first rule that fits (`judge`):

1. lines without an item, without a readable date or with a quantity that is not a finite number: refused;
2. lines dated after `Rules.today`: refused;
3. lines that are no products (`Rules.skip_items`: postage, fees, samples, manual entries): refused;
4. lines equal in every column of the file to an earlier one, where lines carry a voucher: refused;
5. a negative quantity on a return voucher is a return; without a prefix rule, a negative quantity of a known
   customer is one; any other negative quantity is a write-off or correction of stock and refused;
6. lines with a price that is not above zero (gifts, corrections) are refused: they were not sold;
7. all else is a sale.

Returns are then taken off the sales they undo (`net_returns`), on the day of the sale: a cancelled order was no
demand on that day, and the day of the cancellation saw no negative one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from sentia_ops.cli.columns import as_date, as_name, as_number
from sentia_ops.errors import SentiaError

TARGETS = {
	"item_code": "item number (required)",
	"date": "day or time of the sale (required)",
	"qty": "quantity in the item's stock unit, negative for returns (required)",
	"price": "unit price",
	"customer": "who bought; returns are matched to the same customer",
	"voucher": "invoice or order number; needed to see duplicate lines and return vouchers",
	"item_name": "item name",
	"item_group": "item group",
	"channel": "sales channel or country",
	"warehouse": "warehouse; else --warehouse for all lines",
}
REQUIRED = ("item_code", "date", "qty")

SKIP_ITEMS = (
	r"(?i)post|(dotcom )?postage( and packing)?|p ?& ?p|carriage|freight|shipping( .*)?|delivery( .*)?|manual|misc(ellaneous)?|samples?"
	r"|discount|(.* )?fees?|amazonfee|bank charges?|(.* )?commission|adjust(ment)?( .*)?|tax|vat|tips?"
	r"|gift[ _]?(card|voucher).*|gift_\d.*|.* gift (card|voucher)( .*)?|test( (item|product))?"
)
"""What is no stocked product in common shop exports, matched against the whole item code and the item's whole name
(so that M is left out where it is called Manual, and kept where it is a size of shirt); --skip-items replaces it."""

RETURN, SALE = "return", "sale"
UNMATCHED = "return of goods that no sale in this file explains"


@dataclass(frozen=True)
class Rules:
	"""How lines are judged; every one has an option on the command line."""

	today: date
	warehouse: str = "Main"
	skip_items: str = SKIP_ITEMS
	returns_prefix: str = ""  # vouchers that start so are returns
	date_format: str = ""  # strptime; empty: ISO 8601
	decimal: str = "."
	keep_duplicates: bool = False


@dataclass
class Imported:
	"""What an import found.

	Attributes:
	    items: one row per item, columns of the items table that the file can tell.
	    demand: item_code, warehouse, date, qty above zero, channel.
	    refused: `line` (1 is the first line after the heading) and `reason`, in file order.
	    counts: lines read, sales, returns, and units and lines netted.
	"""

	items: pd.DataFrame
	demand: pd.DataFrame
	refused: pd.DataFrame
	counts: dict[str, float]
	notes: list[str] = field(default_factory=list)


def bring_in(raw: pd.DataFrame, mapping: dict[str, str], rules: Rules) -> Imported:
	"""Judge, net and sum a file's lines.

	Args:
	    raw: the file's rows; text columns are read as numbers and dates here.
	    mapping: target column -> column of `raw`; see `TARGETS`.
	"""
	lines, notes = standard_lines(raw, mapping, rules)
	verdict = judge(lines, raw, rules)
	sales = lines[verdict == SALE].reset_index(names="line")
	returns = lines[verdict == RETURN].reset_index(names="line")
	left, unmatched = net_returns(sales, returns)
	refused = verdict[(verdict != SALE) & (verdict != RETURN)]
	refused = pd.concat([refused, pd.Series(UNMATCHED, index=returns["line"][unmatched > 0], dtype=object)])
	returned = float(-returns["qty"].sum())
	counts = {
		"lines": len(lines),
		"sales": len(sales),
		"returns": len(returns),
		"units_sold": float(sales["qty"].sum()),
		"units_returned": returned,
		"units_netted": returned - float(unmatched.sum()),
	}
	return Imported(
		items=items_of(sales),
		demand=daily_demand(sales.assign(qty=left)),
		refused=pd.DataFrame({"line": refused.index + 1, "reason": refused.to_numpy()}).sort_values(
			"line", ignore_index=True
		),
		counts=counts,
		notes=notes,
	)


def standard_lines(
	raw: pd.DataFrame, mapping: dict[str, str], rules: Rules
) -> tuple[pd.DataFrame, list[str]]:
	"""The mapped columns under their target names and types; what cannot be read is empty (judged later)."""
	lines = pd.DataFrame(index=pd.RangeIndex(len(raw)))
	for target in TARGETS:
		if target not in mapping:
			continue
		column = raw[mapping[target]].reset_index(drop=True)
		if target in ("qty", "price"):
			lines[target] = as_number(column, rules.decimal)
		elif target == "date":
			lines[target] = as_date(column, rules.date_format)
		else:
			lines[target] = as_name(column)
	if "warehouse" not in lines:
		lines["warehouse"] = rules.warehouse
	lines["item_code"], notes = one_spelling(lines["item_code"])
	return lines, notes


def one_spelling(codes: pd.Series) -> tuple[pd.Series, list[str]]:
	"""Codes that differ in upper and lower case only are one item (they are in ERPNext): the commonest spelling."""
	counts = codes.value_counts()
	folded = pd.Series(counts.index.str.casefold(), index=counts.index)
	winners = folded.drop_duplicates()  # value_counts has the commonest first
	spelling = folded.map(pd.Series(winners.index, index=winners.to_numpy()))
	joined = int((spelling.index != spelling).sum())
	if not joined:
		return codes, []
	return codes.map(spelling), [f"{joined} item codes that differ only in upper and lower case were joined."]


def judge(lines: pd.DataFrame, raw: pd.DataFrame, rules: Rules) -> pd.Series:
	"""`SALE`, `RETURN`, or the reason why a line is refused, for every line."""
	qty, tomorrow = lines["qty"], pd.Timestamp(rules.today) + pd.Timedelta(days=1)
	negative = qty < 0
	is_return = negative & _return_vouchers(lines, rules)
	wrong_sign = (qty > 0) & _return_vouchers(lines, rules) if rules.returns_prefix else _none(lines)
	rulings = [
		(lines["item_code"] == "", "no item"),
		(lines["date"].isna(), "no readable date"),
		(qty.isna(), "quantity is empty or not a number"),
		(np.isinf(qty), "quantity is infinite"),
		(lines["date"] >= tomorrow, f"date lies after today ({rules.today})"),
		(_skipped(lines, rules), "not a product (postage, fees, samples, manual entries: --skip-items)"),
		(_duplicates(lines, raw, rules), "exact duplicate of an earlier line (--keep-duplicates)"),
		(qty == 0, "quantity is zero"),
		(wrong_sign, "positive quantity on a return voucher"),
		(negative & ~is_return, "negative quantity that is no customer's return (write-off, correction)"),
	]
	if "price" in lines:
		price = lines["price"]
		rulings += [
			(price.isna() | np.isinf(price), "price is empty or not a number"),
			(price <= 0, "price is zero or negative"),
		]
	rulings.append((is_return, RETURN))
	conditions, reasons = zip(*rulings, strict=True)
	return pd.Series(
		np.select([np.asarray(c, dtype=bool) for c in conditions], reasons, SALE), lines.index, dtype=object
	)


def _none(lines: pd.DataFrame) -> pd.Series:
	return pd.Series(False, index=lines.index)


def _return_vouchers(lines: pd.DataFrame, rules: Rules) -> pd.Series:
	if rules.returns_prefix:
		return lines["voucher"].str.startswith(rules.returns_prefix)
	if "customer" in lines:
		return lines["customer"] != ""
	return ~_none(lines)


def _skipped(lines: pd.DataFrame, rules: Rules) -> pd.Series:
	if not rules.skip_items:
		return _none(lines)
	pattern = re.compile(rules.skip_items)
	names = _commonest(lines, ["item_code"], "item_name") if "item_name" in lines else {}
	skipped = [
		code
		for code in lines["item_code"].unique()
		if pattern.fullmatch(code) or pattern.fullmatch(names.get(code, ""))
	]
	return lines["item_code"].isin(skipped)


def _duplicates(lines: pd.DataFrame, raw: pd.DataFrame, rules: Rules) -> pd.Series:
	"""Without a voucher two equal lines may well be two sales, so only lines with one can be duplicates."""
	if "voucher" not in lines or rules.keep_duplicates:
		return _none(lines)
	return raw.reset_index(drop=True).duplicated() & (lines["voucher"] != "")


def net_returns(sales: pd.DataFrame, returns: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
	"""Take returns off the sales they undo.

	A return of a known customer looks at that customer's lines of the item; of an unknown one, at all lines of the
	item. It undoes, in this order: the latest earlier sale of the same quantity (an order entered and cancelled),
	the latest earlier sales whatever their quantity, and then later sales (an exchange billed after the credit).

	Args:
	    sales, returns: item_code, date, qty and, where known, customer; qty of returns is negative.

	Returns:
	    units left of each sale (never below zero), and units of each return that no sale explains.
	"""
	left = sales["qty"].to_numpy(dtype=float).copy()
	open_units = -returns["qty"].to_numpy(dtype=float)
	if returns.empty or sales.empty:
		return left, open_units
	known = (returns["customer"] != "").to_numpy() if "customer" in returns else np.zeros(len(returns), bool)
	for keys, part in ((["item_code", "customer"], known), (["item_code"], ~known)):
		if part.any():
			_net_groups(sales, returns, keys, np.flatnonzero(part), left, open_units)
	return left, open_units


def _net_groups(
	sales: pd.DataFrame,
	returns: pd.DataFrame,
	keys: Sequence[str],
	which: np.ndarray,
	left: np.ndarray,
	open_units: np.ndarray,
) -> None:
	"""Net the returns numbered `which` within groups of equal `keys`; changes `left` and `open_units`."""
	wanted = pd.MultiIndex.from_frame(returns.iloc[which][keys])
	candidates = np.flatnonzero(pd.MultiIndex.from_frame(sales[keys]).isin(wanted))
	groups = defaultdict(list)
	for key, at in zip(
		sales.iloc[candidates][keys].itertuples(index=False, name=None), candidates, strict=True
	):
		groups[key].append(at)
	sold_at, returned_at = sales["date"].to_numpy(), returns["date"].to_numpy()
	order = which[np.argsort(returned_at[which], kind="stable")]
	by_time = {key: np.array(rows)[np.argsort(sold_at[rows], kind="stable")] for key, rows in groups.items()}
	key_of = returns[keys].itertuples(index=False, name=None)
	key_of = dict(zip(range(len(returns)), key_of, strict=True))
	for number in order:
		rows = by_time.get(key_of[number])
		if rows is not None:
			split = np.searchsorted(sold_at[rows], returned_at[number], side="right")
			open_units[number] = _undo(open_units[number], rows[:split][::-1], rows[split:], left)


def _undo(units: float, earlier: np.ndarray, later: np.ndarray, left: np.ndarray) -> float:
	"""Units of one return that remain after taking them off `earlier` (latest first), then `later` sales."""
	same = earlier[left[earlier] == units]
	for sale in (*same[:1], *earlier, *later):
		taken = min(units, left[sale])
		left[sale] -= taken
		units -= taken
		if units <= 0:
			break
	return units


def items_of(sales: pd.DataFrame) -> pd.DataFrame:
	"""Items by code: commonest name and group, whole-number rule, mean price over the item's last 90 selling days."""
	by_item = sales.groupby("item_code", sort=True)
	items = pd.DataFrame(index=by_item.size().index)
	for column in ("item_name", "item_group"):
		if column in sales:
			items[column] = _commonest(sales, ["item_code"], column)
	items["whole_number"] = (sales["qty"] % 1 == 0).groupby(sales["item_code"]).all()
	if "price" in sales:
		last = by_item["date"].transform("max")
		recent = sales[sales["date"] > last - pd.Timedelta(days=90)]
		paid = (recent["price"] * recent["qty"]).groupby(recent["item_code"]).sum()
		items["selling_rate"] = paid / recent.groupby("item_code")["qty"].sum()
	return items.reset_index()


def _commonest(rows: pd.DataFrame, keys: list[str], column: str, weight: str | None = None) -> pd.Series:
	"""For each key the value of `column` that occurs most (or weighs most), empty ones aside."""
	rows = rows[rows[column] != ""]
	grouped = rows.groupby([*keys, column], sort=True)
	counts = (grouped[weight].sum() if weight else grouped.size()).rename("n").reset_index()
	best = counts.sort_values("n", ascending=False, kind="stable").drop_duplicates(keys)
	return best.set_index(keys)[column]


def daily_demand(sales: pd.DataFrame) -> pd.DataFrame:
	"""Units per item, warehouse and day; days netted to nothing have no row. `channel`: the day's largest one."""
	keys = ["item_code", "warehouse", "date"]
	sales = sales.assign(date=sales["date"].dt.normalize())
	sales = sales[sales["qty"] > 0]
	demand = sales.groupby(keys, sort=True)["qty"].sum()
	if "channel" in sales:
		demand = demand.to_frame().join(_commonest(sales, keys, "channel", weight="qty"))
		demand["channel"] = demand["channel"].fillna("")
		return demand.reset_index()
	return demand.reset_index()


def refuse_useless(found: Imported, date_format: str = "") -> None:
	"""A file of which next to nothing can be read was mapped wrongly: say so rather than replace good data.

	Raises:
	    SentiaError: most dates are unreadable, or no line is a sale.
	"""
	reasons = found.refused["reason"].value_counts()
	if reasons.get("no readable date", 0) > found.counts["lines"] / 2:
		raise SentiaError(
			f"{reasons['no readable date']:,} of {found.counts['lines']:,} lines have no readable date.",
			f"{'It does not fit --date-format.' if date_format else 'Dates that are not ISO 8601 (2024-12-31)'} "
			"need --date-format, e.g. '%d/%m/%Y %H:%M'. Nothing was written.",
		)
	if found.demand.empty:
		listed = "; ".join(f"{reason}: {count:,}" for reason, count in reasons.items())
		raise SentiaError(
			f"None of the {found.counts['lines']:,} lines is a sale ({listed or 'all were returned'}).",
			"Check --map. Nothing was written.",
		)
