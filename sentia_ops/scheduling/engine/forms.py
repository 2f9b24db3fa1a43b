"""The two forms of the kernels: as they are, on lists, at once; or compiled, on arrays, after seconds of compiling.

One source for both: compiled functions are copies whose globals name compiled functions in turn.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType, SimpleNamespace

import numpy as np

KERNELS = ("clock", "kernel", "serial", "rules", "search")  # modules, each after those that it imports from
PACKAGE = __name__.rpartition(".")[0]


class Plain:
	"""Kernels as plain Python on lists."""

	def __init__(self) -> None:
		self.run = SimpleNamespace(**_functions())

	@staticmethod
	def row(values) -> list:
		return np.asarray(values).tolist()


class Compiled:
	"""Kernels compiled by numba on arrays; what it compiles it keeps on disk for the next process."""

	def __init__(self) -> None:
		self.run = _compiled()

	@staticmethod
	def row(values) -> np.ndarray:
		return np.ascontiguousarray(values)


def form(compiled: bool) -> Plain | Compiled:
	return Compiled() if compiled else Plain()


def warm() -> bool:
	"""Whether this process has compiled anything yet: then the compiled form costs nothing more."""
	return "numba" in sys.modules and _compiled.cache_info().currsize > 0


@cache
def _functions() -> dict[str, FunctionType]:
	found = {}
	for name in KERNELS:
		module = import_module(f"{PACKAGE}.{name}")
		for key, value in vars(module).items():
			if isinstance(value, FunctionType) and value.__module__ == module.__name__:
				found[key] = value
	return found


@cache
def _compiled() -> SimpleNamespace:
	from numba import njit

	folder = Path(__file__).parent
	sources = b"".join((folder / f"{name}.py").read_bytes() for name in (*KERNELS, "arrays"))
	version = hashlib.sha256(sources).hexdigest()[:12]
	compiled: dict[str, object] = {}
	for name, function in _functions().items():
		scope = {**function.__globals__}
		copy = FunctionType(function.__code__, scope, name)
		copy.__module__ = function.__module__
		# numba looks at the file of a function alone to tell whether its copy on disk is stale; callees count too
		copy.__qualname__ = f"{name}_{version}"
		compiled[name] = njit(cache=True, nogil=True)(copy)
	for dispatcher in compiled.values():
		scope = dispatcher.py_func.__globals__
		scope.update({name: each for name, each in compiled.items() if name in scope})
	return SimpleNamespace(**compiled)
