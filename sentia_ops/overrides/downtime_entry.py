"""Events of Downtime Entry: a workstation that is down puts the published schedule out of date."""

from sentia_ops.overrides.production import never_in_the_way


@never_in_the_way
def on_update(doc, method=None):
	from sentia_ops.sentia_ops.doctype.production_schedule.replanning import outdated_by_downtime

	outdated_by_downtime(doc)
