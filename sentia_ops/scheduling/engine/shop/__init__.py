"""Pure shops (machines always open, one operation at a time, makespan only): a tabu search made for them."""

from sentia_ops.scheduling.engine.shop.bound import lower_bound
from sentia_ops.scheduling.engine.shop.population import compile_kernels, search
from sentia_ops.scheduling.engine.shop.shops import arrays, fits

__all__ = ["arrays", "compile_kernels", "fits", "lower_bound", "search"]
