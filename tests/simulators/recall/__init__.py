"""Recall.ai as the contract describes it: bots in meetings, their recordings, transcripts and webhooks."""

from tests.simulators.recall.simulator import RecallSimulator

__all__ = ["RecallSimulator"]
