"""Statements that are composed once say what the query set says, whatever value is put in."""

from typing import Any

import pytest
from django.db.models import F

from dashboard.models import User
from recordings.composed import NOBODY, Composed


@pytest.fixture
def people(db: None) -> list[User]:
    return [User.objects.create_user(name, first_name="the same") for name in ("ann", "bob", "cy")]


def test_it_is_composed_once_and_asked_with_each_value(
    people: list[User], django_assert_num_queries: Any
) -> None:
    asked = []

    def compose(pk: int) -> Any:
        asked.append(pk)
        return User.objects.filter(pk=pk).values_list("username", "first_name")

    names: Composed[User] = Composed(compose)

    with django_assert_num_queries(3):
        assert [names.tuples(each.pk) for each in people] == [
            [(each.username, "the same")] for each in people
        ]
    assert asked == [NOBODY]
    assert names.tuples(NOBODY) == names.tuples() == []


def test_several_values_and_fewer_than_there_is_room_for(people: list[User]) -> None:
    ann, bob, cy = people
    found = Composed(lambda *pks: User.objects.filter(pk__in=pks).order_by("username"), holes=(-1, -2, -3))

    assert found.instances(cy.pk, ann.pk, bob.pk) == people
    assert found.instances(cy.pk, ann.pk) == [ann, cy]
    assert found.instances() == []


def test_instances_have_what_was_annotated_and_read_the_rest_when_asked(
    people: list[User], django_assert_num_queries: Any
) -> None:
    found = Composed(
        lambda name: User.objects.filter(username=name).only("username").annotate(again=F("username")),
        holes=("-",),
    )

    with django_assert_num_queries(1):
        [bob] = found.instances("bob")
        assert (bob.username, bob.again) == ("bob", "bob")  # type: ignore[attr-defined]
    with django_assert_num_queries(1):
        assert bob.first_name == "the same"


def test_value_is_a_parameter_and_no_part_of_the_statement(people: list[User]) -> None:
    found = Composed(lambda name: User.objects.filter(username=name), holes=("-",))

    assert found.instances("' OR 1=1 --") == []
    assert found.instances("%s") == []
    assert User.objects.count() == 3
