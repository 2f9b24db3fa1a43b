"""Tables of the scheduling room: jobs, workstations, working hours and setups in; the schedule and its reasons out.

Timestamps are the site's local clock, without a zone; the flow turns them into minutes of UTC and back.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from sentia_ops.store.frame import Frame, Schema
from sentia_ops.store.frames import name_field

RESOURCE_KINDS = ["machine", "operator", "tool", "inspector"]
OPERATION_KINDS = ["work", "inspection", "rework", "maintenance"]
OPERATION_STATES = ["pending", "started", "done"]
JOB_STATES = ["pending", "scheduled", "in progress", "completed", "late", "cancelled"]
SCHEDULE_STATES = ["Draft", "Published", "Superseded"]


class Workstations(Schema):
	workstation: str = name_field()  # or a group of people, a tool, an inspector: whatever has a capacity
	kind: str = pa.Field(isin=RESOURCE_KINDS, default="machine")
	workstation_type: str = pa.Field(default="")
	capacity: int = pa.Field(ge=1, default=1)  # operations, people or pieces of equipment at once
	batch: bool = pa.Field(default=False)  # operations of one batch key run together, up to the capacity
	hourly_cost: float = pa.Field(ge=0, default=0.0)  # company currency
	initial_family: str = pa.Field(default="")  # setup family it stands in now; empty: not known
	always_open: bool = pa.Field(default=False)  # has no shifts because it needs none


class Shifts(Schema):
	workstation: str = name_field()
	weekday: int = pa.Field(ge=0, le=6)  # Monday is 0
	from_time: str = pa.Field(str_matches=r"^([01]\d|2[0-3]):[0-5]\d$")
	to_time: str = pa.Field(str_matches=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")  # <= from_time: the next day


class CalendarExceptions(Schema):
	workstation: str = name_field()
	starts_at: pd.Timestamp
	ends_at: pd.Timestamp
	open: bool = pa.Field(default=False)  # True: overtime; False: closed
	reason: str = pa.Field(default="")  # holiday, breakdown, maintenance ..., shown to people


class Jobs(Schema):
	job: str = name_field()
	item_code: str = pa.Field(default="")
	qty: float = pa.Field(default=1.0)  # not checked here: a bad one is that job's reason, not the table's
	priority: int = pa.Field(ge=1, le=5, default=3)  # 1 is the most urgent
	release_at: pd.Timestamp = pa.Field(nullable=True)  # not before; empty: now
	due_at: pd.Timestamp = pa.Field(nullable=True)  # empty: never late
	status: str = pa.Field(isin=JOB_STATES, default="pending")
	work_order: str = pa.Field(default="")
	sales_order: str = pa.Field(default="")
	customer: str = pa.Field(default="")
	warehouse: str = pa.Field(default="")  # materials are taken from it
	material_at: pd.Timestamp = pa.Field(nullable=True)  # the last material is there
	material: str = pa.Field(default="")  # which item that is, and which voucher brings it
	material_missing: bool = pa.Field(default=False)  # nothing on order will bring it


class JobMaterials(Schema):
	job: str = name_field()
	item_code: str = name_field()
	qty: float = pa.Field(gt=0)  # stock UOM, still to be taken
	warehouse: str = pa.Field(default="")
	step: int = pa.Field(ge=0, nullable=True)  # the step that needs it; empty: the first
	ready_at: pd.Timestamp = pa.Field(
		nullable=True
	)  # all of it is there; the flow fills it in; empty: is there, or missing
	source: str = pa.Field(default="")  # what brings it, in words; the flow fills it in
	missing: bool = pa.Field(default=False)  # nothing on order will bring it; the flow fills it in


class Operations(Schema):
	job: str = name_field()
	step: int = pa.Field(ge=0)
	operation: str = pa.Field(default="")
	after: str = pa.Field(default="")  # JSON list of steps; empty: the step before; "[]": none
	min_wait: int = pa.Field(ge=0, default=0)  # minutes of the clock after those (cooling)
	max_wait: int = pa.Field(ge=0, nullable=True)  # empty: any
	family: str = pa.Field(default="")  # setup family; empty: none needed
	batch_key: str = pa.Field(default="")
	splittable: bool = pa.Field(default=False)  # may pause over a break or a night
	kind: str = pa.Field(isin=OPERATION_KINDS, default="work")
	rework_share: float = pa.Field(
		ge=0, lt=1, default=0.0
	)  # of an inspection: share sent back to the step before
	status: str = pa.Field(isin=OPERATION_STATES, default="pending")
	fixed_workstation: str = pa.Field(default="")  # started, frozen or pinned
	fixed_start: pd.Timestamp = pa.Field(nullable=True)
	fixed_end: pd.Timestamp = pa.Field(nullable=True)
	fixed_why: str = pa.Field(isin=["", "started", "frozen", "pinned"], default="")
	job_card: str = pa.Field(default="")


class OperationModes(Schema):
	job: str = name_field()
	step: int = pa.Field(ge=0)
	workstation: str = name_field()
	minutes: float = pa.Field(default=0.0)  # for the whole quantity; not checked here, see Jobs.qty
	units: int = pa.Field(ge=1, default=1)  # of the workstation's capacity
	needs: str = pa.Field(default="")  # JSON {workstation (operators, tool ...): units}; empty: none


class Setups(Schema):
	workstation: str = pa.Field(default="")  # empty: every one that has no row of its own for the pair
	from_family: str = pa.Field(default="")  # empty: from any other
	to_family: str = name_field()
	minutes: int = pa.Field(ge=0)


class Maintenance(Schema):
	maintenance: str = name_field()
	workstation: str = name_field()
	minutes: int = pa.Field(gt=0)
	earliest: pd.Timestamp
	latest: pd.Timestamp = pa.Field(nullable=True)  # done by then; the solver places it; empty: whenever
	starts_at: pd.Timestamp = pa.Field(nullable=True)  # given: fixed there
	risk: float = pa.Field(ge=0, default=1.0)  # what a minute after `latest` counts, as a job's weight
	reason: str = pa.Field(default="")


class Routings(Schema):
	"""How an item is made, for orders that are no job yet: promise dates, rush orders. One row per step and workstation."""

	item_code: str = name_field()
	step: int = pa.Field(ge=0)
	workstation: str = name_field()
	operation: str = pa.Field(default="")
	minutes_fixed: float = pa.Field(ge=0, default=0.0)  # once per order
	minutes_per_unit: float = pa.Field(ge=0, default=0.0)
	units: int = pa.Field(ge=1, default=1)
	needs: str = pa.Field(default="")  # these as in OperationModes and Operations
	after: str = pa.Field(default="")
	min_wait: int = pa.Field(ge=0, default=0)
	max_wait: int = pa.Field(ge=0, nullable=True)
	family: str = pa.Field(default="")
	batch_key: str = pa.Field(default="")
	splittable: bool = pa.Field(default=False)
	kind: str = pa.Field(isin=OPERATION_KINDS, default="work")
	rework_share: float = pa.Field(ge=0, lt=1, default=0.0)


class RoutingMaterials(Schema):
	item_code: str = name_field()
	material: str = name_field()
	qty: float = pa.Field(gt=0)  # of the material, stock UOM, in one unit of the item
	warehouse: str = pa.Field(default="")  # taken from there; empty: anywhere
	step: int = pa.Field(ge=0, nullable=True)


class Schedules(Schema):
	schedule: str = name_field()
	status: str = pa.Field(isin=SCHEDULE_STATES, default="Draft")
	made_at: pd.Timestamp
	from_at: pd.Timestamp  # nothing is planned before
	until_at: pd.Timestamp  # end of the horizon
	objective: str = pa.Field(default="")
	solver_status: str = pa.Field(isin=["optimal", "feasible", "empty"])
	value: float = pa.Field(ge=0)
	bound: float = pa.Field(ge=0)
	gap: float = pa.Field(ge=0, le=1)
	seconds: float = pa.Field(ge=0)
	jobs: int = pa.Field(ge=0)
	operations: int = pa.Field(ge=0)
	late_jobs: int = pa.Field(ge=0)
	unplaced: int = pa.Field(ge=0)
	makespan: float = pa.Field(ge=0)  # hours from from_at
	tardiness: float = pa.Field(ge=0)  # hours, summed over jobs
	weighted_tardiness: float = pa.Field(ge=0)  # hours x weight
	setup_hours: float = pa.Field(ge=0)
	utilisation: float = pa.Field(
		ge=0, le=1, nullable=True
	)  # busy of open time until the last end; empty: none open
	moved: int = pa.Field(ge=0, default=0)  # operations elsewhere than in the published schedule
	history: str = pa.Field(default="[]")  # JSON [[seconds, value, who]]
	summary: str = pa.Field(default="")
	run: str = pa.Field(default="")


class ScheduledOperations(Schema):
	schedule: str = name_field()
	job: str = name_field()
	step: int = pa.Field(ge=0)
	operation: str = pa.Field(default="")
	kind: str = pa.Field(isin=OPERATION_KINDS, default="work")
	item_code: str = pa.Field(default="")
	workstation: str = name_field()
	starts_at: pd.Timestamp
	ends_at: pd.Timestamp
	minutes: int = pa.Field(ge=0)  # of work
	setup_from: pd.Timestamp = pa.Field(nullable=True)  # setup ends when the operation starts; empty: none
	setup_minutes: int = pa.Field(ge=0, default=0)
	family: str = pa.Field(default="")
	needs: str = pa.Field(default="")
	fixed_why: str = pa.Field(isin=["", "started", "frozen", "pinned"], default="")
	moved_minutes: int = pa.Field(
		nullable=True
	)  # later (+) or earlier (-) than published; empty: not published
	moved_from: str = pa.Field(default="")  # the workstation it was published on, where it is another
	critical: bool = pa.Field(
		default=False
	)  # later, and a late job (or, if none is, the last one) ends later
	why: str = pa.Field(default="")  # what it waits for, in one sentence
	job_card: str = pa.Field(default="")
	run: str = pa.Field(default="")


class ScheduledJobs(Schema):
	schedule: str = name_field()
	job: str = name_field()
	item_code: str = pa.Field(default="")
	starts_at: pd.Timestamp
	ends_at: pd.Timestamp
	due_at: pd.Timestamp = pa.Field(nullable=True)
	tardiness: float = pa.Field(ge=0)  # hours
	late: bool
	priority: int = pa.Field(ge=1, le=5, default=3)
	summary: str = pa.Field(default="")  # one sentence: when, and if late, why
	chain: str = pa.Field(
		default="[]"
	)  # JSON [{"kind", "text", "from", "until", "hours", "job", "step", "workstation"}]
	remedies: str = pa.Field(
		default="[]"
	)  # JSON [{"text", "hours"}]: what would bring it forward, and by how much
	work_order: str = pa.Field(default="")
	run: str = pa.Field(default="")


class UnplacedOperations(Schema):
	schedule: str = name_field()
	job: str = name_field()
	step: int = pa.Field(ge=-1)  # -1: the whole job
	code: str = name_field()
	text: str = pa.Field(default="")  # what, where, what to do next
	run: str = pa.Field(default="")


class StationLoads(Schema):
	schedule: str = name_field()
	workstation: str = name_field()
	week: pd.Timestamp  # its Monday
	open_hours: float = pa.Field(ge=0)  # x capacity
	work_hours: float = pa.Field(ge=0)
	setup_hours: float = pa.Field(ge=0)
	maintenance_hours: float = pa.Field(ge=0)
	run: str = pa.Field(default="")


STATION = {"workstation": "workstations.workstation"}

WORKSTATIONS = Frame("workstations", Workstations, key=("workstation",))
SHIFTS = Frame("shifts", Shifts, key=("workstation", "weekday", "from_time", "to_time"), refers=STATION)
CALENDAR_EXCEPTIONS = Frame(
	"calendar_exceptions",
	CalendarExceptions,
	key=("workstation", "starts_at", "ends_at", "open"),
	refers=STATION,
)
JOBS = Frame("jobs", Jobs, key=("job",))
# No references to jobs: those change every day, and their tables come in one by one; rows of other jobs are said.
JOB_MATERIALS = Frame("job_materials", JobMaterials, key=("job", "item_code", "warehouse"))
OPERATIONS = Frame("operations", Operations, key=("job", "step"))
OPERATION_MODES = Frame("operation_modes", OperationModes, key=("job", "step", "workstation"))
SETUPS = Frame("setups", Setups, key=("workstation", "from_family", "to_family"))
MAINTENANCE = Frame("maintenance", Maintenance, key=("maintenance",), refers=STATION)
ROUTINGS = Frame("routings", Routings, key=("item_code", "step", "workstation"))
ROUTING_MATERIALS = Frame("routing_materials", RoutingMaterials, key=("item_code", "material", "warehouse"))
SCHEDULES = Frame("schedules", Schedules, key=("schedule",))
SCHEDULED_OPERATIONS = Frame("scheduled_operations", ScheduledOperations, key=("schedule", "job", "step"))
SCHEDULED_JOBS = Frame("scheduled_jobs", ScheduledJobs, key=("schedule", "job"))
UNPLACED_OPERATIONS = Frame("unplaced_operations", UnplacedOperations, key=("schedule", "job", "step"))
STATION_LOADS = Frame("station_loads", StationLoads, key=("schedule", "workstation", "week"))
