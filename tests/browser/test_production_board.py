"""The Production Board as a planner uses it: look, ask why, drag, ask what if, publish; and with hundreds of operations."""

from __future__ import annotations

import frappe
import pytest
from playwright.sync_api import expect
from shopfloor import make_shop, plan, remove_schedules, remove_shop, write_schedule

expect.set_options(timeout=60_000)
BOARD = "frappe.pages['production-board'].board"
# milliseconds of the processor, so that a loaded machine does not matter
FRAME_BUDGET = 150  # a frame while panning, with all 1,000 pieces in sight; 35 on a loaded machine
DRAW_BUDGET = 2_000  # the whole drawing


def open_board(page, schedule: str | None = None):
	page.goto(f"/app/production-board?schedule={schedule}" if schedule else "/app/production-board")
	expect(page.locator(".sg .vis-item.sg-op").first).to_be_visible()


def status_of(schedule: str) -> str | None:
	frappe.db.rollback()  # a new snapshot
	return frappe.db.get_value("Production Schedule", schedule, "status")


def drag(page, job: str, step: int, minutes: int):
	"""Drags an operation by so many minutes along its row; returns its start before."""
	name = f"{job}/{step}"
	page.evaluate(f"job => {BOARD}.gantt.select_job(job)", job)
	page.wait_for_timeout(300)  # until it is drawn there
	x, y, by = page.evaluate(
		f"""([name, minutes]) => {{
			const {{ gantt }} = {BOARD};
			const box = gantt.timeline.itemSet.items[name].dom.box.getBoundingClientRect();
			const {{ start, end }} = gantt.timeline.getWindow();
			const width = gantt.chart.querySelector(".vis-center").getBoundingClientRect().width;
			return [box.x + box.width / 2, box.y + box.height / 2, minutes * 60000 / (end - start) * width];
		}}""",
		[name, minutes],
	)
	page.mouse.move(x, y)
	page.mouse.down()
	page.mouse.move(x + by / 2, y, steps=4)
	page.mouse.move(x + by, y, steps=4)
	page.mouse.up()


def operation(page, job: str, step: int) -> dict:
	return page.evaluate(
		f"name => {BOARD}.gantt.payload.operations.find(op => op.id === name)", f"{job}/{step}"
	)


def jobs_of(shop) -> list[str]:
	return [frappe.db.get_value("Production Job", {"work_order": order}) for order in shop["orders"]]


@pytest.fixture(scope="module")
def large(site):
	frappe.db.rollback()
	remove_schedules()
	name, stations = write_schedule(500)
	yield name
	frappe.db.rollback()
	remove_schedules()
	for station in stations:
		frappe.delete_doc("Workstation", station, force=True)
	frappe.db.commit()


@pytest.fixture
def shop(site):
	frappe.db.rollback()
	remove_schedules()
	made = make_shop()
	made["jobs"] = jobs_of(made)
	yield made
	frappe.db.rollback()
	remove_shop(made)


def test_without_a_schedule_it_says_what_to_do(desk, site):
	frappe.db.rollback()
	remove_schedules()
	desk.goto("/app/production-board")
	empty = desk.locator(".pb-empty")
	expect(empty).to_contain_text("There is no schedule yet.")
	expect(empty.get_by_role("button", name="Plan now")).to_be_visible()


def test_the_workspace_leads_to_it(desk, large):
	desk.goto("/app/sentia-ops")
	desk.locator(".shortcut-widget-box", has_text="Production Board").click()
	expect(desk.locator(".sg .vis-item.sg-op").first).to_be_visible()


def test_rows_are_workstations_or_jobs(desk, large):
	open_board(desk, large)
	expect(desk.locator(".sg-row b", has_text="Cell 00")).to_have_count(1)
	expect(desk.locator(".sg-setup").first).to_be_visible()
	expect(desk.locator(".vis-background .sg-closed").first).to_be_attached()
	desk.get_by_role("button", name="One row for each job").click()
	expect(desk.locator(".sg-row b", has_text="BIG-0000")).to_have_count(1)
	expect(desk.locator(".sg-due").first).to_be_attached()


def test_figures_say_how_they_come_about(desk, large):
	open_board(desk, large)
	figure = desk.locator(".pb-figure").first
	expect(figure.locator("b")).to_have_text("25 of 100")
	figure.hover()
	expect(figure.locator(".how")).to_be_visible()
	expect(figure.locator(".how")).to_have_text("25 of the 100 jobs with a due date end after it.")


def test_a_late_job_tells_why_and_what_would_help(desk, large):
	open_board(desk, large)
	expect(desk.locator("[data-tab=late] span")).to_have_text("25")
	job = desk.locator(".pb-job", has_text="BIG-0004")
	job.click()
	expect(job.locator(".pb-chain")).to_contain_text("BIG-0004 waits for another job")
	expect(job.locator(".pb-remedies")).to_contain_text("Overtime on Saturday")
	expect(desk.locator(".sg-chart.sg-dim .sg-chosen")).to_have_count(5)


def test_search_and_late_only_narrow_it_down(desk, large):
	open_board(desk, large)
	desk.locator(".sg-search").fill("BIG-0007")
	expect(desk.locator(".sg-count")).to_have_text("5 of 500")
	expect(desk.locator(".sg-op.sg-lit")).to_have_count(5)
	desk.locator(".sg-search").fill("")
	desk.get_by_label("Late only").check()
	expect(desk.locator(".sg-count")).to_have_text("125 of 500")


def test_the_keyboard_is_enough(desk, large):
	open_board(desk, large)
	desk.locator(".sg-chart").focus()
	desk.keyboard.press("ArrowRight")
	first = desk.locator(".sg-spoken").inner_text()
	assert "Cell" in first and "h of work" in first
	desk.keyboard.press("ArrowRight")
	expect(desk.locator(".sg-spoken")).not_to_have_text(first)
	desk.keyboard.press("Enter")
	expect(desk.locator(".pb-pane h4")).to_contain_text("BIG-")
	desk.keyboard.press("Escape")
	expect(desk.locator(".sg-chosen")).to_have_count(0)


def test_pointing_at_an_operation_tells_why(desk, large):
	open_board(desk, large)
	desk.locator(".sg-op", has_text="0000 Step 0").hover()
	tip = desk.locator(".sg-tip")
	expect(tip).to_contain_text("BIG-0000 · Step 0")
	expect(tip).to_contain_text("Its job ends 5 h after it is due")
	expect(tip).to_contain_text("Waits for Cell")


def test_markup_in_data_stays_text(desk, large):
	evil = "<img src=x onerror=window.hacked=1>"
	frappe.db.sql(
		"update `tabScheduled Operation` set operation = %s, why = %s where job = 'BIG-0000'", (evil, evil)
	)
	frappe.db.sql("update `tabProduction Schedule Job` set summary = %s where job = 'BIG-0000'", evil)
	frappe.db.commit()
	open_board(desk, large)
	desk.locator(".pb-job", has_text="BIG-0000").click()
	expect(desk.locator(".pb-job.pb-open")).to_contain_text(evil)
	desk.locator(".sg-op.sg-chosen").first.hover()
	expect(desk.locator(".sg-tip")).to_contain_text(evil)
	assert desk.evaluate("window.hacked") is None


def test_500_operations_stay_smooth(desk, large):
	open_board(desk, large)
	session = desk.context.new_cdp_session(desk)
	session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
	session.send("Performance.enable")

	def cost(script: str) -> float:
		before = _busy(session)
		desk.evaluate(script)
		return (_busy(session) - before) * 1000

	frame = "await new Promise(requestAnimationFrame);"
	drawing = cost(f"async () => {{ {BOARD}.gantt.draw(); {frame} {frame} }}")
	panning = cost(
		f"""async () => {{
			const {{ timeline }} = {BOARD}.gantt;
			const {{ start, end }} = timeline.getWindow();
			for (let i = 0; i < 40; i++) {{
				const by = (end - start) * i / 80;
				timeline.setWindow(+start + by, +end + by, {{ animation: false }});
				{frame}
			}}
		}}"""
	)
	assert 0 < drawing < DRAW_BUDGET
	assert 0 < panning / 40 < FRAME_BUDGET
	print(f"drawing {drawing:.0f} ms, a frame {panning / 40:.1f} ms")


def _busy(session) -> float:
	"""Seconds of the processor that the page's main thread has worked."""
	metrics = session.send("Performance.getMetrics")["metrics"]
	return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")


def test_a_viewer_looks_and_cannot_touch(viewer, large):
	open_board(viewer, large)
	for name in ("Plan now", "What if", "Publish"):
		expect(viewer.get_by_role("button", name=name)).to_have_count(0)
	assert viewer.evaluate(f"{BOARD}.gantt.options.on_move") is None
	viewer.locator(".sg-op", has_text="0000 Step 0").click()
	expect(viewer.locator(".pb-pane h4")).to_contain_text("BIG-0000")
	expect(viewer.locator("[data-move]")).to_have_count(0)


def test_a_dragged_operation_shows_its_effect_and_is_kept(desk, shop):
	name = plan()
	open_board(desk, name)
	job = shop["jobs"][-1]
	before = operation(desk, job, 1)
	drag(desk, job, 1, 24 * 60)
	bar = desk.locator(".pb-trial")
	expect(bar.get_by_role("button", name="Keep (pin)")).to_be_visible()
	assert operation(desk, job, 1)["start"] > before["start"]
	expect(desk.locator(".pb-pane")).to_contain_text("Jobs that end at another time")
	expect(desk.locator(".pb-pane li", has_text=job)).to_contain_text("later")
	expect(desk.locator(".sg-ghost").first).to_be_attached()
	bar.get_by_role("button", name="Undo").click()
	expect(bar).to_be_hidden()
	assert operation(desk, job, 1)["start"] == before["start"]
	drag(desk, job, 1, 24 * 60)
	bar.get_by_role("button", name="Keep (pin)").click()
	expect(bar).to_contain_text("The next plan puts it there")
	frappe.db.rollback()
	assert frappe.db.get_value("Production Job Operation", {"parent": job, "step": 1}, "pinned_start")


def test_what_if_a_machine_is_down(desk, shop):
	name = plan()
	open_board(desk, name)
	start = operation(desk, shop["jobs"][0], 1)["start"]
	desk.get_by_role("button", name="What if").click()
	panel = desk.locator(".pb-what-if")
	until = frappe.utils.add_to_date(start.replace("T", " "), hours=30)
	desk.evaluate(
		f"values => {BOARD}.side.what_if.fields.set_values(values)",
		{
			"kind": "down",
			"workstation": shop["saw"],
			"from": f"{start.replace('T', ' ')}:00",
			"until": str(until)[:19],
		},
	)
	expect(desk.locator(".modal.show")).to_have_count(0)
	panel.get_by_role("button", name="Show the effect").click()
	bar = desk.locator(".pb-trial")
	expect(bar).to_contain_text(f"What if: {shop['saw']} is down")
	expect(bar.get_by_role("button", name="Back to the plan")).to_be_visible()
	expect(desk.locator(".pb-pane tr", has_text="Hours late, all jobs")).to_be_visible()
	assert operation(desk, shop["jobs"][0], 1)["start"] > start
	bar.get_by_role("button", name="Back to the plan").click()
	assert operation(desk, shop["jobs"][0], 1)["start"] == start
	assert status_of(name) == "Draft"


def test_publish_shows_in_a_second_browser_without_a_reload(desk, viewer, shop):
	name = plan()
	open_board(viewer, name)
	expect(viewer.locator(".pb-which .indicator-pill")).to_have_text("Draft")
	viewer.evaluate("window.not_reloaded = true")
	open_board(desk, name)
	desk.get_by_role("button", name="Publish").click()
	dialog = desk.locator(".modal.show")
	expect(dialog).to_contain_text(f"Publish {name}?")
	assert status_of(name) == "Draft"
	dialog.get_by_role("button", name="Yes").click()
	expect(desk.locator(".pb-which .indicator-pill")).to_have_text("Published")
	assert status_of(name) == "Published"
	expect(viewer.locator(".pb-which .indicator-pill")).to_have_text("Published")
	assert viewer.evaluate("window.not_reloaded")
	desk.get_by_role("button", name="Take back").click()
	desk.locator(".modal.show").get_by_role("button", name="Yes").click()
	expect(viewer.locator(".pb-which .indicator-pill")).to_have_text("Draft")
	assert status_of(name) == "Draft"


def test_plan_now_makes_a_draft_that_shows(desk, shop):
	frappe.db.set_single_value("Sentia Settings", "schedule_time_limit", 2)
	frappe.db.commit()
	desk.goto("/app/production-board")
	desk.locator(".pb-empty").get_by_role("button", name="Plan now").click()
	expect(desk.locator(".sentia-run:visible")).to_be_visible()
	expect(desk.locator(".sg .vis-item.sg-op").first).to_be_visible(timeout=240_000)
	expect(desk.locator(".pb-which .indicator-pill")).to_have_text("Draft")
