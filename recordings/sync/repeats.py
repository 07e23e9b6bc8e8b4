"""What a listing tells again word for word is passed by: most of each sweep, and nothing comes of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection

from recordings.models import Call, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import CallSnapshot, CallState, Fact, RecordingSnapshot, Status

# A new number has everything compared once more: when the same words come to mean something else.
VERSION = 1
SETTLED = frozenset((Status.COMPLETED, Status.FAILED, CallState.ENDED))
FEWEST = 3  # fewer are applied sooner than they are looked up
Listable = CallSnapshot | RecordingSnapshot
_MODELS: dict[type[Listable], type[Call | Recording]] = {CallSnapshot: Call, RecordingSnapshot: Recording}
_VALUES = {kind: attrgetter(*(each.name for each in fields(kind))) for kind in _MODELS}


@dataclass(slots=True)
class Repeats:
    """The digests of one application of facts: of those that came before, and of those to be noted.

    A row's digest is noted once its words were applied and changed nothing, and is emptied by whatever
    is saved of the row afterwards: while it stands, applying these words again would change nothing.
    """

    account_id: int
    source: Source
    absent: dict[type[Listable], set[str]] = field(default_factory=dict)  # ids that no row bears
    _digests: dict[int, str] = field(default_factory=dict)  # by the identity of the snapshot
    _noted: list[tuple[str, Call | Recording]] = field(default_factory=list)

    def without(self, told: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """The facts that may change something."""
        if self.source != Source.SWEEP or len(told) < FEWEST:
            return told
        same: set[int] = set()
        for kind, model in _MODELS.items():
            mine = [fact for fact in told if isinstance(fact, kind)]
            known = self._known(model, mine) if mine else {}
            self.absent[kind] = {fact.external_id for fact in mine} - known.keys()
            same |= {id(fact) for fact in mine if known.get(fact.external_id) == self._digests[id(fact)]}
        return tuple(fact for fact in told if id(fact) not in same)

    def note(self, row: Call | Recording, snapshot: Listable) -> None:
        """These words changed nothing of this row; what may still go on is compared every time."""
        digest = self._digests.get(id(snapshot))
        state = row.state if isinstance(row, Call) else row.status
        if digest and state in SETTLED:
            row.told = digest  # Emptied again should the row be saved before all is written.
            self._noted.append((digest, row))

    def write(self) -> None:
        """Write the digests down, each only where its row is still as it was compared."""
        for model in _MODELS.values():
            rows = [(digest, row) for digest, row in self._noted if type(row) is model and row.told == digest]
            values = [(digest, row.pk, _moment(row.updated_at)) for digest, row in rows]
            table = model._meta.db_table  # noqa: SLF001 - documented by Django
            if values:
                with connection.cursor() as cursor:
                    cursor.executemany(
                        f"UPDATE {table} SET told = %s WHERE id = %s AND updated_at = %s",  # noqa: S608
                        values,
                    )
        self._noted.clear()

    def _known(self, model: type[Call | Recording], told: Iterable[Listable]) -> dict[str, str]:
        for fact in told:
            self._digests[id(fact)] = digest_of(fact)
        ids = {fact.external_id for fact in told}
        rows = model._default_manager.filter(account=self.account_id, external_id__in=ids)
        return dict(rows.exclude(external_id="").order_by().values_list("external_id", "told"))


def digest_of(snapshot: Listable) -> str:
    """The same for the same words only."""
    words = repr((VERSION, _VALUES[type(snapshot)](snapshot)))
    return hashlib.blake2b(words.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
