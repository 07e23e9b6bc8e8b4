"""The funnel into the mirror."""
