"""The administration: accounts, people, and the mirrors to read and repair. It has a site of its own."""

from dashboard.admin import accounts, mirrors, people, rates
from dashboard.admin.sites import site

__all__ = ["accounts", "mirrors", "people", "rates", "site"]
