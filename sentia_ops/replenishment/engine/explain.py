"""The arithmetic in words: every printed number can be worked out again from the numbers printed beside it."""

from __future__ import annotations

from datetime import timedelta

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine import quantity
from sentia_ops.replenishment.engine.case import Case
from sentia_ops.replenishment.engine.choice import cost_text
from sentia_ops.replenishment.engine.demand import COMPOUND
from sentia_ops.replenishment.engine.judgement import Confidence
from sentia_ops.replenishment.engine.levels import DAYS_A_YEAR
from sentia_ops.replenishment.engine.safety import often_none, safety_words, to_cover_words
from sentia_ops.replenishment.engine.series import OpenOrder

s = f.show


def why(row, verdict: str, *, has_forecast: bool, order: str = "") -> str:
	"""One sentence for the stock policy: why something, or nothing, is ordered.

	Args:
	    row: of the regular supplier.
	    order: what is ordered, such as "303 from Acme, this once".
	"""
	if verdict == "stock unknown":
		return f"Stock is not known: {reorder_point(row)}; bring in table stock, e.g. sentia-ops import frame stock FILE, to get orders."
	if verdict == "order":
		return f"Order {order}: {_position(row)} is below the {reorder_point(row)}."
	if row.hold:
		return f"On hold by the planner's rule{f' ({row.note_rule})' if row.note_rule else ''}: never ordered; {_position(row)}."
	if verdict == "enough":
		return f"Enough: {_position(row)} is not below the {reorder_point(row)}."
	missing = "No demand is forecast" if has_forecast else "There is no forecast for this item and warehouse"
	open_orders = f.exact(row.owed + row.promised)
	met = f"open customer orders for {s(open_orders)} are met by {_supply(row)}"
	return f"{missing}; {met if open_orders > 0 else 'no customer order is open'}."


def summary(case: Case, limit: dict | None = None) -> str:
	"""One sentence a buyer can act on.

	Args:
	    limit: what budget, capacity or order value did: see `report.Decided`.
	"""
	row = case.row
	what = f"{s(row.qty)} {row.stock_uom} of {row.item_name or row.item_code}"
	if limit:
		what += f" (not {s(limit['wanted'])}: {limit['cut_by']})"
	source = f" from {row.supplier}" if row.supplier else ""
	source += f" (this once, not {case.regular.supplier})" if case.choice.rush else ""
	act = f"Order {what}{source}" if row.action == "buy" else f"Start making {what}"
	late = f"today, {_days(case.days_late)} late"
	if case.days_late and row.wait_days:
		late = f"on {case.order_on}, the next day orders are taken, {_days(case.days_late + int(row.wait_days))} late"
	takes = "delivery takes" if row.action == "buy" else "making takes"
	when = late if case.days_late else f"by {case.order_by}"
	closed = f", {case.closed_days} of them closed" if case.closed_days else ""
	return f"{act} {when}: {_how_long(case)}, {takes} {_days(case.delivery_days)}{closed}."


def _how_long(case: Case) -> str:
	stock = f"stock of {s(f.exact(case.row.on_hand))}"
	if case.row.inbound > 0:
		stock += f" with {s(case.row.inbound)} due in"
	if case.stockout_on is None:
		return f"{stock} is under {s(case.row.reserve)}, the least to keep, from {case.need_by} on"
	if case.stockout_on == case.as_of:
		return f"{stock} does not last the day"
	return f"{stock} lasts until {case.stockout_on}"


def reasons(
	case: Case, confidence: Confidence, urgency: tuple[str, str], limit: dict | None = None
) -> list[dict]:
	"""JSON-ready [{"label", "text", "value"}]."""
	row = case.row
	found = [
		_reason("Class", _class(row), row.service_class),
		_reason("Demand", _demand(case), row.period_demand),
		_reason("Lead time", _lead_time(case), row.lead_days),
		_reason("To cover", to_cover_words(row), row.cover_mean),
		_reason("Safety stock", safety_words(row, has_demand=case.has_demand), row.safety_stock),
		_reason("Reorder point", capital(reorder_point(row)), row.reorder_point),
		_reason("Position", capital(_below(case)), row.position),
		_reason("Quantity", _quantity(row, limit), row.qty),
		_reason("Dates", _dates(case), str(case.order_by)),
		_reason("Supplier" if row.action == "buy" else "Making", _source(case), row.supplier),
		_reason("Confidence", confidence.text, confidence.value),
		_reason("Risk", _risk(case), case.tightest.risk),
		_reason("Cost of running out", _exposure(case), row.cost_without),
		_reason("Urgency", f"{urgency[0]}: {urgency[1]}", urgency[0]),
	]
	if case.choice.rush:
		found.append(_reason("One-off", _one_off(case), case.choice.rush.saving))
	if limit:
		found.append(_reason("Limit", limit["note"], limit["risk"]))
	cautions = quantity.cautions(row)
	if cautions:
		found.append(_reason("Caution", capital("; ".join(cautions)), row.qty))
	return found + open_order_hints(case)


def _reason(label: str, text: str, value) -> dict:
	return {"label": label, "text": text, "value": float(value) if hasattr(value, "dtype") else value}


def _quantity(row, limit: dict | None) -> str:
	if limit and limit["wanted"] == 0:
		return f"Nothing is missing yet; order {s(row.qty)} early, to reach the order's minimum value"
	words = "; ".join(quantity.steps(row))
	return (
		f"{words}; wanted {s(limit['wanted'])}, order {s(row.qty)}"
		if limit
		else f"{words}; order {s(row.qty)}"
	)


def _class(row) -> str:
	measure = (
		"of demand met from stock"
		if row.service_measure == "fill"
		else "of replenishment cycles without a stock-out"
	)
	wanted = f"{s(f.exact(row.service_level * 100))} % {measure}"
	rule = f", by the planner's rule{f': {row.note_rule}' if row.note_rule else ''}" if row.has_rule else ""
	if not row.service_class:
		return f"No class, as no demand is forecast; wanted: {wanted}{rule}"
	return f"{row.service_class} (demand worth {s(row.yearly_value)} a year; a week scatters by {s(row.weekly_spread)} of its mean); wanted: {wanted}{rule}"


def _demand(case: Case) -> str:
	row = case.row
	last = case.as_of + timedelta(days=max(-int(-row.period_days // 1) - 1, 0))
	daily = f.tidy(row.period_demand / row.period_days) if row.period_days else 0.0
	text = (
		f"forecast of {s(row.period_demand)} for the protection period of {s(row.period_days)} days, {case.as_of} to {last}; "
		f"{s(row.period_demand)} / {s(row.period_days)} = {s(daily)} a day"
	)
	long_run = row.long_daily
	if long_run > 0:
		yearly = f.exact(DAYS_A_YEAR * long_run)
		text += f"; over the next {row.horizon_days} days {s(long_run)} a day, {DAYS_A_YEAR} x {s(long_run)} = {s(yearly)} a year"
	if row.promised > 0:
		beyond = f"ask for {s(row.excess)} more than that" if row.excess > 0 else "are part of it"
		text += f"; open customer orders for {s(row.promised)} in that time {beyond}"
	return capital(text)


def _lead_time(case: Case) -> str:
	row = case.row
	note = row.lead_note.rstrip(".")
	text = f"Mean {s(row.lead_days_own)} days, standard deviation {s(row.lead_std)} ({note})"
	if row.lead_days != row.lead_days_own:
		wait = f"{s(row.wait_days)} until {case.order_on}, the next day orders are taken"
		shut = f.exact(row.lead_days - row.lead_days_own - row.wait_days)
		closed = f" + {s(shut)} closed" if shut > 0 else ""
		text += f"; {s(row.lead_days_own)} + {wait}{closed} = {s(row.lead_days)} days"
	closures = case.calendar.closures_within(case.as_of, row.period_days)
	for first, last in closures:
		text += f"; {row.supplier} is closed from {first} to {last}"
	between = "between reviews" if not closures else "until what is ordered at the next chance arrives"
	return f"{text}; protection period {s(row.lead_days)} + {s(row.review_days)} days {between} = {s(row.period_days)} days"


def reorder_point(row) -> str:
	total = f.exact(row.cover_mean + row.safety_stock - row.spared)
	by = "fill rate" if row.service_measure == "fill" else "service level"
	less = f" - {s(row.spared)} that the {by} spares" if row.spared else ""
	sums = f"{s(row.cover_mean)} forecast for {s(row.cover_days)} days + {s(row.safety_stock)} safety stock{less}"
	how = "up to a whole number" if row.distribution == COMPOUND else "to the nearest whole number"
	nearest = f" = {s(total)}, {how}" if row.reorder_point != total else ""
	return f"reorder point {s(row.reorder_point)} ({sums}{nearest})"


def _position(row) -> str:
	owed = f" - {s(row.owed)} overdue to customers" if row.owed else ""
	beyond = f" - {s(row.excess)} promised beyond the forecast" if row.excess else ""
	return f"position {s(row.position)} ({_supply(row)}{owed}{beyond})"


def _below(case: Case) -> str:
	"""A one-off order may be due by the regular supplier's reorder point only: that supplier takes longer."""
	row, regular = case.row, case.regular
	if row.gap > 0:
		return f"{_position(row)}, {s(row.gap)} below the reorder point"
	if not case.choice.rush:
		return f"{_position(row)}, not below the {reorder_point(row)}"
	slow = f"{_position(regular)} is {s(regular.gap)} below the {reorder_point(regular)}"
	return f"{_position(row)}, not below the reorder point; with {regular.supplier}, {slow}"


def _supply(row) -> str:
	moved = ""
	if row.moved:
		moved = (
			f" {'+' if row.moved > 0 else '-'} {s(abs(row.moved))} moved {'in' if row.moved > 0 else 'out'}"
		)
	return f"{s(f.exact(row.on_hand))} on hand{moved}" + (
		f" + {s(row.inbound)} due in" if row.inbound else ""
	)


def _one_off(case: Case) -> str:
	regular, row, rush = case.regular, case.row, case.choice.rush
	return (
		f"{regular.supplier} takes {s(regular.lead_days)} days, {row.supplier} {s(row.lead_days)}; {rush.text}; "
		f"saves {rush.saving:.2f}; {regular.supplier} stays the regular supplier"
	)


def _dates(case: Case) -> str:
	row = case.row
	least = f"is under {s(row.reserve)}, the reorder point less the forecast for {s(row.period_days)} days,"
	under = "is used up" if row.reserve == 0 else least
	days = (case.need_by - case.due_by).days
	text = f"Projected stock {under} from {case.need_by} on; less {_days(days)} of lead time: order by {case.due_by}"
	if case.order_by != case.due_by:
		text += f"; {row.supplier} takes orders on {case.order_by}"
	return text + (f", {_days(case.days_late)} late" if case.days_late else "")


def _source(case: Case) -> str:
	row = case.row
	price = f"{s(row.qty)} x {s(row.unit_cost)} = {row.cost:.2f} in company currency"
	if row.action == "make":
		return f"Made here, at the valuation rate: {price}"
	if not row.supplier:
		return f"{capital(row.note)}; at the valuation rate: {price}"
	if row.rate != 1 and row.has_price:
		price = f"{s(row.price)} {row.currency} x {s(row.rate)} = {s(row.unit_cost)}; {price}"
	if row.tier_qty > 0:
		price = f"price from {s(row.tier_qty)} on; {price}"
	note = f" ({row.note})" if row.note else ""
	return f"{row.supplier}{_rank(case)}{note}: {price}; {cost_text(row)}"


def _rank(case: Case) -> str:
	if case.choice.rush:
		return f", for this order only: the regular supplier stays {case.regular.supplier}"
	others = case.choice.others
	if not others:
		return ", the only one" + (" that can be ordered from" if case.left_out else "")
	ranked = "the cheapest in all" + (" and the default supplier" if case.row.is_default else "")
	faster = [o for o in others if o.lead_days < case.row.lead_days]
	if case.days_late and faster:
		best = min(faster, key=lambda o: (o.lead_days, o.total_cost))
		ranked += f" (the order is late: {best.supplier} delivers in {s(best.lead_days)} days)"
	return f", {ranked}"


def _risk(case: Case) -> str:
	moment = case.tightest
	until = f"Until an order placed today arrives ({s(moment.days)} days)"
	if moment.days < case.row.lead_days:
		eve = case.as_of + timedelta(days=int(moment.days) - 1)
		until = f"Until {eve}, the day before a delivery ({s(moment.days)} days)"
	none = case.row.lead_none if moment.days == case.row.lead_days else 0.0
	return (
		f"{until}: demand {s(moment.demand)}, standard deviation {s(moment.std)}, {_gamma(none)}; "
		f"available {s(moment.supply)}; chance of running out {s(f.exact(moment.risk * 100))} %"
	)


def _gamma(none: float) -> str:
	return f"gamma distributed, {often_none(none)}" if none > 0 else "gamma distributed"


def _exposure(case: Case) -> str:
	row = case.row
	return (
		f"Until an order of the next review arrives ({s(row.period_days)} days): demand {s(row.period_wanted)}, standard deviation "
		f"{s(row.period_dev)}, {_gamma(row.period_none)}; without this order {s(row.period_supply)} available, {s(row.short_without)} short on average x "
		f"{s(row.margin)} margin = {row.cost_without:.2f}; with it {s(row.short_with)} short, {row.cost_with:.2f}"
	)


def open_order_hints(case: Case) -> list[dict]:
	hints = []
	if case.late_inbound:
		hints.append(
			_reason(
				"Late inbound",
				late_words(case.late_inbound, case.row, case.as_of),
				case.late_inbound[0].voucher,
			)
		)
	order = case.to_expedite
	if order:
		text = expedite_words(order, case.stockout_on)
		hints.append(_reason("Expedite", text, order.voucher))
	return hints


def late_words(late: list[OpenOrder], row, as_of) -> str:
	first, more = late[0], len(late) - 1
	also = f" (and {more} more)" if more else ""
	text = f"{first.voucher} for {s(f.exact(first.qty))} was due on {first.due}{also} and is counted as arriving "
	if first.day == 0:
		return text + "today: confirm the date."
	elapsed = f.exact(row.inbound_lead + (as_of - first.due).days)
	return text + (
		f"on {as_of + timedelta(days=first.day)}: what has taken {s(elapsed)} days already (lead time {s(row.inbound_lead)}, deviation "
		f"{s(row.inbound_std)}) takes longer still on average; confirm the date."
	)


def expedite_words(order: OpenOrder, stockout_on) -> str:
	return (
		f"Stock runs out on {stockout_on}, {order.voucher} for {s(f.exact(order.qty))} is due on "
		f"{order.due}: {_bring_forward(order)}."
	)


def _bring_forward(order: OpenOrder) -> str:
	if order.kind == "PO":
		return f"ask supplier to bring {order.voucher} forward"
	return f"order {order.voucher} now" if order.kind == "MR" else f"finish {order.voucher} earlier"


def _days(count: int) -> str:
	return f"{count} day" if count == 1 else f"{count} days"


def capital(text: str) -> str:
	return text[:1].upper() + text[1:]
