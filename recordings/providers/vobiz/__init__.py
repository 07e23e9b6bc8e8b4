"""Vobiz: records live phone calls, identified by their call UUID; sends a transcript once."""

from recordings.providers.vobiz.adapter import VobizAdapter

__all__ = ["VobizAdapter"]
