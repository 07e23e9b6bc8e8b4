"""A stored recording as the API writes it, with the styles that the contract warns of (3.3)."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.simulators.vobiz.lifecycle import Lifecycle, rounded_seconds
from tests.simulators.vobiz.state import DAY, Recording

INDIA = timezone(timedelta(hours=5, minutes=30))


class Rows(Lifecycle):
    def row_fields(self, recording: Recording) -> dict[str, Any]:
        start, end = self._bounds(recording)
        duration = recording.duration_seconds
        return {
            "add_time": self._add_time(recording),
            "call_uuid": recording.call.call_uuid,
            "conference_name": recording.conference_name or (None if recording.number % 5 == 2 else ""),
            "from_number": recording.call.from_number,
            "monthly_recording_storage_amount": 0,
            "recording_duration_ms": self._milliseconds(duration),
            "recording_end_ms": end,
            "recording_format": recording.extension,
            "recording_id": recording.recording_id,
            "recording_start_ms": start,
            "recording_storage_duration": int((self.clock.now() - recording.started_at) // DAY),
            "recording_storage_rate": 0.005,
            "recording_type": recording.recording_type,
            "recording_url": recording.url or self.media_url(recording),
            "resource_uri": f"/v1/Account/{self.auth_id}/Recording/{recording.recording_id}/",
            "rounded_recording_duration": rounded_seconds(duration),
            "to_number": recording.call.to_number,
        }

    def _bounds(self, recording: Recording) -> tuple[Any, Any]:
        """Start and end, now and then unknown to the provider itself."""
        is_null = self.null_times == "always" or (self.null_times == "some" and recording.number % 4 == 3)
        if is_null:
            return None, None
        return self._milliseconds(recording.started_at), self._milliseconds(recording.ended_at or 0.0)

    def _milliseconds(self, seconds: float) -> str | float:
        exact = (Decimal(str(seconds)) * 1000).quantize(Decimal("0.00001"))
        return str(exact) if self.number_style == "strings" else float(exact)

    def _add_time(self, recording: Recording) -> str:
        """When the row was added: Indian time or UTC, five or six digits."""
        moment = datetime.fromtimestamp(recording.row_at or recording.started_at, UTC)
        if self.add_time_style == "iso":
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        is_utc = recording.number % 3 == 2
        local = moment if is_utc else moment.astimezone(INDIA)
        fraction = f"{local.microsecond:06d}"[: 5 if recording.number % 2 == 0 else 6]
        return f"{local:%Y-%m-%d %H:%M:%S}.{fraction}{'+00:00' if is_utc else '+05:30'}"
