"""What is true at the provider, in its own words, whatever its API shows."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

Found = dict[str, dict[str, Any]]


def true_state(simulator: "TwilioSimulator") -> dict[str, Any]:
    return {
        "calls": [call.sid for call in simulator.calls.live],
        "conferences": [each.sid for each in simulator.calls.conferences.values() if each.is_live],
        "recordings": _recordings(simulator),
        "transcripts": {**_live(simulator), **_legacy(simulator), **_intelligence(simulator)},
    }


def _recordings(simulator: "TwilioSimulator") -> Found:
    return {
        each.sid: {
            "status": each.status,
            "call": each.call,
            "conference": each.conference,
            "source": each.source,
            "duration": each.duration_seconds,
            "error_code": each.error_code,
            "conversation": each.conversation,
        }
        for each in simulator.recordings.all.values()
    }


def _legacy(simulator: "TwilioSimulator") -> Found:
    return {
        each.sid: {"status": each.status, "recording": each.recording, "kind": "legacy"}
        for each in simulator.legacy.all.values()
    }


def _intelligence(simulator: "TwilioSimulator") -> Found:
    return {
        each.sid: {
            "status": each.status,
            "recording": each.recording,
            "kind": "intelligence",
            "customer_key": each.customer_key,
        }
        for each in simulator.transcripts.all.values()
    }


def _live(simulator: "TwilioSimulator") -> Found:
    """Real-time ones; one that Intelligence keeps afterwards goes by the same id there."""
    return {
        each.sid: {"status": each.status, "recording": "", "kind": "live", "call": each.call}
        for each in simulator.live.all.values()
    }
