"""Readers of the classical formats: what they read, and the named reason for each way a file can be broken."""

from __future__ import annotations

import numpy as np
import pytest

from sentia_ops.scheduling.engine.instances import InstanceError, flexible, jobshop, with_setups
from sentia_ops.scheduling.engine.problem import After, Mode

SHOP = "2 3\n0 5 1 7 2 3\n2 4 0 6 1 1\n"
FLEXIBLE = "2 3 1.5\n2 1 1 5 2 2 7 3 8\n1 3 1 4 2 4 3 4\n"
SETUPS = "machine,from_job,to_job,minutes\n0,0,1,9\n0,1,0,2\n2,1,0,4\n"


def test_job_shop():
	problem = jobshop(SHOP)
	assert [(op.job, op.step, op.modes) for op in problem.operations] == [
		(0, 0, (Mode(0, 5),)),
		(0, 1, (Mode(1, 7),)),
		(0, 2, (Mode(2, 3),)),
		(1, 0, (Mode(2, 4),)),
		(1, 1, (Mode(0, 6),)),
		(1, 2, (Mode(1, 1),)),
	]
	assert [op.after for op in problem.operations] == [
		(),
		(After(0),),
		(After(1),),
		(),
		(After(3),),
		(After(4),),
	]
	assert len(problem.jobs) == 2 and len(problem.resources) == 3 and not problem.setups
	assert all(r.capacity == 1 and r.windows is None for r in problem.resources)


def test_flexible_shop_counts_machines_from_one():
	problem = flexible(FLEXIBLE)
	assert [op.modes for op in problem.operations] == [
		(Mode(0, 5),),
		(Mode(1, 7), Mode(2, 8)),
		(Mode(0, 4), Mode(1, 4), Mode(2, 4)),
	]
	assert [(op.job, op.step) for op in problem.operations] == [(0, 0), (0, 1), (1, 0)]


@pytest.mark.parametrize("text", [FLEXIBLE.replace("2 3 1.5", "2 3"), FLEXIBLE.replace("1.5", "2")])
def test_mean_of_alternatives_may_be_whole_or_absent(text):
	assert flexible(text) == flexible(FLEXIBLE)


@pytest.mark.parametrize(
	"text",
	[
		SHOP.replace("\n", "\r\n"),
		SHOP.replace(" ", "\t"),
		"  " + SHOP.replace(" ", "   ").replace("\n", " \n\n"),
		"\ufeff" + SHOP,
		SHOP.rstrip(),
		"# two jobs\n" + SHOP,
	],
	ids=["CRLF", "tabs", "blanks", "byte order mark", "no last line end", "remark"],
)
def test_layout_does_not_matter(text):
	assert jobshop(text) == jobshop(SHOP)


@pytest.mark.parametrize(
	("text", "line", "reason"),
	[
		("", None, "empty"),
		(" \n\n", None, "empty"),
		("2\n", 1, "1 values"),
		("2 3 4\n", 1, "3 values"),
		("two 3\n", 1, "'two' is not a whole number"),
		("0 3\n", 1, "0 is not from 1"),
		("2 -3\n", 1, "-3 is not from 1"),
		("2 3\n0 5 1 7 2 3\n", None, "2 jobs are announced, and lines for 1"),
		(SHOP + "0 5 1 7 2 3\n", 4, "more follows"),
		(SHOP + "\nthe end\n", 5, "more follows"),
		(SHOP.replace("2 4 0 6 1 1", "2 4 0 6 1"), 3, "5 numbers instead of 6"),
		(SHOP.replace("2 4 0 6 1 1", "2 4 0 6"), 3, "4 numbers instead of 6"),
		(SHOP.replace("2 4 0 6 1 1", "2 4 0 6 1 1 9"), 3, "7 numbers instead of 6"),
		(SHOP.replace("1 7", "1 x"), 2, "minutes: 'x' is not a whole number"),
		(SHOP.replace("1 7", "1 7.5"), 2, "'7.5' is not a whole number"),
		(SHOP.replace("1 7", "1 -7"), 2, "minutes: -7 is not from 0"),
		(SHOP.replace("1 7", "1 nan"), 2, "'nan' is not a whole number"),
		(SHOP.replace("1 7", "1 1_0"), 2, "'1_0' is not a whole number"),
		(SHOP.replace("1 7", "3 7"), 2, "a machine: 3 is not from 0 to 2"),
		(SHOP.replace("1 7", "1 99999999999999999999"), 2, "is not from 0 to"),
	],
)
def test_broken_job_shops_are_named(text, line, reason):
	with pytest.raises(InstanceError) as caught:
		jobshop(text)
	assert caught.value.line == line
	assert reason in caught.value.reason


@pytest.mark.parametrize(
	("text", "line", "reason"),
	[
		(FLEXIBLE.replace("1.5", "many"), 1, "'many' is not a number"),
		(FLEXIBLE.replace("2 3 1.5", "2 3 1.5 4"), 1, "4 values"),
		(FLEXIBLE.replace("2 1 1 5", "3 1 1 5"), 2, "ends where the number of alternatives of operation 3"),
		(FLEXIBLE.replace("2 2 7 3 8", "2 2 7 3"), 2, "ends where minutes"),
		(FLEXIBLE.replace("2 2 7 3 8", "2 2 7 3 8 1"), 2, "1 numbers too many"),
		(FLEXIBLE.replace("2 2 7 3 8", "2 2 7 0 8"), 2, "a machine: 0 is not from 1 to 3"),
		(FLEXIBLE.replace("2 2 7 3 8", "2 2 7 4 8"), 2, "a machine: 4 is not from 1 to 3"),
		(FLEXIBLE.replace("2 2 7 3 8", "2 2 7 2 8"), 2, "operation 2 names a machine twice"),
		(FLEXIBLE.replace("2 2 7 3 8", "2 2 7 3 -8"), 2, "minutes: -8"),
		(FLEXIBLE.replace("1 3 1 4", "1 0 1 4"), 3, "alternatives of operation 1: 0 is not from 1"),
		(FLEXIBLE.replace("1 3 1 4", "0 3 1 4"), 3, "the number of operations: 0"),
	],
)
def test_broken_flexible_shops_are_named(text, line, reason):
	with pytest.raises(InstanceError) as caught:
		flexible(text)
	assert caught.value.line == line
	assert reason in caught.value.reason


def test_setups_are_between_jobs():
	problem = with_setups(jobshop(SHOP), SETUPS)
	assert [op.family for op in problem.operations] == [0, 0, 0, 1, 1, 1]
	assert sorted(problem.setups) == [0, 2]
	np.testing.assert_array_equal(problem.setups[0], [[0, 9], [2, 0]])
	np.testing.assert_array_equal(problem.setups[2], [[0, 0], [4, 0]])
	assert all(r.initial_family is None for r in problem.resources)


def test_columns_of_setups_may_stand_in_any_order():
	turned = "minutes,to_job,from_job,machine\n" + "9,1,0,0\n2,0,1,0\n4,0,1,2\n"
	one, other = with_setups(jobshop(SHOP), turned), with_setups(jobshop(SHOP), SETUPS)
	assert all((one.setups[m] == other.setups[m]).all() for m in (0, 2))


@pytest.mark.parametrize(
	("text", "line", "reason"),
	[
		("", None, "empty"),
		(SETUPS.splitlines()[0], None, "no rows"),
		(SETUPS.replace("minutes", "hours"), 1, "the columns are machine, from_job, to_job, hours"),
		(SETUPS.replace("0,1,0,2", "0,1,0"), 3, "3 values instead of 4"),
		(SETUPS.replace("0,1,0,2", "0,1,0,-2"), 3, "minutes: -2"),
		(SETUPS.replace("0,1,0,2", "0,1,0,x"), 3, "minutes: 'x'"),
		(SETUPS.replace("0,1,0,2", "3,1,0,2"), 3, "machine: 3 is not from 0 to 2"),
		(SETUPS.replace("0,1,0,2", "0,2,0,2"), 3, "from_job: 2 is not from 0 to 1"),
		(SETUPS.replace("0,1,0,2", "0,0,1,2"), 3, "named twice"),
	],
)
def test_broken_setups_are_named(text, line, reason):
	with pytest.raises(InstanceError) as caught:
		with_setups(jobshop(SHOP), text)
	assert caught.value.line == line
	assert reason in caught.value.reason
