"""Faults by switch: everything that can go wrong at a bank or on the way to it."""
