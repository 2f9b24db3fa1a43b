"""The arithmetic in words: every printed number can be worked out again from the numbers printed beside it."""

from __future__ import annotations

from datetime import timedelta

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.case import Case
from sentia_ops.replenishment.engine.judgement import Confidence
from sentia_ops.replenishment.engine.needs import Needs
from sentia_ops.replenishment.engine.quantity import DAYS_A_YEAR
from sentia_ops.replenishment.engine.series import OpenOrder

s = f.show


def why(case: Case) -> str:
	"""One sentence for the stock policy: why something, or nothing, is ordered."""
	n = case.regular.needs
	if case.verdict == "stock unknown":
		text = f"Stock is not known: {_reorder_point(n)}; bring in table stock, e.g. sentia-ops import frame stock FILE, to get orders."
	elif case.verdict == "order":
		source = f" from {case.offer.supplier}, this once" if case.choice.rush else ""
		text = f"Order {s(case.quantity.qty)}{source}: {_position(n)} is below the {_reorder_point(n)}."
	elif case.verdict == "enough":
		text = f"Enough: {_position(n)} is not below the {_reorder_point(n)}."
	else:
		missing = (
			"No demand is forecast"
			if case.has_forecast
			else "There is no forecast for this item and warehouse"
		)
		open_orders = f.exact(n.owed + n.promised)
		met = f"open customer orders for {s(open_orders)} are met by {_supply(n)}"
		text = f"{missing}; {met if open_orders > 0 else 'no customer order is open'}."
	return " ".join([text, *(r["text"] for r in _open_order_hints(case))])


def summary(case: Case) -> str:
	"""One sentence a buyer can act on."""
	name = case.item["item_name"] or case.item["item_code"]
	what = f"{s(case.quantity.qty)} {case.item['stock_uom']} of {name}"
	source = f" from {case.offer.supplier}" if case.offer.supplier else ""
	source += f" (this once, not {case.regular.offer.supplier})" if case.choice.rush else ""
	act = f"Order {what}{source}" if case.offer.action == "buy" else f"Start making {what}"
	when = f"today, {_days(case.days_late)} late" if case.days_late else f"by {case.order_by}"
	takes = "delivery takes" if case.offer.action == "buy" else "making takes"
	return f"{act} {when}: {_how_long(case)}, {takes} {_days(case.delivery_days)}."


def _how_long(case: Case) -> str:
	stock = f"stock of {s(case.needs.on_hand)}"
	if case.needs.inbound > 0:
		stock += f" with {s(case.needs.inbound)} due in"
	if case.stockout_on is None:
		return f"{stock} is under the safety stock of {s(case.needs.safety_stock)} from {case.need_by} on"
	if case.stockout_on == case.as_of:
		return f"{stock} does not last the day"
	return f"{stock} lasts until {case.stockout_on}"


def reasons(case: Case, confidence: Confidence, urgency: tuple[str, str]) -> list[dict]:
	"""JSON-ready [{"label", "text", "value"}]."""
	n, offer, quantity = case.needs, case.offer, case.quantity
	found = [
		_reason("Demand", _demand(case), n.demand),
		_reason("Lead time", _lead_time(case), offer.lead_days),
		_reason("Safety stock", _safety_stock(case), n.safety_stock),
		_reason("Reorder point", _capital(_reorder_point(n)), n.reorder_point),
		_reason("Position", _capital(_below(case)), n.position),
		_reason("Quantity", "; ".join(quantity.steps) + f"; order {s(quantity.qty)}", quantity.qty),
		_reason("Dates", _dates(case), str(case.order_by)),
		_reason("Supplier" if offer.action == "buy" else "Making", _source(case), offer.supplier),
		_reason("Confidence", confidence.text, confidence.value),
		_reason("Risk", _risk(case), n.risk),
		_reason("Urgency", f"{urgency[0]}: {urgency[1]}", urgency[0]),
	]
	if case.choice.rush:
		found.append(_reason("One-off", _one_off(case), case.choice.rush.saving))
	if quantity.caution:
		found.append(_reason("Caution", _capital(quantity.caution), quantity.qty))
	return found + _open_order_hints(case)


def _reason(label: str, text: str, value) -> dict:
	return {"label": label, "text": text, "value": value}


def _demand(case: Case) -> str:
	n = case.needs
	last = case.as_of + timedelta(days=max(-int(-n.period // 1) - 1, 0))
	text = (
		f"forecast of {s(n.demand)} for the protection period of {s(n.period)} days, {case.as_of} to {last}; "
		f"{s(n.demand)} / {s(n.period)} = {s(n.daily)} a day"
	)
	long_run = case.option.daily
	if long_run > 0:
		yearly = f.exact(DAYS_A_YEAR * long_run)
		text += f"; over the next {len(case.outlook.forecast)} days {s(long_run)} a day, {DAYS_A_YEAR} x {s(long_run)} = {s(yearly)} a year"
	if n.promised > 0:
		beyond = f"ask for {s(n.excess)} more than that" if n.excess > 0 else "are part of it"
		text += f"; open customer orders for {s(n.promised)} in that time {beyond}"
	return _capital(text)


def _lead_time(case: Case) -> str:
	o, review = case.offer, case.policy.review_days
	return (
		f"Mean {s(o.lead_days)} days, standard deviation {s(o.lead_std)} ({o.lead_note}); protection period "
		f"{s(o.lead_days)} + {review} days between reviews = {s(case.needs.period)} days"
	)


def _safety_stock(case: Case) -> str:
	n = case.needs
	if not case.has_demand:
		return "None: open orders are certain, and no further demand is forecast"
	return (
		f"z x sqrt(period x forecast error^2 + daily demand^2 x lead time deviation^2) = {s(n.z)} x sqrt({s(n.period)} x "
		f"{s(n.error_std)}^2 + {s(n.daily)}^2 x {s(case.offer.lead_std)}^2) = {s(n.safety_stock)}; z {s(n.z)} is for a "
		f"service level of {s(f.exact(case.policy.service_level * 100))} %"
	)


def _reorder_point(n: Needs) -> str:
	total = f.exact(n.demand + n.safety_stock)
	sums = f"{s(n.demand)} forecast for {s(n.period)} days + {s(n.safety_stock)} safety stock"
	nearest = f" = {s(total)}, to the nearest whole number" if n.reorder_point != total else ""
	return f"reorder point {s(n.reorder_point)} ({sums}{nearest})"


def _position(n: Needs) -> str:
	owed = f" - {s(n.owed)} overdue to customers" if n.owed else ""
	beyond = f" - {s(n.excess)} promised beyond the forecast" if n.excess else ""
	return f"position {s(n.position)} ({_supply(n)}{owed}{beyond})"


def _below(case: Case) -> str:
	"""A one-off order may be due by the regular supplier's reorder point only: that supplier takes longer."""
	n, regular = case.needs, case.regular
	if n.gap > 0:
		return f"{_position(n)}, {s(n.gap)} below the reorder point"
	slow = f"{_position(regular.needs)} is {s(regular.needs.gap)} below the {_reorder_point(regular.needs)}"
	return f"{_position(n)}, not below the reorder point; with {regular.offer.supplier}, {slow}"


def _supply(n: Needs) -> str:
	return f"{s(n.on_hand)} on hand" + (f" + {s(n.inbound)} due in" if n.inbound else "")


def _one_off(case: Case) -> str:
	regular, offer, rush = case.regular.offer, case.offer, case.choice.rush
	return (
		f"{regular.supplier} takes {s(regular.lead_days)} days, {offer.supplier} {s(offer.lead_days)}; {rush.text}; "
		f"saves {rush.saving:.2f}; {regular.supplier} stays the regular supplier"
	)


def _dates(case: Case) -> str:
	under = (
		"is used up"
		if case.needs.safety_stock == 0
		else f"is under the safety stock of {s(case.needs.safety_stock)}"
	)
	text = f"Projected stock {under} from {case.need_by} on; less {_days(case.delivery_days)} of lead time: order by {case.order_by}"
	return text + (f", {_days(case.days_late)} late" if case.days_late else "")


def _source(case: Case) -> str:
	offer = case.offer
	price = f"{s(case.quantity.qty)} x {s(offer.unit_cost)} = {case.cost:.2f} in company currency"
	if offer.action == "make":
		return f"Made here, at the valuation rate: {price}"
	if not offer.supplier:
		return f"{_capital(offer.note)}; at the valuation rate: {price}"
	if offer.rate != 1:
		price = f"{s(offer.price)} {offer.currency} x {s(offer.rate)} = {s(offer.unit_cost)}; {price}"
	return f"{offer.supplier}{_rank(case)}: {price}; {case.option.cost_text}"


def _rank(case: Case) -> str:
	if case.choice.rush:
		return f", for this order only: the regular supplier stays {case.regular.offer.supplier}"
	others = case.choice.others
	if not others:
		return ", the only one" + (" that can be compared" if case.left_out else "")
	ranked = "the cheapest in all" + (" and the default supplier" if case.offer.is_default else "")
	faster = [o for o in others if o.offer.lead_days < case.offer.lead_days]
	if case.days_late and faster:
		best = min(faster, key=lambda o: (o.offer.lead_days, o.total_cost))
		ranked += f" (the order is late: {best.offer.supplier} delivers in {s(best.offer.lead_days)} days)"
	return f", {ranked}"


def _risk(case: Case) -> str:
	moment = case.needs.tightest
	until = f"Until an order placed today arrives ({s(moment.days)} days)"
	if moment.days < case.offer.lead_days:
		eve = case.as_of + timedelta(days=int(moment.days) - 1)
		until = f"Until {eve}, the day before a delivery ({s(moment.days)} days)"
	return (
		f"{until}: demand {s(moment.demand)}, standard deviation {s(moment.std)}; available {s(moment.supply)}; "
		f"chance of running out {s(f.exact(moment.risk * 100))} %"
	)


def _open_order_hints(case: Case) -> list[dict]:
	hints = []
	if case.late_inbound:
		first = case.late_inbound[0]
		more = len(case.late_inbound) - 1
		also = f" (and {more} more)" if more else ""
		text = (
			f"{first.voucher} for {s(f.exact(first.qty))} was due on {first.due.date()}{also} and is counted as arriving "
			"today: confirm the date."
		)
		hints.append(_reason("Late inbound", text, first.voucher))
	order = case.to_expedite
	if order:
		text = (
			f"Stock runs out on {case.stockout_on}, {order.voucher} for {s(f.exact(order.qty))} is due on "
			f"{order.due.date()}: {_bring_forward(order)}."
		)
		hints.append(_reason("Expedite", text, order.voucher))
	return hints


def _bring_forward(order: OpenOrder) -> str:
	if order.kind == "PO":
		return f"ask supplier to bring {order.voucher} forward"
	return f"order {order.voucher} now" if order.kind == "MR" else f"finish {order.voucher} earlier"


def _days(count: int) -> str:
	return "1 day" if count == 1 else f"{count} days"


def _capital(text: str) -> str:
	return text[:1].upper() + text[1:]
