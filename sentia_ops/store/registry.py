"""Every frame of the app by name."""

from __future__ import annotations

from sentia_ops.forecasting import frames as forecasting
from sentia_ops.replenishment import frames as replenishment
from sentia_ops.scheduling import frames as scheduling
from sentia_ops.store import frames as masters
from sentia_ops.store.frame import Frame
from sentia_ops.suppliers import frames as suppliers

FRAMES: dict[str, Frame] = {
	frame.name: frame
	for room in (masters, forecasting, suppliers, replenishment, scheduling)
	for frame in vars(room).values()
	if isinstance(frame, Frame)
}
