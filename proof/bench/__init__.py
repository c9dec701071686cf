"""How fast Rapport is, part by part: `make bench`. Each part is a module whose `measure` returns its figures."""
