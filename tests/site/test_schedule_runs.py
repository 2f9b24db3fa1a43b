"""Schedules made on a site from real documents, checked by the independent verifier; by the job queue and over HTTP."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import frappe
import pandas as pd
import pytest
from factories import make_item, make_sales_order, make_warehouse, unique
from frappe.utils import add_to_date, now_datetime
from frappe.utils.background_jobs import get_queue, get_redis_conn
from jobqueue import own_queue, work  # noqa: F401 - a fixture
from serving import Person, serving
from test_api import bad, good
from workshop import (
	cards_of,
	in_days,
	make_bom,
	make_operation,
	make_type,
	make_work_order,
	make_workstation,
	start_card,
	sweep,
)

from sentia_ops.permissions import MANAGER, OPERATOR, VIEWER
from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling.site_jobs import job_of, make_job
from sentia_ops.sentia_ops.doctype.production_schedule import replanning
from sentia_ops.sentia_ops.doctype.production_schedule.publishing import publish, revert
from sentia_ops.sentia_ops.doctype.production_schedule.running import run_schedule
from sentia_ops.store.site import SiteStore

sys.path.insert(0, str(Path(__file__).parents[1] / "scheduling"))
from verifier_tables import wrong_in_tables

JOB, SCHEDULE = "Production Job", "Production Schedule"
TABLES = (f.WORKSTATIONS, f.SHIFTS, f.CALENDAR_EXCEPTIONS, f.JOBS, f.JOB_MATERIALS, f.OPERATIONS, f.OPERATION_MODES, f.SETUPS, f.MAINTENANCE)  # fmt: skip
QUICK = {"schedule_time_limit": 1, "schedule_workers": 1, "schedule_horizon_days": 60, "replan": 1}


class Floor:
	"""A saw, two presses of a type that need a setter, an inspector; five orders; and whatever can be wrong with one."""

	def __init__(self):
		kind = make_type()
		self.saw, self.crew = (
			make_workstation(unique("Saw")),
			make_workstation(unique("Crew"), sentia_kind="operator"),
		)
		self.presses = [make_workstation(unique("Press"), workstation_type=kind) for _ in range(2)]
		self.inspector = make_workstation(unique("Lab"), sentia_kind="inspector")
		self.sawing, self.pressing = make_operation(unique("Sawing")), make_operation()
		frappe.get_doc({"doctype": "Setup Time", "to_family": "red", "minutes": 20}).insert()
		frappe.get_doc({"doctype": "Setup Time", "to_family": "blue", "minutes": 30}).insert()
		self.shed = make_warehouse()
		self.kind = kind
		self.orders = [self.order(family, days) for family, days in (("red", 2), ("blue", 2), ("red", 1), ("blue", 9), ("red", 9))]  # fmt: skip

	def order(self, family: str = "red", days: int = 5, qty: int = 10, material=None):
		press = {"operation": self.pressing.name, "workstation_type": self.kind, "time_in_mins": 12}
		press |= {
			"sentia_family": family,
			"sentia_operators": self.crew.name,
			"sentia_inspector": self.inspector.name,
		}
		press |= {"sentia_inspection_minutes": 10, "sentia_rework_share": 10, "sentia_min_wait": 30}
		saw = {
			"operation": self.sawing.name,
			"workstation": self.saw.name,
			"time_in_mins": 30,
			"sentia_splittable": 1,
		}
		none = make_item(unique("Tape"), is_stock_item=0)
		bom = make_bom(make_item(unique("Panel")), [saw, press], [(material or none, 1, self.shed.name)])
		return make_work_order(
			bom, qty, expected_delivery_date=in_days(days), source_warehouse=self.shed.name
		)

	def by_hand(self, rows: list[dict], **values) -> str:
		doc = frappe.get_doc(
			{"doctype": JOB, "item_code": self.orders[0].production_item, "operations": rows, **values}
		)
		return doc.insert().name


def set_up(**values) -> None:
	for field, value in (QUICK | values).items():
		frappe.db.set_single_value("Sentia Settings", field, value)
	frappe.db.commit()
	frappe.clear_document_cache("Sentia Settings", "Sentia Settings")


@pytest.fixture(scope="module")
def floor(site):
	frappe.set_user("Administrator")
	since = add_to_date(now_datetime(), seconds=-1)
	before = {field: frappe.db.get_single_value("Sentia Settings", field) for field in QUICK}
	frappe.db.sql("update `tabProduction Job` set closed = 1, status = 'cancelled'")
	set_up()
	made = Floor()
	frappe.db.commit()
	yield made
	frappe.db.rollback()
	set_up(**before)
	sweep(since)


@pytest.fixture(autouse=True)
def no_schedules(own_queue, floor):  # noqa: F811
	"""No schedule and nothing queued from another test."""
	_forget()
	yield
	_forget()


def _forget() -> None:
	frappe.db.rollback()
	get_redis_conn().flushdb()
	for doctype in (
		SCHEDULE,
		"Scheduled Operation",
		"Production Schedule Job",
		"Unplaced Operation",
		"Station Load",
		"Planning Run",
	):
		frappe.db.delete(doctype)
	frappe.db.sql("update `tabProduction Job` set schedule = null where schedule is not null")
	frappe.db.commit()


def operations(name: str) -> pd.DataFrame:
	return SiteStore().read(f.SCHEDULED_OPERATIONS, schedule=name)


def asked() -> dict[str, pd.DataFrame]:
	store = SiteStore()
	return {frame.name: store.read(frame) for frame in TABLES}


def wrong(name: str) -> list[str]:
	return wrong_in_tables(asked(), operations(name), frappe.utils.get_system_timezone())


def test_a_schedule_of_real_work_orders_keeps_every_rule(floor):
	name = run_schedule("test", reason="the first one")
	doc = frappe.get_doc(SCHEDULE, name)
	assert (doc.status, doc.unplaced) == ("Draft", 0) and doc.jobs == len(floor.orders)
	assert (
		"the first one" in doc.summary
		and frappe.db.get_value("Planning Run", doc.run, "status") == "Completed"
	)
	rows = operations(name)
	assert len(rows) == 4 * len(floor.orders), "saw, press, inspection and expected rework of each"
	assert wrong(name) == []
	assert rows["why"].ne("").all(), "every operation says what it waits for"
	on_presses = rows[rows["family"].isin(["red", "blue"])]
	assert set(on_presses["workstation"]) <= {press.name for press in floor.presses}
	assert (on_presses["setup_minutes"] > 0).any()


def test_published_and_planned_again_little_moves(floor):
	first = run_schedule("test")
	publish(first)
	frappe.db.commit()
	second = run_schedule("test")
	assert wrong(second) == []
	moved = frappe.get_doc(SCHEDULE, second).moved
	assert moved == 0, "nothing has happened, so nothing moves"
	revert(first)
	frappe.db.commit()


def test_what_has_begun_stays_where_it_is(floor):
	order = floor.order(days=3)
	card = cards_of(order)[0]
	start_card(card, 15)
	frappe.db.commit()
	try:
		name = run_schedule("test")
		rows = operations(name)
		mine = rows[rows["job_card"] == card.name].iloc[0]
		assert (mine["fixed_why"], mine["workstation"]) == ("started", floor.saw.name)
		assert abs((mine["starts_at"] - pd.Timestamp(card.time_logs[0].from_time)).total_seconds()) <= 60
		assert publish(name)["left_alone"] == "Left alone: 1 Job Cards started."
	finally:
		frappe.db.rollback()
		frappe.db.set_value(JOB, job_of(order.name), {"closed": 1, "status": "cancelled"})
		frappe.db.commit()


def test_bad_input_is_named_and_everything_else_is_scheduled(floor):
	saw, closed = floor.saw.name, make_workstation(hours=()).name
	bare = make_bom_without_operations(floor)
	overlapping = overlapping_shifts()
	wanted = {
		bare: "no operations",
		floor.by_hand([{"minutes": 10}]): "no workstation",
		floor.by_hand([{"workstation": saw, "minutes": 0}]): "no time",
		floor.by_hand([{"workstation": saw, "minutes": 30}], qty=0): "no quantity",
		floor.by_hand([{"workstation": closed, "minutes": 30}]): "no working hours",
		floor.by_hand([{"workstation": saw, "minutes": 10_000}]): "too long for a shift",
		floor.by_hand([{"workstation": saw, "minutes": 5, "after": "2"}, {"workstation": saw, "minutes": 5, "after": "1"}]): "cycle",
		floor.by_hand([{"workstation": saw, "minutes": 5, "operators": closed}]): "no working hours",
	}  # fmt: skip
	fine = {
		floor.by_hand(
			[{"workstation": saw, "minutes": 10_000, "splittable": 1}]
		): "10,000 minutes in pieces of a day",
		floor.by_hand(
			[{"workstation": saw, "minutes": 30}], due_at=f"{in_days(-3)} 12:00:00"
		): "due in the past",
		floor.by_hand([{"workstation": overlapping, "minutes": 300, "splittable": 1}]): "overlapping shifts",
	}
	frappe.db.commit()
	try:
		name = run_schedule("test")
		store = SiteStore()
		unplaced = store.read(f.UNPLACED_OPERATIONS, schedule=name)
		assert dict(zip(unplaced["job"], unplaced["code"], strict=False)) == wanted
		assert unplaced["text"].str.len().min() > 20
		rows = operations(name)
		for job, what in fine.items():
			assert (rows["job"] == job).any(), what
		assert {job_of(order.name) for order in floor.orders} <= set(rows["job"])
		assert wrong(name) == []
		late = store.read(f.SCHEDULED_JOBS, schedule=name).set_index("job")["late"]
		past = next(job for job, what in fine.items() if what == "due in the past")
		assert late[past]
		run = frappe.get_doc("Planning Run", frappe.db.get_value(SCHEDULE, name, "run"))
		assert overlapping in run.warnings and "overlap" in run.warnings
	finally:
		frappe.db.rollback()
		for job in [*wanted, *fine]:
			frappe.db.set_value(JOB, job, {"closed": 1, "status": "cancelled"})
		frappe.db.commit()


def make_bom_without_operations(floor) -> str:
	bom = make_bom(make_item(unique("Kit")), [], [(make_item(unique("Part")), 1, None)])
	order = make_work_order(bom, 3)
	assert job_of(order.name) is None, "a Work Order without operations makes no job by itself"
	return make_job(order.name)


def overlapping_shifts() -> str:
	"""ERPNext refuses them in the form; an import may bring them."""
	station = make_workstation(hours=(("08:00:00", "12:00:00"), ("13:00:00", "17:00:00")))
	frappe.db.set_value("Workstation Working Hour", station.working_hours[1].name, "start_time", "11:00:00")
	return station.name


def test_a_change_of_the_clocks_inside_the_horizon(floor):
	"""An operation of 12 hours over the night of the change ends an hour later or earlier by the clock."""
	zone = ZoneInfo(frappe.utils.get_system_timezone())
	night = next((now_datetime().date() + timedelta(days=n) for n in range(1, 300) if changes(zone, n)), None)
	if night is None:
		pytest.skip("the site's clock does not change")
	oven = make_workstation(unique("Oven"), hours=(), sentia_always_open=1)
	start = datetime.combine(night, datetime.min.time()) - timedelta(hours=6)
	job = floor.by_hand([{"workstation": oven.name, "minutes": 720}], release_at=start)
	set_up(schedule_horizon_days=(night - now_datetime().date()).days + 20)
	try:
		name = run_schedule("test")
		row = operations(name).set_index("job").loc[job]
		shift = zone.utcoffset(start + timedelta(days=1)) - zone.utcoffset(start)
		assert row["starts_at"] == pd.Timestamp(start)
		assert row["ends_at"] - row["starts_at"] == timedelta(hours=12) + shift and abs(shift) == timedelta(
			hours=1
		)
	finally:
		frappe.db.rollback()
		frappe.db.set_value(JOB, job, {"closed": 1, "status": "cancelled"})
		set_up()


def changes(zone: ZoneInfo, days: int) -> bool:
	noon = datetime.combine(now_datetime().date() + timedelta(days=days), datetime.min.time()) + timedelta(
		hours=12
	)
	return zone.utcoffset(noon) != zone.utcoffset(noon - timedelta(days=1))


def test_no_open_job_is_said(floor):
	names = frappe.get_all(JOB, {"status": ["!=", "cancelled"]}, pluck="name")
	frappe.db.set_value(JOB, {"name": ["in", names]}, "closed", 1)
	frappe.db.commit()
	try:
		from sentia_ops.errors import NoDataError

		with pytest.raises(NoDataError, match="no open job"):
			run_schedule("test")
		assert "no open job" in frappe.get_last_doc("Planning Run").error
	finally:
		frappe.db.set_value(JOB, {"name": ["in", names]}, "closed", 0)
		frappe.db.commit()


# the job queue


def test_events_queue_one_proposal_and_publish_nothing(floor):
	first = run_schedule("test")
	publish(first)
	frappe.db.commit()
	saw = operations(first)
	saw = saw[saw["workstation"] == floor.saw.name].sort_values("starts_at").iloc[0]
	down = frappe.get_doc(
		{"doctype": "Downtime Entry", "workstation": floor.saw.name, "stop_reason": "Machine malfunction"}
	)
	down.update(
		{"from_time": now_datetime(), "to_time": saw["ends_at"].to_pydatetime() + timedelta(hours=30)}
	)
	down.flags.ignore_mandatory = True
	down.insert()
	frappe.db.commit()
	replanning.outdate("The steel is late")
	frappe.db.commit()
	assert len(get_queue("long").job_ids) == 1, "two reasons, one job"
	runs = frappe.get_all("Planning Run", {"flow": "schedule", "trigger": "event"}, ["name", "status"])
	assert len(runs) == 1
	try:
		work()
		frappe.db.rollback()
		states = dict(frappe.get_all(SCHEDULE, fields=["name", "status"], as_list=True))
		assert states.pop(first) == "Published" and list(states.values()) == ["Draft"]
		draft = frappe.get_doc(SCHEDULE, next(iter(states)))
		assert "is down until" in draft.summary and "The steel is late" in draft.summary
		assert draft.moved > 0 and wrong(draft.name) == []
		assert replanning.open_reasons() == "" and frappe.db.get_value(SCHEDULE, first, "outdated")
	finally:
		frappe.db.rollback()
		frappe.delete_doc("Downtime Entry", down.name)
		revert(first)
		frappe.db.commit()


def test_a_second_request_while_one_is_queued(floor):
	from sentia_ops.tasks import enqueue_schedule

	assert enqueue_schedule("test") and enqueue_schedule("test") is None
	assert frappe.db.count("Planning Run", {"flow": "schedule"}) == 1


# over HTTP


@pytest.fixture(scope="module")
def people(own_queue, floor):  # noqa: F811
	os.environ["FRAPPE_REDIS_QUEUE"] = (
		frappe.conf.redis_queue
	)  # the server's jobs go where this test's workers are
	with serving() as base:
		found = {
			"manager": Person(base, MANAGER),
			"operator": Person(base, OPERATOR, "Manufacturing User"),
			"viewer": Person(base, VIEWER),
			"stranger": Person(base, "Blogger"),
			"guest": Person(base),
		}
		frappe.db.commit()
		yield found
	del os.environ["FRAPPE_REDIS_QUEUE"]
	frappe.db.rollback()
	for person in found.values():
		if person.user:
			frappe.delete_doc("User", person.user.name, force=True)
	frappe.db.commit()


@pytest.mark.parametrize("who", ["stranger", "guest"])
@pytest.mark.parametrize(
	("method", "arguments"), [("board", {}), ("list", {}), ("promise", {"item_code": "x", "qty": 1})]
)
def test_reading_needs_a_role(people, who, method, arguments):
	bad(people[who].get(f"schedules.{method}", **arguments), 403, "forbidden")


WRITES = [
	("run", {}),
	("pin", {"pins": [{"job": "x", "step": 1}]}),
	("what_if", {"changes": [{"kind": "down"}]}),
	("make_job", {"work_order": "x"}),
	("make_jobs", {}),
	("publish", {"schedule": "x"}),
	("revert", {"schedule": "x"}),
]


@pytest.mark.parametrize("who", ["viewer", "stranger", "guest"])
@pytest.mark.parametrize(("method", "arguments"), WRITES)
def test_changing_needs_more(people, who, method, arguments):
	bad(people[who].post(f"schedules.{method}", **arguments), 403, "forbidden")


@pytest.mark.parametrize(("method", "arguments"), WRITES)
def test_changes_are_posts(people, method, arguments):
	bad(people["manager"].get(f"schedules.{method}"), 403, "forbidden")


def test_without_a_schedule_the_board_is_empty(people):
	data = good(people["viewer"].get("schedules.board"))
	assert (
		data["schedule"] == {}
		and data["schedules"] == []
		and data["may"] == {"edit": False, "publish": False}
	)


def test_from_run_to_publish_and_back_over_http(people, floor):
	run = good(people["operator"].post("schedules.run", reason="asked for"))["run"]
	error = bad(people["operator"].post("schedules.run"), 409, "busy")
	assert "being made" in error["message"]
	work()
	frappe.db.rollback()
	assert good(people["viewer"].get("plan.status", run=run))["status"] == "Completed"
	listed = good(people["viewer"].get("schedules.list", status="Draft"))
	assert listed["total"] == 1
	name = listed["rows"][0]["name"]
	board = good(people["viewer"].get("schedules.board"))
	assert board["schedule"]["schedule"] == name and len(board["operations"]) == 4 * len(floor.orders)
	assert {
		"stations",
		"jobs",
		"unplaced",
		"loads",
		"figures",
		"from",
		"until",
		"schedules",
		"outdated",
		"now",
	} <= set(board)
	bad(people["operator"].post("schedules.publish", schedule=name), 403, "forbidden")
	done = good(people["manager"].post("schedules.publish", schedule=name))
	assert (
		done["documents"] > 0 and good(people["manager"].post("schedules.publish", schedule=name))["already"]
	)
	bad(people["operator"].post("schedules.revert", schedule=name), 403, "forbidden")
	back = good(people["manager"].post("schedules.revert", schedule=name))
	assert back["documents"] == done["documents"] and back["published"] is None
	bad(people["manager"].post("schedules.publish", schedule="SCH-NONE"), 404, "not_found")
	bad(people["viewer"].get("schedules.board", schedule="SCH-NONE"), 404, "not_found")


def test_a_pin_is_kept_by_the_next_schedule_and_let_go_again(people, floor):
	job = job_of(floor.orders[3].name)
	start = f"{in_days(4)} 09:00"
	press = floor.presses[1].name
	pin = {"job": job, "step": 2, "workstation": press, "start": start}
	assert good(people["operator"].post("schedules.pin", pins=[pin])) == {"pinned": 1, "released": 0}
	frappe.db.rollback()
	try:
		row = operations(run_schedule("test")).set_index(["job", "step"]).loc[(job, 2)]
		assert (row["workstation"], row["starts_at"], row["fixed_why"]) == (
			press,
			pd.Timestamp(start),
			"pinned",
		)
	finally:
		released = good(
			people["operator"].post("schedules.pin", pins=[{"job": job, "step": 2, "start": None}])
		)
	assert released == {"pinned": 0, "released": 1}
	for wrong_pin, text in (
		({**pin, "step": 77}, "no step 77"),
		({**pin, "workstation": "Moon"}, "no workstation Moon"),
		({**pin, "start": "soon"}, "no time"),
	):
		error = bad(people["operator"].post("schedules.pin", pins=[wrong_pin]), 400, "invalid")
		assert text in error["message"]
	bad(people["operator"].post("schedules.pin", pins=[{**pin, "job": "PJ-0"}]), 404, "not_found")


def test_a_move_tells_its_effect_and_writes_nothing(people, floor):
	name = run_schedule("test")
	before = operations(name)
	job = job_of(floor.orders[0].name)
	press = floor.presses[0].name
	answer = good(people["operator"].post("schedules.move", schedule=name, job=job, step=2, workstation=press, start=f"{in_days(6)} 09:00"))  # fmt: skip
	assert answer["headline"] and any(row["job"] == job and row["hours"] > 0 for row in answer["jobs"])
	frappe.db.rollback()
	pd.testing.assert_frame_equal(operations(name), before)
	error = bad(people["operator"].post("schedules.what_if", changes=[{"kind": "down", "workstation": "Moon", "until": in_days(2)}]), 400, "invalid")  # fmt: skip
	assert "Moon" in error["message"]
	bad(people["operator"].post("schedules.what_if", changes=[]), 400, "invalid")


def test_a_promise_is_a_date_with_its_reasons_or_a_reason_without_a_date(people, floor):
	item = floor.orders[0].production_item
	data = good(people["viewer"].get("schedules.promise", item_code=item, qty=5))
	bad(people["viewer"].get("schedules.promise", item_code=item, qty=0), 400, "invalid")
	assert data["at"] > str(now_datetime()) and data["text"] and data["chain"]
	more = good(people["viewer"].get("schedules.promise", item_code=item, qty=15))
	assert more["at"] > data["at"]
	never = good(people["viewer"].get("schedules.promise", item_code=item, qty=50))
	assert never["at"] is None and never["text"], "ten hours on a press that is open for four at a stretch"
	unknown = make_item()
	frappe.db.commit()
	bad(people["viewer"].get("schedules.promise", item_code=unknown.name, qty=1), 409, "no_data")


def test_material_that_nobody_ordered_and_material_that_comes(people, floor):
	from factories import make_purchase_order, make_supplier

	steel = make_item(unique("Steel"))
	order = floor.order(material=steel)
	frappe.db.commit()
	try:
		job = job_of(order.name)
		unplaced = SiteStore().read(f.UNPLACED_OPERATIONS, schedule=run_schedule("test"))
		mine = unplaced[unplaced["job"] == job]
		assert "material never arrives" in set(mine["code"]) and steel.name in " ".join(mine["text"])
		make_purchase_order(steel, floor.shed, make_supplier(), 10, due=in_days(4))
		frappe.db.commit()
		name = run_schedule("test")
		mine = operations(name)
		assert mine.loc[mine["job"] == job, "starts_at"].min() >= pd.Timestamp(in_days(5)), (
			"the morning after"
		)
		assert wrong(name) == []
	finally:
		frappe.db.rollback()
		frappe.db.set_value(JOB, job_of(order.name), {"closed": 1, "status": "cancelled"})
		frappe.db.commit()


def test_a_job_is_made_over_http_once(people, floor):
	set_up(make_jobs=0)
	order = floor.order()
	frappe.db.commit()
	try:
		first, second = (
			good(people["operator"].post("schedules.make_job", work_order=order.name)) for _ in range(2)
		)
		assert first == second and first["job"].startswith("PJ-")
	finally:
		set_up(make_jobs=1)
		frappe.db.rollback()
		frappe.db.set_value(JOB, {"work_order": order.name}, {"closed": 1, "status": "cancelled"})
		frappe.db.commit()
	draft = make_sales_order(make_item(), floor.shed, 1, submit=False)
	frappe.db.commit()
	bad(people["operator"].post("schedules.make_job", work_order=draft.name), 404, "not_found")
