"""Shim for tools that still call setup.py, `bench get-app` among them; the project is described in pyproject.toml."""

from setuptools import setup

setup()
