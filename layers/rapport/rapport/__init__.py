"""Rapport: what we know about talking with customers (domain) and with the services that carry it (adapters)."""
