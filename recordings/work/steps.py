"""The timeline of an order."""

from dataclasses import asdict

from recordings import clock
from recordings.models import Operation, OperationStep
from recordings.providers.errors import Exchange

Kind = OperationStep.Kind


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
