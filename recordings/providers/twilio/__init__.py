"""Twilio: records live phone calls, identified by their Call SID; has three kinds of transcripts."""

from recordings.providers.twilio.adapter import TwilioAdapter

__all__ = ["TwilioAdapter"]
