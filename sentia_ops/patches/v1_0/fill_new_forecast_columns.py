"""Forecast days written before there were overrides, netting and medians: all of the demand is the machine's own."""

import frappe


def execute():
	frappe.db.sql(
		"""update `tabDemand Forecast Point` set median = demand_qty, machine_qty = demand_qty, net_qty = demand_qty
		where machine_qty = 0 and net_qty = 0 and committed = 0"""
	)
