"""Fields added to ERPNext's own doctypes; created at install, removed (with their columns) at uninstall."""

from sentia_ops.scheduling.custom_fields import CUSTOM_FIELDS as SCHEDULING

LINK_BACK = {
	"fieldname": "sentia_recommendation",
	"fieldtype": "Link",
	"label": "Reorder Recommendation",
	"options": "Reorder Recommendation",
	"read_only": 1,
	"no_copy": 1,
	"search_index": 1,
	"print_hide": 1,
}

AUTOMATIC = {
	"fieldname": "sentia_automatic",
	"fieldtype": "Check",
	"label": "Approved automatically (Sentia Ops)",
	"read_only": 1,
	"no_copy": 1,
	"print_hide": 1,
	"depends_on": "sentia_automatic",
	"in_standard_filter": 1,
}

CUSTOM_FIELDS = {
	**SCHEDULING,
	"Purchase Order": [{**AUTOMATIC, "insert_after": "schedule_date"}],
	"Material Request": [{**AUTOMATIC, "insert_after": "schedule_date"}],
	"Purchase Order Item": [{**LINK_BACK, "insert_after": "material_request_item"}],
	"Material Request Item": [{**LINK_BACK, "insert_after": "production_plan"}],
	"Supplier": [
		{
			"fieldname": "sentia_ordering_section",
			"fieldtype": "Section Break",
			"label": "Ordering (Sentia Ops)",
			"collapsible": 1,
			"insert_after": "release_date",
		},
		{
			"fieldname": "sentia_min_order_value",
			"fieldtype": "Float",
			"label": "Minimum order value (company currency)",
			"description": "Of one order. Empty or 0: none.",
			"precision": "2",
			"non_negative": 1,
			"insert_after": "sentia_ordering_section",
		},
		{
			"fieldname": "sentia_ordering_cost",
			"fieldtype": "Float",
			"label": "Cost of one order (company currency)",
			"description": "Of placing and receiving it. Empty or 0: as in Sentia Settings.",
			"precision": "2",
			"non_negative": 1,
			"insert_after": "sentia_min_order_value",
		},
		{
			"fieldname": "sentia_replaced_by",
			"fieldtype": "Link",
			"label": "Replaced by",
			"description": "Who delivers instead while no order may be placed here.",
			"options": "Supplier",
			"insert_after": "sentia_ordering_cost",
		},
		{
			"fieldname": "sentia_ordering_column",
			"fieldtype": "Column Break",
			"insert_after": "sentia_replaced_by",
		},
		{
			"fieldname": "sentia_order_days",
			"fieldtype": "Data",
			"label": "Takes orders on",
			"description": "Weekdays, for example: Mon, Thu. Empty: any day.",
			"insert_after": "sentia_ordering_column",
		},
		{
			"fieldname": "sentia_holiday_list",
			"fieldtype": "Link",
			"label": "Closed on",
			"description": "Days on which it neither takes orders nor sends goods.",
			"options": "Holiday List",
			"insert_after": "sentia_order_days",
		},
	],
	"Warehouse": [
		{
			"fieldname": "sentia_capacity",
			"fieldtype": "Float",
			"label": "Capacity (cubic metres)",
			"description": "Orders and transfers are planned within it. Empty or 0: no limit.",
			"non_negative": 1,
			"insert_after": "warehouse_type",
		}
	],
	"Item": [
		{
			"fieldname": "sentia_volume",
			"fieldtype": "Float",
			"label": "Volume (cubic metres per stock unit)",
			"description": "The room one unit takes in a warehouse. Empty or 0: it takes none.",
			"precision": "6",
			"non_negative": 1,
			"depends_on": "is_stock_item",
			"insert_after": "weight_uom",
		}
	],
}
