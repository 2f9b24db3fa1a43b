app_name = "sentia_ops"
app_title = "Sentia Ops"
app_publisher = "Sentia Ops contributors"
app_description = (
	"Plans operations on ERPNext: what will sell, what to buy and when, with reasons a buyer can check"
)
app_email = "hello@sentia-ops.example"
app_license = "GPL-3.0-or-later"
required_apps = ["frappe/erpnext"]

add_to_apps_screen = [
	{
		"name": "sentia_ops",
		"logo": "/assets/sentia_ops/images/sentia-ops.svg",
		"title": "Sentia Ops",
		"route": "/app/sentia-ops",
		"has_permission": "sentia_ops.permissions.has_app_permission",
	}
]

app_include_js = "sentia_ops.bundle.js"
app_include_css = "sentia_ops.bundle.css"

before_install = "sentia_ops.install.before_install"
after_install = "sentia_ops.install.after_install"
before_uninstall = "sentia_ops.uninstall.before_uninstall"

doc_events = {
	"Stock Settings": {"validate": "sentia_ops.overrides.stock_settings.validate"},
	"Purchase Order": {
		"on_update": "sentia_ops.overrides.purchase_order.on_update",
		"on_update_after_submit": "sentia_ops.overrides.purchase_order.on_update_after_submit",
		"on_submit": "sentia_ops.overrides.purchase_order.on_submit",
		"on_cancel": "sentia_ops.overrides.purchase_order.on_cancel",
		"on_trash": "sentia_ops.overrides.purchase_order.on_trash",
	},
	"Material Request": {
		"on_update": "sentia_ops.overrides.material_request.on_update",
		"on_submit": "sentia_ops.overrides.material_request.on_submit",
		"on_cancel": "sentia_ops.overrides.material_request.on_cancel",
		"on_trash": "sentia_ops.overrides.material_request.on_trash",
	},
	"Work Order": {
		"on_submit": "sentia_ops.overrides.work_order.on_submit",
		"on_change": "sentia_ops.overrides.work_order.on_change",
		"on_cancel": "sentia_ops.overrides.work_order.on_cancel",
		"on_trash": "sentia_ops.overrides.work_order.on_trash",
	},
	"Job Card": {
		"after_insert": "sentia_ops.overrides.job_card.after_insert",
		"on_update": "sentia_ops.overrides.job_card.on_update",
		"on_submit": "sentia_ops.overrides.job_card.on_submit",
		"on_cancel": "sentia_ops.overrides.job_card.on_cancel",
		"on_trash": "sentia_ops.overrides.job_card.on_trash",
		"after_delete": "sentia_ops.overrides.job_card.after_delete",
	},
	"Downtime Entry": {"on_update": "sentia_ops.overrides.downtime_entry.on_update"},
	"Supplier": {"validate": "sentia_ops.overrides.supplier.validate"},
	"Supplier Scorecard Period": {
		"before_validate": "sentia_ops.overrides.supplier_scorecard.before_validate"
	},
	"Supplier Scorecard Variable": {
		"before_validate": "sentia_ops.overrides.supplier_scorecard.before_validate"
	},
}

after_request = ["sentia_ops.api.envelope.after_request"]

override_doctype_dashboards = {
	"Purchase Order": "sentia_ops.overrides.dashboards.with_recommendation",
	"Work Order": "sentia_ops.overrides.dashboards.with_job",
	"Material Request": "sentia_ops.overrides.dashboards.with_recommendation",
	"Supplier": "sentia_ops.overrides.dashboards.with_performance",
}

doctype_js = {
	"Supplier": "public/js/erpnext/supplier.js",
	"Sales Order": "public/js/erpnext/sales_order.js",
	"Work Order": "public/js/erpnext/work_order.js",
}

scheduler_events = {
	"hourly": ["sentia_ops.tasks.watch_schedule"],
	"daily": ["sentia_ops.forecasting.site_overrides.mark_past"],
	"daily_long": ["sentia_ops.tasks.plan_daily"],
}

default_log_clearing_doctypes = {"Planning Run": 180, "Production Schedule": 90}

ignore_links_on_delete = [
	"Scheduled Operation",
	"Production Schedule Job",
	"Unplaced Operation",
	"Station Load",
]

export_python_type_annotations = True
