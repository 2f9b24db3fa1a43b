"""All orders of a plan together, under a budget, the room in warehouses and suppliers' minimum order values."""

from sentia_ops.replenishment.engine.joint.planning import Joint, Limits, optimise

__all__ = ["Joint", "Limits", "optimise"]
