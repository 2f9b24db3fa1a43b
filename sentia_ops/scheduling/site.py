"""The scheduling room on ERPNext: workstations, jobs and their materials in; schedules out."""

from sentia_ops.scheduling import frames as f
from sentia_ops.scheduling import site_orders, site_results, site_routings, site_stations

READERS = {
	f.WORKSTATIONS.name: site_stations.workstations,
	f.SHIFTS.name: site_stations.shifts,
	f.CALENDAR_EXCEPTIONS.name: site_stations.calendar_exceptions,
	f.SETUPS.name: site_stations.setups,
	f.MAINTENANCE.name: site_stations.maintenance,
	**site_orders.READERS,
	**site_routings.READERS,
	**site_results.READERS,
}
WRITERS = site_results.WRITERS
