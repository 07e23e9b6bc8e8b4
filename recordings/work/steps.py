"""The timeline of an order."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from recordings import clock
from recordings.models import Operation, OperationStep
from recordings.providers.errors import Exchange

Kind = OperationStep.Kind
SET_BACK = "Our clock was ahead when this was sent, and was set back since: no moment tells what came of it."
CLOCKS_DIFFER_BY = timedelta(minutes=2)  # with the time that an answer may take


def note(
    order: Operation,
    kind: OperationStep.Kind,
    text: str = "",
    *,
    worker: str = "",
    exchange: Exchange | None = None,
) -> OperationStep:
    """Add one entry; never changed afterwards."""
    return OperationStep.objects.create(
        operation=order,
        kind=kind,
        at=clock.now(),
        worker=worker,
        text=text,
        exchange=asdict(exchange) if exchange else None,
    )


def is_clock_shared(order: Operation, last: Exchange | None) -> bool:
    """Whether every answer that this order got, and the last one, was dated as our clock was then.

    Of a clock that was set back since, nothing is known.
    """
    if order.steps.filter(text=SET_BACK).exists():
        return False
    told = order.steps.exclude(exchange=None).filter(at__gte=order.first_sent_at or order.created_at)
    dated = [(at, (exchange or {}).get("headers", {})) for at, exchange in told.values_list("at", "exchange")]
    dated += [(clock.now(), last.headers)] if last else []
    return all(_is_near(at, headers.get("date", "")) for at, headers in dated)


def _is_near(at: datetime, date: str) -> bool:
    """Whether an answer's date is near a moment of ours; one without a date says nothing against it."""
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return True
    return abs(told.replace(tzinfo=told.tzinfo or UTC) - at) <= CLOCKS_DIFFER_BY
