"""Rapport: what we know about talking with customers (domain) and with the services that carry it (adapters)."""

import gc

# What a starting function makes stays: to look for garbage in it every 700 objects takes a tenth of its cold start.
gc.set_threshold(50_000)
