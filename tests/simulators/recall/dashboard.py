"""The control side of the account: webhooks, keys, media that expire, work that fails."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from tests.simulators.base import Simulator, control
from tests.simulators.recall.webhooks import Endpoint

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator


class DashboardSide(Simulator):
    """What a person would do in the provider's dashboard, and what the provider does to the account."""

    @property
    def _sim(self) -> "RecallSimulator":
        return cast("RecallSimulator", self)

    @control
    def set_webhook(self, url: str, events: Sequence[str] = (), has_own_secret: bool = False) -> None:
        """The one endpoint on the dashboard's webhook page; an empty URL takes it away."""
        self._sim.webhooks.endpoints.clear()
        if url:
            self.add_webhook(url, events, has_own_secret)

    @control
    def expire_media(self, recording_id: str = "") -> None:
        """Retention ends now: of one recording, or of all that are finished."""
        for recording in [*self._sim.recordings.values()]:
            if recording_id in {"", recording.id}:
                self._sim.captures.expire(recording)

    @control
    def fail_recordings(self, sub_code: str = "internal_error", times: int = 1) -> None:
        """The next ones to begin will fail when they are finalised."""
        self._sim.captures.failures += [sub_code] * times

    @control
    def fail_transcripts(self, sub_code: str = "provider_connection_failed", times: int = 1) -> None:
        """The next ones to be ordered will fail."""
        self._sim.speech.failures += [sub_code] * times

    @control
    def add_webhook(self, url: str, events: Sequence[str] = (), has_own_secret: bool = False) -> None:
        """A further endpoint; one with its own secret sends svix headers."""
        secret = self._sim.webhooks.endpoint_secret if has_own_secret else ""
        self._sim.webhooks.endpoints.append(Endpoint(url=url, events=tuple(events), own_secret=secret))

    @control
    def enable_webhooks(self) -> None:
        """By hand, as after five days of failures."""
        for endpoint in self._sim.webhooks.endpoints:
            endpoint.is_enabled, endpoint.failing_since = True, None

    @control
    def rotate_webhook_secret(self, keeps_old: bool = True) -> str:
        """A new workspace secret; with the old one kept each request carries both signatures."""
        webhooks = self._sim.webhooks
        webhooks.secrets = [webhooks.new_secret(), *(webhooks.secrets if keeps_old else ())]
        return webhooks.secrets[0]

    @control
    def rotate_api_key(self) -> str:
        self._sim.api_key = self.new_hex(40)
        return self._sim.api_key

    @control
    def resend_callbacks(self, event: str = "", failed_only: bool = False) -> int:
        """As by the dashboard's resend button: the same ids once more."""
        wanted = [
            sent
            for sent in self.outbox.sent
            if event in {"", sent.event} and not (failed_only and sent.is_delivered)
        ]
        for callback in wanted:
            self.outbox.resend(callback)
        return len(wanted)
