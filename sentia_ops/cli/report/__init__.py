"""The report: one HTML file with everything in it, to be opened offline, mailed or printed."""

from sentia_ops.cli.report.page import build

__all__ = ["build"]
