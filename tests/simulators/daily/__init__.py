"""Daily, simulated: rooms, cloud recordings, live transcription, the batch processor and webhooks."""

from tests.simulators.daily.simulator import DailySimulator

__all__ = ["DailySimulator"]
