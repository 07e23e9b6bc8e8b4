"""Deletions: a tombstone that nothing brings back, and every copy of the words erased."""

from django.contrib.auth.models import AbstractUser
from django.db import connection, transaction
from django.db.models import Func, IntegerField, Q, QuerySet, Value

from recordings import clock, connections
from recordings.models import Account, Errand, Operation, OperationStep, WebhookDelivery
from recordings.providers.options import Kind, Options
from recordings.providers.snapshots import Json, Status
from recordings.sync import burial
from recordings.work.deliveries import delivery_unread
from transcripts import archives, comparing, index_errands, overlays, primary, storage
from transcripts.models import Transcript, TranscriptText

ERASED = "[erased]"
ERASED_HERE = "The provider had deleted its own before: only the copy here was erased."
# Values of these kinds are the provider's words, never a person's.
_TELLING_NOTHING = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.BOOLEAN, Kind.INTEGER, Kind.NUMBER})
# Deliveries that were read have their mentions; of the others only the body tells what they are about.
_UNREAD = (
    WebhookDelivery.State.RECEIVED,
    WebhookDelivery.State.IGNORED,
    WebhookDelivery.State.UNREADABLE,
    WebhookDelivery.State.FAILED,
)


class StillThere(Exception):
    """The message is a sentence for the operator."""


def bury(operation: Operation) -> None:
    """An operator's delete succeeded: who and when stays, the words go. Idempotent."""
    transcript = Transcript.objects.filter(key=str(operation.subject_key)).first()
    if transcript is None:
        return
    transcript.deleted_by = transcript.deleted_by or operation.ordered_by
    forget(transcript)


def forget(transcript: Transcript) -> None:
    """Leave a tombstone: from now on nothing that comes late changes the row. Idempotent.

    Joins the caller's transaction; the files go once it is committed.
    """
    transcript.status = Status.DELETED
    transcript.is_buried = True
    transcript.deleted_at = transcript.deleted_at or clock.now()
    transcript.raw, transcript.handle, transcript.options = {}, {}, {}
    transcript.reason = transcript.reason_code = ""
    transcript.has_text = transcript.is_empty = transcript.is_primary = False
    transcript.save()
    _erase_words(transcript)
    primary.choose(transcript.recording)


def erase(user: AbstractUser, transcript: Transcript) -> None:
    """The provider has deleted its own: on a person's word our copy goes too, and nobody is asked.

    Raises ``StillThere`` for one that the provider has. Idempotent.
    """
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=transcript.account_id)
        current = Transcript.objects.select_related("account", "recording").get(pk=transcript.pk)
        if current.is_buried:
            return
        if current.status != Status.DELETED:
            raise StillThere("The provider has this transcript: order its deletion there.")
        current.deleted_by_id, current.deleted_at = user.pk, clock.now()
        forget(current)
        Transcript.objects.filter(pk=current.pk).update(reason=ERASED_HERE)


def forget_delivery(delivery: WebhookDelivery | None) -> None:
    """A callback that speaks of a buried transcript: its body goes as well."""
    if delivery is not None:
        WebhookDelivery.objects.filter(pk=delivery.pk).update(body=burial.ERASED, query="", is_erased=True)


def listen() -> None:
    """Hear of callbacks that were not read into the mirror."""
    delivery_unread.connect(_unread, dispatch_uid="transcripts.burial")


def _unread(*, delivery: WebhookDelivery, **_: object) -> None:
    """Whatever names a buried transcript may hold its words: nobody waits for the nightly tidying."""
    buried = Transcript.objects.filter(account=delivery.account_id, is_buried=True).exclude(external_id="")
    told = bytes(delivery.body) + delivery.query.encode()
    if any(each.encode() in told for each in buried.values_list("external_id", flat=True).iterator()):
        forget_delivery(delivery)


def _erase_words(transcript: Transcript) -> None:
    index_errands.forget(transcript)
    overlays.erase(transcript)
    TranscriptText.objects.filter(transcript=transcript).delete()
    archives.erase(transcript)
    comparing.erase(transcript)
    _erase_orders(transcript)
    if transcript.external_id:
        burial.erase_deliveries(transcript.account_id, [transcript.external_id])
        _erase_unread_deliveries(transcript)
        _erase_errands(transcript)
    folder = storage.folder_of(transcript)
    transaction.on_commit(lambda: storage.discard(folder))


def _erase_unread_deliveries(transcript: Transcript) -> None:
    unread = WebhookDelivery.objects.filter(
        account=transcript.account_id, is_erased=False, state__in=_UNREAD, mentions=None
    )
    named = unread.annotate(place=_place(transcript.external_id)).filter(place__gt=0)
    WebhookDelivery.objects.filter(pk__in=list(named.values_list("pk", flat=True))).update(
        body=burial.ERASED, query="", is_erased=True
    )


def _place(external_id: str) -> Func:
    """Where an id stands in a body, from 1; 0 nowhere."""
    needle = Value(external_id.encode())
    if connection.vendor == "postgresql":
        parts, template = (needle, "body"), "POSITION(%(expressions)s)"
        return Func(*parts, template=template, arg_joiner=" IN ", output_field=IntegerField())
    return Func("body", needle, function="INSTR", output_field=IntegerField())


def _erase_errands(transcript: Transcript) -> None:
    about = Errand.objects.filter(
        account=transcript.account_id, kind__startswith="transcript.", subject=transcript.external_id
    )
    about.update(cursor={}, progress={}, problem="")
    waiting = about.filter(state=Errand.State.QUEUED, lease_token=None)
    waiting.update(state=Errand.State.DONE, due_at=None, done_at=clock.now())


def _erase_orders(transcript: Transcript) -> None:
    """What was ordered and by whom stays; what a person typed and the bodies of the answers go."""
    about = Operation.objects.filter(Q(subject_key=transcript.key) | Q(made_key=transcript.key))
    for operation in about.exclude(options={}).select_related("account"):
        operation.options = _without_text(operation)
        operation.save(update_fields=["options", "updated_at"])
    _erase_bodies(OperationStep.objects.filter(operation__in=about))
    if transcript.external_id and transcript.recording_id:
        beside = Operation.objects.filter(recording=transcript.recording_id).exclude(pk__in=about)
        steps = OperationStep.objects.filter(operation__in=beside)
        _erase_bodies(steps, naming=transcript.external_id)


def _without_text(operation: Operation) -> Options:
    action = connections.face(operation.account.provider).action(operation.kind)
    fields = action.options if action else ()
    kept = {field.name for field in fields if field.kind in _TELLING_NOTHING}
    return {name: value for name, value in operation.options.items() if name in kept}


def _erase_bodies(steps: "QuerySet[OperationStep]", *, naming: str = "") -> None:
    for step in steps.exclude(exchange=None):
        if not naming or naming in str(step.exchange):
            step.exchange = _without_bodies(step.exchange)
            step.save(update_fields=["exchange"])


def _without_bodies(exchange: Json) -> Json:
    bodies = {name: ERASED for name in ("request", "response") if exchange.get(name) is not None}
    return {**exchange, **bodies}
