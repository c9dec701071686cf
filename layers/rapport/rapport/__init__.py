"""Rapport: what we know about talking with customers (domain) and with the services that carry it (adapters)."""

import gc

# What a starting function makes stays: to look through it for garbage again and again takes a tenth of its cold start.
gc.set_threshold(50_000)
