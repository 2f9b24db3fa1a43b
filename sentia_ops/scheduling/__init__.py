"""Scheduling: production jobs on workstations with finite capacity, and why each runs when it does."""
