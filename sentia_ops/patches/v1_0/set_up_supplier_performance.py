"""Sites older than supplier scores get the scorecard variables and the list that a new site starts with."""

from sentia_ops.install import make_list_views
from sentia_ops.overrides.supplier_scorecard import register


def execute():
	register()
	make_list_views()
