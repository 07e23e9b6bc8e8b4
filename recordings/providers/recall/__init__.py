"""Recall.ai: bots that sit in meetings and record them, and transcripts ordered afterwards."""

from recordings.providers.recall.adapter import RecallAdapter

__all__ = ["RecallAdapter"]
