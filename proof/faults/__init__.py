"""Faults at every call that the functions make, and what must hold all the same: `python -m proof.faults`."""
