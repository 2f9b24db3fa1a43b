"""Reorder mathematics. Only `Policy` is loaded here, so that a web worker can show settings without pandas."""

from sentia_ops.replenishment.engine.policy import Policy

__all__ = ["Policy"]
