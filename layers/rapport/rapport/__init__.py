"""Rapport: what we know about talking with customers (domain) and with the services that carry it (adapters)."""

import gc

# What a starting function makes stays, some 150,000 objects: to look through them for garbage again and again takes a
# tenth of its cold start. Garbage that only this finds is some tens of megabytes at most before it is found.
gc.set_threshold(200_000)
