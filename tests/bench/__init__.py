"""Measures the product beside its limits and peers: ``make bench``."""
