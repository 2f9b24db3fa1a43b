"""Connections shown on ERPNext's forms: from an order back to the recommendation it was made from."""

from frappe import _

RECOMMENDATION = "Reorder Recommendation"


def with_recommendation(data):
	data.setdefault("internal_links", {})[RECOMMENDATION] = ["items", "sentia_recommendation"]
	data.setdefault("transactions", []).append({"label": _("Planning"), "items": [RECOMMENDATION]})
	return data


def with_performance(data):
	data.setdefault("transactions", []).append(
		{"label": _("Planning"), "items": ["Supplier Performance", "Supplier Lead Time"]}
	)
	return data


def with_job(data):
	data.setdefault("transactions", []).append({"label": _("Planning"), "items": ["Production Job"]})
	return data
