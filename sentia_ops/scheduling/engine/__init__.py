"""The mathematics of scheduling: minutes, arrays and dataclasses in and out; no I/O, no frappe."""
