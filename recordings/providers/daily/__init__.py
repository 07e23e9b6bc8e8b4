"""Daily: records and transcribes video rooms; a room is one call and can be live again."""

from recordings.providers.daily.adapter import DailyAdapter

__all__ = ["DailyAdapter"]
