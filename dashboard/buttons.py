"""The buttons of a thing: which of them order at once, and which ask first."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from dashboard.subjects import order_url
from recordings.actions import Choice
from recordings.models import Operation
from recordings.providers.orders import Action, Subject
from recordings.targets import Target, seen_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One choice as it is shown."""

    action: Action
    url: str
    is_direct: bool  # ordered by the press itself, without a form
    reason: str = ""  # why it cannot work now
    hint: str = ""
    running: Operation | None = None  # an order of this kind that is still open
    seen: str = ""
    order_key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def is_blocked(self) -> bool:
        """Whether the same press again could only mean the order that is open."""
        return self.running is not None and self.is_direct


def buttons(
    choices: Iterable[Choice], target: Target, *, live: Iterable[uuid.UUID] | None = None
) -> list[Button]:
    """Return the buttons of `choices`, which `recordings.actions.choices` gave for `target`."""
    seen = seen_state(target, live=live)
    return [
        Button(
            action=choice.action,
            url=order_url(target, choice.action.kind),
            is_direct=is_direct(choice),
            reason=choice.unavailable,
            hint=choice.consequence or choice.action.help,
            running=choice.open_operation,
            seen=seen,
        )
        for choice in choices
    ]


def is_direct(choice: Choice) -> bool:
    """Whether one press is enough.

    Nobody waits for a dialog to stop or pause a recording: what it brings stands in the hint.
    """
    action = choice.action
    if action.options or action.is_destructive or action.goes:
        return False
    is_brake = action.lane == 0 and action.subject is Subject.RECORDING
    return is_brake or not choice.consequence
