"""The demo company's plant by name: workstations, people, shifts, change-overs, and how its products are made."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sentia_ops.demo.catalogue import PRODUCTS, Product

PRESSES, MOULDERS, LINES = ("Press 1", "Press 2"), ("Moulder 1", "Moulder 2"), ("Line 1", "Line 2")
BOOTH, OVEN, CELL, BENCH, PACKING = "Paint Booth", "Curing Oven", "Drive Cell", "Test Bench", "Packing"
ASSEMBLERS, INSPECTOR, DIE = "Assemblers", "Inspector", "Casting Die Set"

EARLY, LATE = (("06:00", "11:30"), ("12:00", "14:30")), (("14:30", "18:30"), ("19:00", "22:30"))
DAY = (("07:00", "12:00"), ("12:45", "16:00"))
WORKDAYS = range(5)


@dataclass(frozen=True)
class Station:
	name: str
	kind: str = "machine"
	type: str = ""
	capacity: int = 1
	shifts: tuple[tuple[str, str], ...] = DAY
	cost: float = 0.0  # GBP an hour
	stands_in: str = ""  # setup family


STATIONS = [
	Station("Press 1", type="Press", shifts=EARLY + LATE, cost=42, stands_in="steel 0.8"),
	Station("Press 2", type="Press", shifts=EARLY + LATE, cost=36, stands_in="aluminium"),
	Station("Moulder 1", type="Moulding", shifts=EARLY + LATE, cost=48, stands_in="black"),
	Station("Moulder 2", type="Moulding", shifts=EARLY + LATE, cost=44, stands_in="red"),
	Station(BOOTH, type="Painting", shifts=EARLY, cost=55, stands_in="black"),
	Station(OVEN, type="Curing", capacity=3, shifts=(), cost=18),  # trolleys at once; loads itself, day and night
	Station(CELL, type="Assembly", capacity=2, cost=24),
	Station("Line 1", type="Assembly", cost=52),
	Station("Line 2", type="Assembly", cost=38),
	Station(BENCH, type="Testing", cost=20),
	Station(PACKING, type="Packing", capacity=2, cost=16),
	Station(ASSEMBLERS, kind="operator", capacity=5, cost=19),
	Station(INSPECTOR, kind="inspector", cost=27),
	Station(DIE, kind="tool", shifts=()),
]  # fmt: skip

# workstation, from family (empty: from any other), to family, minutes
SETUPS = [
	*((press, "", "steel 0.8", 25) for press in PRESSES),
	*((press, "", "steel 1.2", 30) for press in PRESSES),
	*((press, "", "aluminium", 55) for press in PRESSES),
	*((moulder, "", "black", 20) for moulder in MOULDERS),
	*((moulder, "", "red", 45) for moulder in MOULDERS),
	*((moulder, "", "gold", 45) for moulder in MOULDERS),
	*((moulder, "black", colour, 70) for moulder in MOULDERS for colour in ("red", "gold")),
	(BOOTH, "", "black", 15),
	(BOOTH, "", "red", 30),
	(BOOTH, "", "gold", 40),
	(BOOTH, "black", "gold", 60),
]

BODIES = {"RM-STEEL-08": "steel 0.8", "RM-STEEL-12": "steel 1.2", "RM-ALU-15": "aluminium"}
COLOURS = {"RED": "red", "BLACK": "black", "GOLD": "gold"}
BODY, PAINT, CURE, DRIVE, ASSEMBLE, INSPECT, PACK = 10, 20, 30, 40, 50, 60, 70
AT_DRIVE = ("RM-ELEMENT", "RM-MOTOR", "RM-BEARING", "RM-GEAR", "RM-PCB", "RM-THERMO", "RM-FUSE")
AT_PACKING = ("RM-CARTON", "RM-FOAM", "RM-MANUAL", "RM-TAPE", "RM-STRAP")


def routings(item_codes: list[str]) -> pd.DataFrame:
	"""Rows of the routings frame for finished goods that are made, such as RED-KETTLE-17."""
	products = {product.code: product for product in PRODUCTS}
	rows = []
	for code in item_codes:
		colour, _, product = code.partition("-")
		rows += [{"item_code": code, **row} for row in _steps(products[product], COLOURS[colour])]
	return pd.DataFrame(rows)


def _steps(product: Product, colour: str) -> list[dict]:
	rows, joined = [], []
	if product.body in BODIES:
		family = BODIES[product.body]
		die = f'{{"{DIE}": 1}}' if family == "aluminium" else ""
		body = {"step": BODY, "operation": "Press body", "family": family, "needs": die, "splittable": True}
		rows += [_row("Press 1", 10, 0.55, **body), _row("Press 2", 10, 0.75, **body)]
		rows.append(_row(BOOTH, 15, 0.42, step=PAINT, operation="Paint body", family=colour))
		# wet paint: not before ten minutes, not after four hours
		cure = {
			"step": CURE,
			"operation": "Cure paint",
			"batch_key": "powder 180",
			"min_wait": 10,
			"max_wait": 240,
		}
		rows.append(_row(OVEN, 75, 0.0, **cure))
		joined.append(CURE)
	else:
		body = {"step": BODY, "operation": "Mould body", "family": colour, "splittable": True}
		rows += [_row("Moulder 1", 15, 0.9, **body), _row("Moulder 2", 15, 1.05, **body)]
		joined.append(BODY)
	if product.drive:
		people = f'{{"{ASSEMBLERS}": 1}}'
		drive = {
			"step": DRIVE,
			"operation": "Prepare drive",
			"after": "[]",
			"needs": people,
			"splittable": True,
		}
		rows.append(_row(CELL, 10, 0.6, **drive))
		joined.append(DRIVE)
	assemble = {
		"step": ASSEMBLE,
		"operation": "Assemble",
		"after": str(joined),
		"min_wait": 30,
		"splittable": True,
	}
	rows.append(_row("Line 1", 10, 0.78, needs=f'{{"{ASSEMBLERS}": 2}}', **assemble))
	rows.append(_row("Line 2", 10, 0.98, needs=f'{{"{ASSEMBLERS}": 1}}', **assemble))
	share = 0.04 if product.drive else 0.0  # of the pieces go back to assembly
	people = f'{{"{INSPECTOR}": 1}}'
	inspect = {
		"step": INSPECT,
		"operation": "Inspect",
		"kind": "inspection",
		"needs": people,
		"rework_share": share,
	}
	rows.append(_row(BENCH, 8, 0.28, **inspect))
	rows.append(_row(PACKING, 8, 0.6, step=PACK, operation="Pack", splittable=True))
	return rows


def _row(workstation: str, fixed: float, per_unit: float, **rest) -> dict:
	return {"workstation": workstation, "minutes_fixed": float(fixed), "minutes_per_unit": per_unit, **rest}


def step_of(material: str, steps: set[int]) -> int:
	"""The step that takes a material."""
	if material.startswith(AT_PACKING):
		return PACK
	if material.startswith(AT_DRIVE) and DRIVE in steps:
		return DRIVE
	if material.startswith("RM-PAINT") and PAINT in steps:
		return PAINT
	if material.startswith(("RM-PAINT", *BODIES, "RM-ABS")):
		return BODY
	return ASSEMBLE


def workstations() -> pd.DataFrame:
	return pd.DataFrame(
		[
			{
				"workstation": s.name,
				"kind": s.kind,
				"workstation_type": s.type,
				"capacity": s.capacity,
				"batch": s.name == OVEN,
				"hourly_cost": float(s.cost),
				"initial_family": s.stands_in,
				"always_open": not s.shifts,
			}
			for s in STATIONS
		]
	)


def shifts() -> pd.DataFrame:
	rows = [(s.name, day, a, b) for s in STATIONS for day in WORKDAYS for a, b in s.shifts]
	return pd.DataFrame(rows, columns=["workstation", "weekday", "from_time", "to_time"])


def setups() -> pd.DataFrame:
	return pd.DataFrame(SETUPS, columns=["workstation", "from_family", "to_family", "minutes"])
