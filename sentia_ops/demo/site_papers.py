"""A document of the demo's history, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import frappe
import pandas as pd

from sentia_ops.demo.catalogue import COMPANY

CALLS_ITSELF_DRAFT = (
	"Sales Order",
	"Purchase Order",
)  # when inserted as submitted, until the status is set again


@dataclass(frozen=True)
class Paper:
	"""A document to be: `build` gives its values; it is inserted as submitted."""

	day: pd.Timestamp
	doctype: str
	name: str
	build: Callable[[], dict]

	def insert(self) -> None:
		values = {"doctype": self.doctype, "company": COMPANY, "docstatus": 1, **self.build()}
		doc = frappe.get_doc(values).insert(ignore_permissions=True, ignore_links=True, set_name=self.name)
		if self.doctype in CALLS_ITSELF_DRAFT:
			doc.set_status(update=True)


def posted(day: pd.Timestamp, time: str) -> dict:
	return {"set_posting_time": 1, "posting_date": day.date(), "posting_time": time}
