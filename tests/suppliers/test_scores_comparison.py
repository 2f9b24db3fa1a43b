"""The suppliers of one item side by side, and the flow and command that show it."""

from __future__ import annotations

import pandas as pd
import pytest

from sentia_ops.suppliers.scoring import comparison
from sentia_ops.suppliers.scoring.comparison import Question

RATES = {"GBP": 1.0, "EUR": 0.8}


def offer(supplier, price, currency="GBP", **more):
	return {"supplier": supplier, "price": price, "currency": currency, "min_order_qty": 0.0, "pack_size": 0.0,
		"price_breaks": "[]"} | more  # fmt: skip


def lead(supplier, p50=10.0, p95=14.0):
	return {"supplier": supplier, "p50_days": p50, "p95_days": p95, "basis": "item"}


def compare(offers, leads=None, *, qty=100.0, daily=10.0, orders=(), scores=(), terms=(), held=0.365):
	def table(rows, columns):
		return pd.DataFrame(list(rows), columns=columns if not rows else None)

	leads = [lead(o["supplier"]) for o in offers] if leads is None else leads
	return comparison.compare(
		Question("A", qty, daily, 20.0, held),
		offers=table(offers, ["supplier"]), receipts=table(orders, ["supplier", "order_line", "ordered_on", "qty_ordered", "rate"]),
		lead_times=table(leads, ["supplier"]), performance=table(scores, ["supplier"]), terms=table(terms, ["supplier"]), rates=RATES,
	)  # fmt: skip


def test_landed_cost_by_hand():
	(found,) = compare([offer("Euro", 5.0, "EUR")])
	# 100 x 4 = 400; 400 x 0.365 x 10 / 365 = 4; lasts 10 days: 400 x 0.365 x 10 / 365 / 2 = 2; buffer 40 x 4 x 0.365 x 10 / 365
	assert found.parts == pytest.approx(
		{"goods": 400, "ordering": 20, "transit": 4, "stock": 2, "buffer": 1.6}
	)
	assert found.total == pytest.approx(427.6) and found.cost_each == pytest.approx(4.276)
	assert found.text == (
		"100 x 4.0000 = 400.00 goods + 20.00 to order + 400.00 x 0.365 x 10.0 / 365 = 4.00 in transit + "
		"400.00 x 0.365 x 10.0 / 365 / 2 = 2.00 in stock (100 last 10.0 days at 10 a day) + "
		"10 x 4.0 x 4.0000 x 0.365 x 10.0 / 365 = 1.60 for a buffer of 4.0 days = 427.60, / 100 = 4.2760 each"
	)
	assert found.wins and found.why == "the only one that can be ordered from"


def test_the_cheaper_price_loses_where_its_minimum_or_its_lateness_costs_more():
	near, far = compare([offer("Far", 3.95), offer("Near", 4.0)], [lead("Far", 60, 120), lead("Near", 2, 3)])
	assert (near.supplier, far.supplier) == ("Near", "Far") and near.wins
	assert "most of it the buffer against late deliveries" in far.why
	found = compare([offer("Bulk", 3.9, min_order_qty=3000.0), offer("Near", 4.0)])
	assert found[0].supplier == "Near" and "the larger order lying in stock" in found[1].why


def test_packs_minimum_and_price_breaks():
	(found,) = compare(
		[
			offer(
				"Acme",
				5.0,
				pack_size=12.0,
				min_order_qty=90.0,
				price_breaks='[{"qty": 100, "price": 4.5}, {"qty": 500, "price": 4}]',
			)
		]
	)
	assert found.order_qty == 108 and found.price == 4.5


def test_without_demand_what_is_not_asked_for_is_lost():
	(found,) = compare([offer("Acme", 1.0, min_order_qty=200.0)], daily=0.0)
	assert found.parts["stock"] == found.parts["buffer"] == 0
	assert found.cost_each == pytest.approx(found.total / 100)


@pytest.mark.parametrize(
	("offers", "leads", "terms", "reason"),
	[
		([offer("Acme", 1.0, "XXX")], None, (), "no exchange rate for XXX"),
		([offer("Acme", float("nan"))], None, (), "no price now"),
		([offer("Acme", 1.0)], [], (), "no lead time yet: run the plan"),
		(
			[offer("Acme", 1.0)],
			None,
			[{"supplier": "Acme", "barred": "disabled", "ordering_cost": None}],
			"disabled",
		),
	],
)
def test_who_cannot_be_ordered_from_is_shown_with_the_reason(offers, leads, terms, reason):
	found = compare([*offers, offer("Other", 9.0)], None if leads is None else [lead("Other")], terms=terms)
	by_name = {c.supplier: c for c in found}
	assert by_name["Other"].wins and not by_name["Acme"].wins
	assert by_name["Acme"].why == f"cannot be ordered from: {reason}"
	assert len({len(comparison.facts(c)) for c in found}) == 1


def test_last_orders_newest_first_and_an_own_ordering_cost():
	orders = [
		{"supplier": "Acme", "order_line": f"L{i}", "ordered_on": pd.Timestamp("2026-01-01") + pd.Timedelta(days=i), "qty_ordered": 5.0, "rate": 1.0 + i}
		for i in range(7)
	]  # fmt: skip
	(found,) = compare(
		[offer("Acme", 1.0)], orders=orders, terms=[{"supplier": "Acme", "barred": "", "ordering_cost": 3.0}]
	)
	assert [o["rate"] for o in found.orders] == [7, 6, 5, 4, 3] and found.parts["ordering"] == 3
	(gone,) = compare([], [], orders=orders)
	assert gone.out == "no price now" and gone.total is None


def test_a_senseless_quantity_is_refused():
	with pytest.raises(ValueError, match="above 0, not 0"):
		compare([offer("Acme", 1.0)], qty=0.0)
