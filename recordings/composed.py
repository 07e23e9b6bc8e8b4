"""Statements that are composed once: with the ORM that takes ten times as long as to ask them."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
NOBODY = -1  # no row has this id


class Composed(Generic[Row]):
    """A query set with a few values that differ from time to time.

    ``compose`` is called once, with ``holes`` in the places of the values. Each hole must be something
    that the database gets as it is, a number or a text, and that stands for nothing else in the statement;
    one that is given no value stays in it.
    """

    def __init__(
        self, compose: "Callable[..., QuerySet[Row, Any]]", *, holes: Sequence[object] = (NOBODY,)
    ) -> None:
        self._compose, self._holes = compose, holes

    def tuples(self, *values: object) -> list[tuple[Any, ...]]:
        """The rows as the database gives them: only what needs no conversion should be asked for so."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, self._with(values))
            return list(cursor.fetchall())

    def instances(self, *values: object) -> list[Row]:
        """The rows as instances, what was annotated being attributes; other columns are deferred."""
        return list(self._query_set.model._default_manager.raw(self._sql, self._with(values)))

    @cached_property
    def _query_set(self) -> "QuerySet[Row, Any]":
        return self._compose(*self._holes)

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...]]:
        return self._query_set.query.sql_with_params()

    @property
    def _sql(self) -> str:
        return self._statement[0]

    def _with(self, values: Sequence[object]) -> list[Any]:
        given = dict(zip(self._holes, values, strict=False))
        return [given.get(each, each) for each in self._statement[1]]
