"""Vobiz: records live phone calls, identified by their call UUID; a transcript is pushed once, never kept."""

from tests.simulators.vobiz.simulator import VobizSimulator

__all__ = ["VobizSimulator"]
