"""Retries everything that one cause hit, as one bulk order."""

import uuid
from collections import Counter
from typing import Any

from dashboard.attention_filters import AttentionFilters
from dashboard.bulk import KINDS, Kind, draft_of_keys
from dashboard.causes import Cause
from dashboard.models import User
from recordings import batches, rescues
from recordings.models import Batch, Operation
from recordings.validation import MANAGE
from transcripts.models import Transcript

ORDER_TRANSCRIPT = "transcript.order"


def kind_of(user: User, cause: Cause, filters: AttentionFilters) -> Kind | None:
    """The bulk order that would do most of it again; None where it cannot work or the person may not."""
    can_retry = cause.remedy is None or cause.remedy.can_retry
    if not can_retry or not user.has_perm(MANAGE):
        return None
    if cause.trouble.key == "transcripts":
        return KINDS[ORDER_TRANSCRIPT]
    if cause.trouble.key != "orders":
        return None
    kinds = Counter(_rows(cause, filters).values_list("kind", flat=True)[: batches.MOST])
    named = ((number, name) for name, number in kinds.items() if name in KINDS)
    return KINDS[max(named)[1]] if any(name in KINDS for name in kinds) else None


def draft(user: User, cause: Cause, filters: AttentionFilters, kind: Kind) -> Batch:
    """A bulk order's draft, with the options of the newest of those that failed; nothing is ordered yet."""
    made = draft_of_keys(user, kind, _keys(cause, filters, kind), label=f"{kind.verb}: all of one cause")
    options = _options(cause, filters, kind)
    if options is not None and kind.kind != rescues.RESCUE.kind:  # what is copied is chosen anew
        batches.set_options(made, cause.provider, options)
    return made


def _rows(cause: Cause, filters: AttentionFilters) -> Any:
    accounts = [each for each in filters.wanted if each.provider == cause.provider]
    rows = filters.between(cause.trouble.of(accounts), cause.trouble).filter(cause.condition())
    return rows.order_by(f"-{cause.trouble.by}", "-pk")


def _keys(cause: Cause, filters: AttentionFilters, kind: Kind) -> list[uuid.UUID]:
    rows = _rows(cause, filters)
    if rows.model is Transcript:
        keys = rows.exclude(recording=None).values_list("recording__key", flat=True)
    else:
        keys = rows.filter(kind=kind.kind).exclude(subject_key=None).values_list("subject_key", flat=True)
    return list(dict.fromkeys(keys[: batches.MOST]))


def _options(cause: Cause, filters: AttentionFilters, kind: Kind) -> dict[str, Any] | None:
    rows = _rows(cause, filters)
    orders = Operation.objects.filter(kind=kind.kind)
    if rows.model is Transcript:
        orders = orders.filter(made_key__in=list(rows.values_list("key", flat=True)[: batches.MOST]))
    else:
        orders = rows.filter(kind=kind.kind)
    newest = orders.order_by("-created_at", "-pk").first()
    return dict(newest.options) if newest else None
