"""Faults: one file a cause, `inject(setup)` changes a setup that learns in one place."""
