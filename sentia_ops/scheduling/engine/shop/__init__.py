"""Pure shops (machines always open, one operation at a time, makespan only): a tabu search made for them."""

from sentia_ops.scheduling.engine.shop.bound import lower_bound
from sentia_ops.scheduling.engine.shop.search import search
from sentia_ops.scheduling.engine.shop.shops import arrays, fits

__all__ = ["arrays", "fits", "lower_bound", "search"]
