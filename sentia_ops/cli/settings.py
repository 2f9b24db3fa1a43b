"""`--set NAME=VALUE`: planning rules from the command line."""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Annotated

import typer

from sentia_ops.chain import PlanSettings
from sentia_ops.cli.naming import closest
from sentia_ops.errors import SentiaError
from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.replenishment.engine import Policy
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.scheduling.objective import parse_objective

SCHEDULE = "schedule_"  # before the names of schedule settings, some of which others have, too
OWNERS = {field.name: owner for owner in (ForecastSettings, Policy) for field in fields(owner)}
OWNERS |= {SCHEDULE + field.name: ScheduleSettings for field in fields(ScheduleSettings)}
READERS = {  # annotations are text under `from __future__ import annotations`
	"int": int,
	"float": float,
	"str": str,
	"bool": lambda text: {"yes": True, "no": False, "1": True, "0": False, "true": True, "false": False}[
		text.lower()
	],
	"float | None": lambda text: None if text.lower() == "none" else float(text),
	"Objective": parse_objective,
	"tuple[str, ...]": lambda text: tuple(name.strip() for name in text.split(",") if name.strip()),
}

Set = Annotated[
	list[str] | None,
	typer.Option(
		"--set",
		metavar="NAME=VALUE",
		help=f"A planning rule, for example service_level=0.98; may be repeated. Names: {', '.join(OWNERS)}.",
	),
]


@contextmanager
def cluster_errors():
	"""A cluster that cannot be used, in words for the user.

	Raises:
	    SentiaError: in place of `NoCluster`.
	"""
	from sentia_ops.forecasting.engine.cluster import NoCluster

	try:
		yield
	except NoCluster as error:
		raise SentiaError(str(error), "Without --engine the work is done on this machine.") from error


def plan_settings(pairs: list[str] | None) -> PlanSettings:
	"""Defaults, with the pairs given put in.

	Raises:
	    SentiaError: an unknown name, text in a number, or a value that makes no sense.
	"""
	chosen = dict(_read(pair) for pair in pairs or [])
	try:
		forecast, policy, schedule = (
			replace(owner(), **{n.removeprefix(before): v for n, v in chosen.items() if OWNERS[n] is owner})
			for owner, before in ((ForecastSettings, ""), (Policy, ""), (ScheduleSettings, SCHEDULE))
		)
		policy.check()
		schedule.check()
	except ValueError as error:
		raise SentiaError(f"--set: {error}", "Correct it and run again.") from error
	_refuse_unknown(forecast.methods)
	return PlanSettings(forecast, policy, schedule)


def _refuse_unknown(methods: tuple[str, ...]) -> None:
	from sentia_ops.forecasting.engine.methods import METHODS
	from sentia_ops.forecasting.engine.methods.boosting import NAME

	for name in methods:
		if name not in METHODS and name != NAME:
			raise SentiaError(
				f"There is no forecasting method {name}.", closest(name, [*METHODS, NAME], "Methods")
			)


def _read(pair: str) -> tuple[str, object]:
	name, _, text = (part.strip() for part in pair.partition("="))
	if name not in OWNERS:
		close = difflib.get_close_matches(name, OWNERS, 1)
		hint = f"Did you mean {close[0]}?" if close else f"Names: {', '.join(OWNERS)}."
		raise SentiaError(f"--set {pair}: there is no rule {name!r}.", hint)
	own = name.removeprefix(SCHEDULE) if OWNERS[name] is ScheduleSettings else name
	kind = next(str(field.type) for field in fields(OWNERS[name]) if field.name == own)
	try:
		return name, READERS[kind](text)
	except ValueError as error:
		if kind == "Objective":
			raise SentiaError(f"--set {pair}: {error}.", "Correct it and run again.") from None
		number = "a whole number" if kind == "int" else "a number"
		raise SentiaError(
			f"--set {pair}: {name} must be {number}, not {text!r}.", "Correct it and run again."
		) from None
