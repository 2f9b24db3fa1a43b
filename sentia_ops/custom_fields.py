"""Fields added to ERPNext's own doctypes; created at install, removed (with their columns) at uninstall."""

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
	"Purchase Order": [{**AUTOMATIC, "insert_after": "schedule_date"}],
	"Material Request": [{**AUTOMATIC, "insert_after": "schedule_date"}],
	"Purchase Order Item": [{**LINK_BACK, "insert_after": "material_request_item"}],
	"Material Request Item": [{**LINK_BACK, "insert_after": "production_plan"}],
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
