"""Pure shops (machines always open, one operation at a time, makespan only): a tabu search made for them.

`population.search` is the way in. It is not imported here: numba takes a while, and what does not fit needs none.
"""

from sentia_ops.scheduling.engine.shop.shops import fits

__all__ = ["fits"]
