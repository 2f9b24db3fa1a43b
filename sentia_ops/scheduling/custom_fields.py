"""Fields of ERPNext's own doctypes that scheduling reads; created and removed with all others of the app."""

SECTION = {"fieldtype": "Section Break", "label": "Scheduling (Sentia Ops)", "collapsible": 1}


def _after(first: str, fields: list[dict]) -> list[dict]:
	"""The fields in their order behind `first`."""
	names = [first, *(field["fieldname"] for field in fields)]
	return [{**field, "insert_after": before} for field, before in zip(fields, names, strict=False)]


def _operation(after: str, more: dict) -> list[dict]:
	"""What an operation needs besides its time, on the BOM's row and, as its default, on the Operation itself."""
	fields = [
		{**SECTION, "fieldname": "sentia_scheduling_section"},
		{
			"fieldname": "sentia_family",
			"fieldtype": "Data",
			"label": "Setup family",
			"description": "A change from one family to another takes the minutes in Setup Time. Empty: no setup.",
		},
		{
			"fieldname": "sentia_batch_key",
			"fieldtype": "Data",
			"label": "Batch key",
			"description": "On a batch workstation, operations with the same key run together. Empty: alone.",
		},
		{
			"fieldname": "sentia_splittable",
			"fieldtype": "Check",
			"label": "May pause over breaks and nights",
		},
		{
			"fieldname": "sentia_min_wait",
			"fieldtype": "Int",
			"label": "Wait before it at least (minutes)",
			"description": "After the operation before it, for example to cool down.",
			"non_negative": 1,
		},
		{
			"fieldname": "sentia_max_wait",
			"fieldtype": "Int",
			"label": "Wait before it at most (minutes)",
			"description": "0: any time.",
			"non_negative": 1,
		},
		{"fieldname": "sentia_scheduling_column", "fieldtype": "Column Break"},
		{
			"fieldname": "sentia_operators",
			"fieldtype": "Link",
			"label": "Operators",
			"options": "Workstation",
			"description": "A workstation of the kind operator: who is needed beside the machine.",
		},
		{
			"fieldname": "sentia_operator_count",
			"fieldtype": "Int",
			"label": "Number of operators",
			"description": "0: one.",
			"non_negative": 1,
			"depends_on": "sentia_operators",
		},
		{
			"fieldname": "sentia_tool",
			"fieldtype": "Link",
			"label": "Tool",
			"options": "Workstation",
			"description": "A workstation of the kind tool: what is needed beside the machine.",
		},
		{
			"fieldname": "sentia_inspector",
			"fieldtype": "Link",
			"label": "Inspected by",
			"options": "Workstation",
			"description": "A workstation of the kind inspector. Empty: no inspection is scheduled.",
		},
		{
			"fieldname": "sentia_inspection_minutes",
			"fieldtype": "Float",
			"label": "Inspection (minutes)",
			"description": "For the whole quantity.",
			"non_negative": 1,
			"depends_on": "sentia_inspector",
		},
		{
			"fieldname": "sentia_rework_share",
			"fieldtype": "Percent",
			"label": "Expected rework",
			"description": "Share that the inspection sends back. 0: as the Quality Inspections of this operation were.",
			"depends_on": "sentia_inspector",
		},
	]
	return _after(after, [{**field, **more} for field in fields])


CUSTOM_FIELDS = {
	"Workstation": _after(
		"plant_floor",
		[
			{**SECTION, "fieldname": "sentia_scheduling_section"},
			{
				"fieldname": "sentia_kind",
				"fieldtype": "Select",
				"label": "Is a",
				"options": "machine\noperator\ntool\ninspector",
				"default": "machine",
				"description": "People, tools and inspectors have hours and a number (Job Capacity) just as machines have.",
			},
			{
				"fieldname": "sentia_speed",
				"fieldtype": "Percent",
				"label": "Speed",
				"default": "100",
				"description": "Of the time in the routing: at 200 percent an operation takes half of it.",
			},
			{
				"fieldname": "sentia_always_open",
				"fieldtype": "Check",
				"label": "Runs round the clock",
				"description": "Otherwise a machine without working hours cannot be scheduled.",
			},
			{"fieldname": "sentia_scheduling_column", "fieldtype": "Column Break"},
			{
				"fieldname": "sentia_batch",
				"fieldtype": "Check",
				"label": "Runs batches",
				"description": "Operations with the same batch key run together, up to the Job Capacity.",
			},
			{
				"fieldname": "sentia_initial_family",
				"fieldtype": "Data",
				"label": "Now set up for",
				"description": "Setup family. Empty: that of the last operation, or not known.",
			},
		],
	),
	"BOM Operation": _operation("image", {"allow_on_submit": 1}),
	"Operation": _operation("quality_inspection_template", {}),
	"Asset": [
		{
			"fieldname": "sentia_workstation",
			"fieldtype": "Link",
			"label": "Workstation",
			"options": "Workstation",
			"description": "It stands still while this asset is maintained.",
			"allow_on_submit": 1,
			"insert_after": "maintenance_required",
		}
	],
	"Asset Maintenance Task": [
		{
			"fieldname": "sentia_minutes",
			"fieldtype": "Int",
			"label": "Workstation stands still (minutes)",
			"description": "Scheduled with the production. 0: it goes on.",
			"non_negative": 1,
			"insert_after": "next_due_date",
		}
	],
}
