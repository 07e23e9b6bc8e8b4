"""What happens at the providers without Tapedeck: other systems record and delete, lists go wrong."""

import random
from collections.abc import Callable
from typing import Any

from tests.simulators.base import Simulator

Deed = Callable[[Any, random.Random], object]


def delete_something(simulator: Simulator, rng: random.Random) -> str:
    """Somebody deletes a finished recording in the provider's own console; answers its id, if any."""
    ids = [
        external_id
        for external_id, row in simulator.truth()["recordings"].items()  # type: ignore[attr-defined]
        if row["status"] in ("done", "completed", "finished", "available")
    ]
    if not ids:
        return ""
    chosen: str = rng.choice(ids)
    _DELETES[simulator.slug](simulator, chosen)
    return chosen


def record_something(simulator: Simulator, rng: random.Random) -> None:
    """Another system records a call that is over soon."""
    if simulator.slug in _RECORDS:
        _RECORDS[simulator.slug](simulator, rng)


def list_in_circles(simulator: Simulator, *, is_on: bool) -> None:
    """A page leads back to itself."""
    names = {"recall": "repeat_cursor", "twilio": "page_token_repeats", "vobiz": "ignores_offset"}
    if simulator.slug in names:
        simulator.switch(**{names[simulator.slug]: is_on})  # type: ignore[attr-defined]


_DELETES: dict[str, Callable[[Any, str], object]] = {
    "fifth": lambda simulator, key: simulator.recordings.pop(key),
    "recall": lambda simulator, key: simulator.captures.remove(simulator.recordings[key]),
    "twilio": lambda simulator, key: simulator.recordings.delete(simulator.recordings.all[key]),
    "daily": lambda simulator, key: simulator.recordings.pop(key),
    "vobiz": lambda simulator, key: simulator.delete_elsewhere(key),
}


def _fifth(simulator: Any, _rng: random.Random) -> None:
    call_id = simulator.place_call("Elsewhere")
    simulator._start(call_id, {})
    simulator.end_call(call_id)


def _twilio(simulator: Any, _rng: random.Random) -> None:
    call_id = simulator.place_call(title="Elsewhere")
    simulator.begin_recording(call_id)
    simulator.clock.after(20.0, lambda: simulator.end_call(call_id))


_RECORDS: dict[str, Deed] = {
    "fifth": _fifth,
    "recall": lambda simulator, _: simulator.end_call(simulator.place_call(is_recording=True)),
    "twilio": _twilio,
    "vobiz": lambda simulator, rng: simulator.add_recording(ended_ago=rng.uniform(10, 3600)),
}
