"""Changes as people type them: "down Press 1 from 2026-11-23 06:00 until 2026-11-23 14:00"."""

from __future__ import annotations

import re

from sentia_ops.errors import SentiaError

EXAMPLES = (
	"'down Press 1 from 2026-11-23 06:00 until 2026-11-23 14:00', "
	"'overtime Line 1 from 2026-11-21 07:00 until 2026-11-21 13:00', "
	"'rush RED-KETTLE-17 120 due 2026-11-27 16:00', 'late RM-MOTOR-90 3 days', "
	"'pin WO-04378 50 on Line 2 at 2026-11-23 08:00'"
)
FORMS = (
	r"(?P<kind>down) (?P<workstation>.+?) from (?P<from>.+?) until (?P<until>.+?)(?: because (?P<reason>.+))?",
	r"(?P<kind>overtime) (?P<workstation>.+?) from (?P<from>.+?) until (?P<until>.+)",
	r"(?P<kind>rush) (?P<item_code>.+?) (?P<qty>[\d.]+)(?: due (?P<due>.+?))?(?: priority (?P<priority>\d))?",
	r"(?P<kind>late) (?P<item_code>\S+)(?: (?P<voucher>[^\d\s]\S*))? (?P<days>[\d.]+)(?: days?)?",
	r"(?P<kind>pin) (?P<job>\S+) (?P<step>\d+)(?: on (?P<workstation>.+?))? at (?P<start>.+)",
)


def parse_change(text: str) -> dict:
	"""A change as `what_if` takes it.

	Raises:
	    SentiaError: it is none of the known forms.
	"""
	words = " ".join(text.split())
	for form in FORMS:
		found = re.fullmatch(form, words, re.IGNORECASE)
		if found:
			change = {name: value for name, value in found.groupdict().items() if value}
			return change | {"kind": change["kind"].lower()}
	raise SentiaError(f"The change {text!r} cannot be read.", f"Examples: {EXAMPLES}.")
