"""The decision chain: history -> forecast -> lead times -> recommendations -> production schedule, as one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sentia_ops.errors import SentiaError
from sentia_ops.forecasting import flow as forecasting
from sentia_ops.forecasting.engine import ForecastSettings
from sentia_ops.forecasting.engine.executors import Executor
from sentia_ops.replenishment import flow as replenishment
from sentia_ops.replenishment.engine import Policy
from sentia_ops.scheduling import flow as scheduling
from sentia_ops.scheduling.engine.settings import ScheduleSettings
from sentia_ops.store import Progress, Run, Store
from sentia_ops.suppliers import flow as suppliers
from sentia_ops.suppliers import scores as supplier_scores

STEPS = ("forecasting", "suppliers", "buying", "scheduling")
SHARES = {  # of the time, measured on the demo lake
	"forecasting": 0.8,
	"suppliers": 0.05,
	"buying": 0.15,
	"scheduling": 0.12,
}


@dataclass(frozen=True)
class PlanSettings:
	"""What a planner may set; the same on a lake (command line) and on a site (Sentia Settings)."""

	forecast: ForecastSettings = field(default_factory=ForecastSettings)
	policy: Policy = field(default_factory=Policy)
	schedule: ScheduleSettings = field(default_factory=ScheduleSettings)


def plan(
	store: Store,
	settings: PlanSettings | None = None,
	*,
	as_of: date | None = None,
	only: Sequence[str] = STEPS,
	trigger: str = "manual",
	progress: Progress | None = None,
	executor: Executor | None = None,
	now: datetime | None = None,
) -> Run:
	"""Run the chain, or the steps in `only`, as one all-or-nothing run.

	Args:
	    as_of: the first day to plan for; history before it is used. Default: `store.today()`.
	    executor: where series are forecast; default: as `settings` say.
	    now: local time from which on the plant is scheduled; default: the beginning of `as_of`.

	Raises:
	    NoDataError: there is no sales history.
	    BusyError: another run is under way.
	"""
	unknown = [step for step in only if step not in STEPS]
	if unknown or not only:
		raise SentiaError(f"Unknown step {', '.join(unknown) or '(none)'}.", f"Steps: {', '.join(STEPS)}.")
	settings = settings or PlanSettings()
	as_of = as_of or store.today()
	steps = [step for step in STEPS if step in only]
	parameters = {"as_of": str(as_of), "only": steps, **asdict(settings)}
	with store.run("plan", parameters=parameters, trigger=trigger, progress=progress) as run:
		total, done = sum(SHARES[step] for step in steps), 0.0
		for step in steps:
			share = SHARES[step] / total
			run.part(done, done + share)
			_run_step(step, store, run, as_of, settings, executor, now)
			done += share
		run.part(0, 1).progress(1.0, "done")
	return run


def _run_step(
	step: str,
	store: Store,
	run: Run,
	as_of: date,
	settings: PlanSettings,
	executor: Executor | None,
	now: datetime | None,
) -> None:
	if step == "forecasting":
		forecasting.forecast(store, run, as_of=as_of, settings=settings.forecast, executor=executor)
	elif step == "suppliers":
		suppliers.lead_times(store, run, as_of=as_of, default_days=settings.policy.default_lead_days)
		supplier_scores.score(store, run, as_of=as_of)
	elif step == "buying":
		replenishment.recommend(store, run, as_of=as_of, policy=settings.policy)
	elif scheduling.has_jobs(store):  # a company that makes nothing hears nothing of schedules
		scheduling.schedule(
			store, run, settings=settings.schedule, now=now or datetime(*as_of.timetuple()[:3])
		)
