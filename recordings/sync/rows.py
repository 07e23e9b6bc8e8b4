"""The mirror's rows that a set of facts speaks of: those of a whole page are read at once."""

import uuid
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from recordings.models.mirror import Mirrored
from recordings.providers.snapshots import Status

Row = TypeVar("Row", bound=Mirrored)


class Rows(Generic[Row]):
    """Rows of one account by the provider's id and by our key, each as one object.

    Lives as long as one application of facts, under the account's lock: meanwhile nobody else writes
    what the provider says of them. What was not read with the page is read when it is asked for.
    """

    def __init__(self, found: "QuerySet[Row]") -> None:
        self.name = found.model.__name__
        self._found = found.order_by()
        self._objects: dict[int, Row] = {}
        self._by_id: dict[str, Row | None] = {}
        self._by_key: dict[uuid.UUID, Row | None] = {}

    def read(
        self, ids: Iterable[str], keys: Iterable[uuid.UUID] = (), *, fields: tuple[str, ...] = ()
    ) -> None:
        """Read what a page names: two queries at most. With ``fields`` only these, of rows that are
        not to be changed."""
        wanted, echoed = {each for each in ids if each} - self._by_id.keys(), set(keys)
        self._by_id |= dict.fromkeys(wanted)
        self._by_key |= dict.fromkeys(echoed)
        if wanted:
            self._keep_all(self._named(external_id__in=wanted).only(*fields))
        if echoed:
            self._keep_all(self._found.filter(key__in=echoed))

    def lack(self, ids: Iterable[str]) -> None:
        """No row bears these ids: they were looked for already."""
        self._by_id |= dict.fromkeys(ids)

    def by_id(self, external_id: str) -> Row | None:
        """The row that bears this id of the provider's."""
        if not external_id:
            return None
        if external_id not in self._by_id:
            self._by_id[external_id] = None
            self._keep_all(self._named(external_id=external_id))
        return self._by_id[external_id]

    def by_key(self, key: uuid.UUID | None) -> Row | None:
        """The row of this key of ours."""
        if key is None:
            return None
        if key not in self._by_key:
            self._by_key[key] = None
            self._keep_all(self._found.filter(key=key))
        return self._by_key[key]

    def _named(self, **which: Any) -> "QuerySet[Row]":
        # Said twice for the database: without it, it does not see that the index of names serves.
        return self._found.filter(**which).exclude(external_id="")

    def unnamed(self) -> "QuerySet[Row]":
        """Those of orders that the provider has given no id yet."""
        return self._found.filter(external_id="", status=Status.REQUESTED)

    def held(self) -> list[Row]:
        """The rows that were read so far."""
        return list(self._objects.values())

    def keep(self, row: Row) -> None:
        """Know a row by what it is called now: after it was made, named or merged."""
        if row.pk is not None:
            self._objects[row.pk] = row
        self._by_key[row.key] = row
        if row.external_id:
            self._by_id[row.external_id] = row

    def drop(self, row: Row) -> None:
        """A row that became part of another."""
        self._objects.pop(row.pk, None)
        self._by_key[row.key] = self._by_id[row.external_id] = None

    def _keep_all(self, found: Iterable[Row]) -> None:
        for row in found:
            self.keep(self._objects.get(row.pk, row))
