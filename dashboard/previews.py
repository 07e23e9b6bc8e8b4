"""The exact request of an order before it is sent."""

import uuid
from collections.abc import Mapping

from django.conf import settings
from django.utils import timezone

from recordings import connections
from recordings.providers.errors import ProviderError
from recordings.providers.options import Options
from recordings.providers.orders import Action, CallRef, Order, RecordingRef, SubjectRef, TranscriptRef
from recordings.targets import Target


def request_of(target: Target, action: Action, options: Options) -> Mapping[str, object] | str:
    """The body as it would be sent, or why none would be, in a sentence.

    The keys in it are made with the order: those shown are examples.
    """
    try:
        return connections.face(target.account.provider).preview(_order(target, action, options))
    except ProviderError as exc:
        return exc.message


def _order(target: Target, action: Action, options: Options) -> Order:
    ref = target.ref()
    recording = _recording(ref)
    key = str(target.key if action.makes is None and target.key else uuid.UUID(int=0))
    return Order(
        kind=action.kind,
        key=key,
        send_key=key,
        options=options,
        call=ref if isinstance(ref, CallRef) else _call(ref, recording),
        recording=recording,
        transcript=ref if isinstance(ref, TranscriptRef) else None,
        # Whoever has the account's key can post: it is not shown.
        callback_url=f"{settings.PUBLIC_URL}/webhooks/{target.account.provider}/…/"
        if target.account.has_callbacks
        else "",
        ordered_at=timezone.now(),
    )


def _recording(ref: SubjectRef | None) -> RecordingRef | None:
    return ref if isinstance(ref, RecordingRef) else getattr(ref, "recording", None)


def _call(ref: SubjectRef | None, recording: RecordingRef | None) -> CallRef | None:
    return getattr(ref, "call", None) or (recording.call if recording else None)
