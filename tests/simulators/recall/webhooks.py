"""Status webhooks: endpoints of the dashboard, signatures of both header families, retries, disabling."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.simulators.outbox import Callback
from tests.simulators.recall.state import Artifact, Bot, Change, Recording, Transcript

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

RETRIES = (5, 300, 1800, 7200, 18000, 36000, 36000)
GIVE_UP_SECONDS = 5 * 86400.0


@dataclass(kw_only=True)
class Endpoint:
    """One line of the dashboard's webhook page."""

    url: str
    events: Sequence[str] = ()  # subscribed to; none: all
    own_secret: str = ""  # accounts from before December 2025: a secret of its own, svix headers
    is_enabled: bool = True
    failing_since: float | None = field(default=None)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One ``v1,…`` of the signature header."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def event_stamp(moment: float) -> str:
    """As webhooks write times: an offset where the API writes Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


def status_data(change: Change) -> dict[str, Any]:
    return {"code": change.code, "sub_code": change.sub_code, "updated_at": event_stamp(change.at)}


class Webhooks:
    """Everything that leaves for the account's endpoints."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim
        self.secrets = [
            self.new_secret()
        ]  # of the workspace, newest first; several while one is being rotated
        self.endpoint_secret = self.new_secret()
        self.endpoints: list[Endpoint] = []

    def new_secret(self) -> str:
        return "whsec_" + base64.b64encode(self.sim.new_hex(24).encode()).decode()

    def message_id(self) -> str:
        return f"msg_{self.sim.new_hex(26)}"

    # Events.

    def bot(self, bot: Bot, change: Change) -> None:
        self.send(f"bot.{change.code}", {"data": status_data(change), "bot": reference(bot)})

    def recording(self, recording: Recording) -> None:
        data = status_data(recording.status)
        if recording.status.code == "failed" and self.sim.switches.failed_carries_error:
            data["error"] = {
                "code": (recording.status.sub_code or "").upper(),
                "message": "The recording failed.",
            }
        self.send(
            f"recording.{recording.status.code}",
            {"data": data, "recording": reference(recording), "bot": reference(self.sim.bots[recording.bot])},
        )

    def artifact(self, artifact: Artifact) -> None:
        recording = self.sim.recordings[artifact.recording]
        bot: dict[str, Any] | None = reference(self.sim.bots[recording.bot])
        if isinstance(artifact, Transcript) and not self.sim.switches.bot_in_transcript_events:
            bot = None
        self.send(
            f"{artifact.kind}.{artifact.status.code}",
            {
                "data": status_data(artifact.status),
                artifact.kind: reference(artifact),
                "recording": reference(recording),
                "bot": bot,
            },
        )

    def send(self, event: str, data: dict[str, Any]) -> None:
        body = json.dumps({"event": event, "data": data}, separators=(",", ":")).encode()
        message = self.message_id()
        for endpoint in self.endpoints:
            if endpoint.is_enabled and (not endpoint.events or event in endpoint.events):
                self.sim.outbox.put(self._callback(endpoint, event, message, body))

    def _callback(self, endpoint: Endpoint, event: str, message: str, body: bytes) -> Callback:
        return Callback(
            event=event,
            url=endpoint.url,
            body=body,
            headers={"content-type": "application/json"},
            sign=lambda now: self.signed(message, now, body, own_secret=endpoint.own_secret),
            retries=RETRIES,
            should_retry=lambda status: endpoint.is_enabled,
            on_outcome=lambda callback: self._watch(endpoint, callback),
        )

    # Signatures.

    def signed(self, message: str, now: float, body: bytes, *, own_secret: str = "") -> dict[str, str]:
        """The headers of one attempt; its timestamp is the attempt's (inferred by the contract)."""
        switches = self.sim.switches
        if not own_secret and not switches.signed:
            return {}
        moment = int(now)
        found = [
            signature(secret, message, moment, body)
            for secret in ([own_secret] if own_secret else self.secrets)
        ]
        if switches.wrong_signatures > 0:
            switches.wrong_signatures -= 1
            found = [signature(self.new_secret(), message, moment, body)]
        if switches.other_versions:
            found = ["v1a,bm90IGZvciB5b3U=", "v2,bm90IGZvciB5b3U=", *found]
        family = "svix" if own_secret else switches.header_family
        values = {"id": message, "timestamp": str(moment), "signature": " ".join(found)}
        prefixes = ("webhook", "svix") if family == "both" else (family,)
        return {f"{prefix}-{name}": value for prefix in prefixes for name, value in values.items()}

    # The endpoint's health.

    def _watch(self, endpoint: Endpoint, callback: Callback) -> None:
        last = callback.attempts[-1]
        if last.status is not None and callback.is_success(last.status):
            endpoint.failing_since = None
            return
        if endpoint.failing_since is None:
            endpoint.failing_since = last.at
        failing = last.at - endpoint.failing_since
        if endpoint.is_enabled and failing >= GIVE_UP_SECONDS * self.sim.scale:
            endpoint.is_enabled = False
            self.sim.perform("webhook_disabled", endpoint.url)


def reference(row: Bot | Recording | Artifact) -> dict[str, Any]:
    return {"id": row.id, "metadata": row.metadata}
