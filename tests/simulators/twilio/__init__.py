"""Twilio, as its contract describes it."""

from tests.simulators.twilio.simulator import TwilioSimulator

__all__ = ["TwilioSimulator"]
