"""What a planner types, and what is refused."""

from __future__ import annotations

import re
from datetime import date

import pytest

from sentia_ops.errors import SentiaError
from sentia_ops.scenarios.engine.changes import Change, Names, Refused
from sentia_ops.scenarios.flow import check_changes, refusal
from sentia_ops.scenarios.grammar import EXAMPLES, READERS, parse

NAMES = Names(
	items=frozenset(["KETTLE", "MUG", "Both in One"]),
	warehouses=frozenset(["UK Shed", "EU Shed"]),
	markets=frozenset(["UK", "EU"]),
	suppliers=frozenset(["ACME", "Vega Casa S.p.A.", "Table", "Ten 10"]),
	groups={"Kitchen": frozenset(["Kitchen", "Pots"]), "Table": frozenset(["Table"])},
)


@pytest.mark.parametrize(
	("text", "change"),
	[
		("demand kitchen x1.2", Change("demand", 1.2, item_group="Kitchen")),
		("Demand of Kitchen +20%", Change("demand", 1.2, item_group="Kitchen")),
		("demand all -10 %", Change("demand", 0.9)),
		("demand x 2", Change("demand", 2.0)),
		("demand KETTLE in EU Shed x0,5", Change("demand", 0.5, item_code="KETTLE", warehouse="EU Shed")),
		("demand Both in One in EU x2", Change("demand", 2, item_code="Both in One", market="EU")),
		(
			"demand UK x1.5 from 2026-12-01 to 2026-12-31",
			Change("demand", 1.5, market="UK", first=date(2026, 12, 1), last=date(2026, 12, 31)),
		),
		("demand UK x1.5 until 2026-12-31", Change("demand", 1.5, market="UK", last=date(2026, 12, 31))),
		("late Vega Casa S.p.A. 5", Change("late", 5, supplier="Vega Casa S.p.A.")),
		("late Ten 10 by 3 days", Change("late", 3, supplier="Ten 10")),
		("late acme 5 days for MUG", Change("late", 5, supplier="ACME", item_code="MUG")),
		("price ACME for Kitchen -8%", Change("price", -8, supplier="ACME", item_group="Kitchen")),
		("price all +3.5%", Change("price", 3.5)),
		("price supplier:Table 4%", Change("price", 4, supplier="Table")),
		("service 98%", Change("service", 98)),
		("service ax 99.5", Change("service", 99.5, service_class="AX")),
		("budget 20,000", Change("budget", 20000)),
		("budget 0", Change("budget", 0)),
		("budget -20%", Change("budget cut", 20)),
		("budget none", Change("no budget")),
		("gone ACME", Change("gone", supplier="ACME")),
		("closed EU Shed into UK Shed", Change("closed", warehouse="EU Shed", into="UK Shed")),
		("review 14 days", Change("review", 14)),
		("holding 30%", Change("holding", 30)),
	],
)
def test_understood(text, change):
	assert parse(text, NAMES) == change or str(parse(text, NAMES)) == str(change)
	check_changes([parse(text, NAMES)], NAMES)


@pytest.mark.parametrize(
	("text", "told"),
	[
		("", "does not start with a change"),
		("demandd Kitchen x2", "Did you mean demand?"),
		("demand Kitchn x1.2", "no item, item group, warehouse or market Kitchn in the plan. Did you mean Kitchen?"),
		("demand Kitchen", "cannot be understood. Example: demand Kitchen x1.2"),
		("demand Kitchen x0", "factor of demand must be above 0"),
		("demand Kitchen x-1", "factor of demand must be above 0"),
		("demand Kitchen -100%", "factor of demand must be above 0"),
		("demand Kitchen x2 from 2026-02-30", "2026-02-30 is not a day"),
		("demand Kitchen x2 from 2026-03-02 to 2026-03-01", "lies before the first"),
		("late 5", "cannot be understood"),
		("late ACME 0", "days late must be above 0"),
		("late ACME -2", "days late must be above 0"),
		("late Nobody 5", "There is no supplier Nobody"),
		("price Table -8%", "write supplier:Table or group:Table"),
		("price ACME -100%", "more than -100"),
		("service 100%", "below 100 percent"),
		("service 40%", "at least 50"),
		("service AQ 95%", "no service class AQ"),
		("budget -5", "cannot be understood"),
		("budget -101%", "0 to 100 percent"),
		("budget ten", "Example: budget 20000"),
		("closed EU Shed into EU Shed", "into itself"),
		("closed Attic", "There is no warehouse Attic"),
		("review 0", "from 1 to 365"),
		("review 1.5", "whole number"),
		("holding 0%", "above 0"),
	],
)  # fmt: skip
def test_refused_with_a_reason(text, told):
	with pytest.raises(SentiaError) as refused:
		try:
			check_changes([parse(text, NAMES)], NAMES)
		except Refused as error:
			raise refusal(error) from error
	assert told in str(refused.value)


@pytest.mark.parametrize(
	("changes", "told"),
	[
		([], "at least one change"),
		([Change("service", 98), Change("service", 99)], "about the same thing"),
		([Change("budget", 5), Change("budget cut", 20)], "about the same thing"),
		([Change("gone", supplier="ACME"), Change("late", 5, supplier="ACME")], "makes no sense"),
		(
			[Change("closed", warehouse="UK Shed", into="EU Shed"), Change("closed", warehouse="EU Shed")],
			"nowhere to go",
		),
		([Change("budget", 5, item_code="MUG")], "cannot be limited to item MUG: only to nothing"),
		([Change("late", 5)], "needs a supplier"),
		([Change("demand")], "needs a number"),
		([Change("demand", float("inf"))], "needs a number"),
		([Change("magic", 5)], "no change 'magic'"),
		([Change("service", 95, first=date(2026, 1, 1))], "Only a change of demand"),
		([Change("review", 7, into="UK Shed")], "Only a closed warehouse"),
	],
)
def test_contradictions_are_refused(changes, told):
	with pytest.raises(SentiaError, match=told):
		check_changes(changes, NAMES)


def test_every_word_has_an_example_that_is_understood():
	assert set(EXAMPLES) == set(READERS)
	for word, text in EXAMPLES.items():
		for example in re.split(", or |, | or ", text):
			example = example.replace("into EU", "into EU Shed").replace("closed UK", "closed UK Shed")
			assert parse(example, NAMES).kind.split()[-1] == word or word == "budget", example
