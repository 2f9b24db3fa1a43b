from __future__ import annotations

import shutil

import pytest
from scenario_world import make_world

from sentia_ops.store.lake import LakeStore


@pytest.fixture(scope="session")
def made(tmp_path_factory):
	folder = tmp_path_factory.mktemp("scenarios") / "lake"
	make_world(folder)
	return folder


@pytest.fixture
def store(made, tmp_path) -> LakeStore:
	"""The world, planned; a copy of its own."""
	return LakeStore(shutil.copytree(made, tmp_path / "lake"))


@pytest.fixture(scope="session")
def shared(made) -> LakeStore:
	"""The same for tests that only look."""
	return LakeStore(made)
