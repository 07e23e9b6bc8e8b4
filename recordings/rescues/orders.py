"""The order to rescue: an order like the provider's own, that only this machine carries out."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from recordings import clock, connections, media
from recordings.kept import drop, forget
from recordings.models import Errand, Operation, Recording, Rescue, Rule
from recordings.models.work import BACKGROUND
from recordings.providers.base import Variant
from recordings.providers.orders import Action, Repeat, Subject
from recordings.providers.snapshots import Status
from recordings.sync.recordings import recording_changed, recordings_merged
from recordings.targets import Target, fingerprint
from recordings.validation import MANAGE, OrderRefused
from recordings.work import wake
from recordings.work.steps import Kind, note

ERRAND = "media.rescue"
RESCUE = Action(
    kind="recording.rescue",
    subject=Subject.RECORDING,
    label="Rescue media",
    repeat=Repeat.REPEATABLE,
    right="manage",
    lane=BACKGROUND,
    not_after_seconds=None,
    help="Copies the media into Tapedeck's own storage, where it stays when the provider deletes its own.",
    local_note="Nothing changes at the provider.",
)
KEPT = "It is kept here already."
DELETED = "It is deleted: there is nothing to copy."
NOTHING = "The provider offers no media to copy."


def action_of(provider: str, kind: str) -> Action | None:
    """An order of this kind: the provider's, or the one that is carried out here."""
    return RESCUE if kind == RESCUE.kind else connections.face(provider).action(kind)


def is_kept(recording: Recording) -> bool:
    """Whether something of it is rescued."""
    return Rescue.objects.filter(recording=recording).exists()


def keeping(recordings: Sequence[Recording]) -> set[int]:
    """The same of many, by their primary keys."""
    found = Rescue.objects.filter(recording__in=[each.pk for each in recordings])
    return set(found.values_list("recording", flat=True))


def unavailable(recording: Recording, *, is_kept: bool) -> str:
    """Why it cannot be rescued, in a sentence; "" when it can."""
    if is_kept:
        return KEPT
    if recording.is_buried or recording.status == Status.DELETED:
        return DELETED
    return "" if _usual(recording) else NOTHING


def order(
    user: AbstractUser | None,
    recording: Recording,
    *,
    order_key: str,
    ordered_for: str = "",
    rule: Rule | None = None,
) -> Operation:
    """Write the order down and wake a worker; ordered twice, it is one.

    ``user`` is None for orders of rules: they come the moment a recording completes, and wait for media
    that the provider still prepares. Raises ``PermissionDenied`` and ``OrderRefused``.
    """
    first = Operation.objects.filter(order_key=order_key).first()
    if first is not None:
        return first
    if user is not None and not user.has_perm(MANAGE):
        raise PermissionDenied
    if not recording.account.is_active:
        raise OrderRefused("This account is switched off: nothing is read.")
    reason = unavailable(recording, is_kept=is_kept(recording))
    if reason and (user is not None or reason != NOTHING):
        raise OrderRefused(reason)
    variant = options_of(recording)
    alike = fingerprint(Target.of(recording), RESCUE.kind, {})
    facts = {"order_key": order_key, "ordered_for": ordered_for, "rule": rule, "fingerprint": alike}
    try:
        with transaction.atomic():
            return _write(user, recording, {**facts, "options": variant})
    except IntegrityError:
        return Operation.objects.open().get(fingerprint=alike)


def listen() -> None:
    """Hear of recordings that are deleted, and of two that are one."""
    recording_changed.connect(_changed, dispatch_uid="recordings.rescues.changed")
    recordings_merged.connect(_merged, dispatch_uid="recordings.rescues.merged")


def _usual(recording: Recording) -> Variant | None:
    """What is played first is what is kept: the others are the same in another form."""
    return next(iter(media.variants(recording)), None)


def options_of(recording: Recording) -> dict[str, str]:
    """Which form of the media is copied; empty while there is none."""
    variant = _usual(recording)
    return {"variant": variant.name, "label": variant.label} if variant else {}


def _write(user: AbstractUser | None, recording: Recording, facts: dict[str, Any]) -> Operation:
    operation = Operation.objects.create(
        account=recording.account,
        kind=RESCUE.kind,
        lane=RESCUE.lane,
        call=recording.call,
        recording=recording,
        subject_key=recording.key,
        ordered_by_id=user.pk if user else None,
        **facts,
    )
    note(operation, Kind.ORDERED, facts["ordered_for"])
    Errand.objects.create(
        account=recording.account,
        kind=ERRAND,
        subject=str(operation.key),
        lane=BACKGROUND,
        due_at=clock.now(),
        ordered_by_id=user.pk if user else None,
    )
    wake()
    return operation


def _changed(*, recording: Recording, **_: Any) -> None:
    is_gone = recording.status == Status.DELETED and recording.account.forgets_with_provider
    if recording.is_buried or is_gone:
        forget(recording)


def _merged(*, kept: Recording, gone: Recording, **_: Any) -> None:
    known = set(Rescue.objects.filter(recording=kept).values_list("variant", flat=True))
    for rescue in Rescue.objects.filter(recording=gone):
        if rescue.variant in known:
            drop(rescue)
        else:
            Rescue.objects.filter(pk=rescue.pk).update(recording=kept)
