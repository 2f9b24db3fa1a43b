from sentia_ops.store.base import Progress, Run, Store
from sentia_ops.store.frame import Frame

__all__ = ["Frame", "Progress", "Run", "Store"]
