"""Several live calls at once: each is an order of its own, given as if its button had been pressed."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied

from dashboard import beginnings
from dashboard.batch_page import defaults_of
from dashboard.models import User
from recordings import connections, presets
from recordings.actions import AskAgain, place
from recordings.models import Account, Call, Preset, Recording
from recordings.models.mirror import LIVE
from recordings.providers.options import Options
from recordings.providers.orders import Action
from recordings.targets import Target, seen_state
from recordings.validation import OrderRefused

START = "recording.start"
# The value of the button, its order, and what it says.
DEEDS = (
    ("start", START, "Start"),
    ("stop", "recording.stop", "Stop"),
    ("pause", "recording.pause", "Pause"),
    ("resume", "recording.resume", "Resume"),
)
KINDS = {name: kind for name, kind, _ in DEEDS}
LABELS = {name: label for name, _, label in DEEDS}
MOST = 50
CONSENT = "its account asks for consent first: start it by its form."
RECORDED = "it is being recorded already."
NOT_RECORDED = "it is not being recorded."


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How many orders were given, and why others were not."""

    ordered: int = 0
    left_out: list[str] = field(default_factory=list)

    def text(self, deed: str) -> str:
        """All of it in a sentence or two."""
        said = f"{LABELS[deed]}: {self.ordered} ordered."
        return f"{said} Left out: {' '.join(self.left_out)}" if self.left_out else said


def order(user: User, keys: Sequence[uuid.UUID], deed: str, *, begin: str, form_key: str) -> Outcome:
    """Order the same for each of these calls that the person may use; the same form twice is one order each.

    ``begin`` is "last", "defaults" or the key of a preset, and only matters for starts.
    """
    calls = Call.objects.usable_by(user).filter(key__in=keys[:MOST]).select_related("account")
    outcome = Outcome()
    for call in calls.order_by("created_at", "pk"):
        try:
            outcome.ordered += _order(user, call, deed, begin, form_key)
        except OrderRefused as exc:
            wrong = " ".join(f"{name}: {text}" for name, text in exc.errors.items())
            outcome.left_out.append(f"{call}: {exc.message} {wrong}".strip())
        except AskAgain as exc:
            outcome.left_out.append(f"{call}: {exc.consequence}")
        except PermissionDenied:
            outcome.left_out.append(f"{call}: this needs another role.")
    return outcome


def begins(accounts: Iterable[Account]) -> list[tuple[str, str]]:
    """With what a start can begin: value and label."""
    found = [("last", "My last options"), ("defaults", "Defaults")]
    for provider in sorted({account.provider for account in accounts}):
        label = connections.face(provider).label
        kept = presets.of_kind(provider, START)
        found += [(str(preset.key), f"{preset.name} ({label})") for preset in kept]
    return found


def _order(user: User, call: Call, deed: str, begin: str, form_key: str) -> int:
    if deed == "start":
        return _start(user, call, begin, form_key)
    running = call.recordings.filter(status__in=LIVE).select_related("account", "call")
    count = 0
    for recording in running.order_by("sort_at", "pk"):
        _place(user, Target.of(recording), KINDS[deed], {}, form_key, recording)
        count += 1
    if not count:
        raise OrderRefused(NOT_RECORDED)
    return count


def _start(user: User, call: Call, begin: str, form_key: str) -> int:
    """Nothing that its form would have asked first is done without it."""
    if call.account.consent_reminder:
        raise OrderRefused(CONSENT)
    if call.recordings.filter(status__in=LIVE).exists():
        raise OrderRefused(RECORDED)
    target = Target.of(call)
    action = connections.face(call.account.provider).action(START)
    if action is None:
        raise OrderRefused("its provider cannot start recordings.")
    _place(user, target, START, _options(user, target, action, begin), form_key, call)
    return 1


def _options(user: User, target: Target, action: Action, begin: str) -> Options:
    account = target.account
    if begin == "defaults":
        return defaults_of(account, action)
    if begin == "last":
        last = beginnings.last(user, target, action)
        return last if last is not None else defaults_of(account, action)
    preset = Preset.objects.filter(key=beginnings.key_in(begin), kind=START).first()
    if preset is None or preset.provider != account.provider:
        raise OrderRefused("the preset is not for its provider.")
    options: Options = preset.options
    return options


def _place(
    user: User, target: Target, kind: str, options: Options, form_key: str, thing: Call | Recording
) -> None:
    place(
        user,
        target,
        kind,
        options=options,
        order_key=f"{form_key[:60]}:{thing.key}",
        seen=seen_state(target),
    )
