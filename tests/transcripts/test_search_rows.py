"""What a page of hits reads of its transcripts, and whose accounts it looks into."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
from django.db import transaction

from recordings.models import Account
from tests.transcripts.library import a_transcript, an_account
from transcripts import burial
from transcripts.models import SearchEntry
from transcripts.search_accounts import usable_ids
from transcripts.search_rows import ONE_BY_ONE, Written, rows_of

SEPARATORS = [(", ", ": "), (",", ":"), (",\n", ": ")]


def some(count):
    return [{"text": f'{number} ]"[ {{}}, é', "start": None} for number in range(count)]


@pytest.mark.parametrize("separators", SEPARATORS)
@pytest.mark.parametrize("count", [0, 1, ONE_BY_ONE - 1, ONE_BY_ONE, ONE_BY_ONE + 1, 3 * ONE_BY_ONE])
def test_utterances_are_those_that_were_written(count, separators):
    text = json.dumps(some(count), separators=separators)

    assert list(Written(text)) == some(count)
    assert len(Written(text)) == count
    assert Written(text)[-5:] == some(count)[-5:]


def test_what_was_read_in_part_can_be_read_in_any_order():
    lines = Written(json.dumps(some(2 * ONE_BY_ONE)))
    one, two = iter(lines), iter(lines)

    begun = [next(one), next(two), next(one)]

    assert begun == [some(3)[0], some(3)[0], some(3)[1]]
    assert lines[-1] == some(2 * ONE_BY_ONE)[-1]
    assert [*begun[::2], *one] == list(lines) == some(2 * ONE_BY_ONE)


def test_no_more_is_read_than_is_asked_for():
    cut_off = json.dumps(some(3 * ONE_BY_ONE))[:-40]

    assert next(iter(Written(cut_off))) == some(1)[0]
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        list(Written(cut_off))


@pytest.mark.django_db
def test_rows_come_in_the_order_that_is_asked_for_without_the_deleted():
    account = an_account("Sales")
    one, two, three = (a_transcript(account, text) for text in ("one", "two", "three"))
    places = dict(SearchEntry.objects.values_list("transcript", "place"))
    with transaction.atomic():
        burial.forget(two)

    found = rows_of([places[each.pk] for each in (three, two, one)])

    assert [(row.key, row.lines[0]["text"]) for row in found] == [(three.key, "three"), (one.key, "one")]
    assert found[0].sort_at == three.sort_at
    assert found[0].recording_key == three.recording.key
    assert rows_of([]) == []


@pytest.mark.django_db
def test_words_that_are_gone_though_the_index_has_them_are_no_lines():
    transcript = a_transcript(an_account("Sales"), "one")
    transcript.text.delete()

    [row] = rows_of([SearchEntry.objects.get().place])

    assert row.lines == ()


@pytest.mark.django_db
def test_accounts_are_those_that_the_query_set_gives(django_assert_num_queries):
    mine, others = Group.objects.create(name="mine"), Group.objects.create(name="others")
    for name, groups in (("open", ()), ("mine", (mine,)), ("both", (mine, others)), ("others", (others,))):
        an_account(name, *groups)
    users = get_user_model().objects
    member, stranger = users.create_user("member"), users.create_user("stranger")
    disabled = users.create_user("disabled", is_active=False)
    member.groups.set([mine])
    disabled.groups.set([mine])

    for user in (member, stranger, disabled, AnonymousUser()):
        usable = set(Account.objects.usable_by(user).values_list("pk", flat=True))
        assert set(usable_ids(user)) == usable
    with django_assert_num_queries(1):
        assert len(usable_ids(member)) == 3
    assert len(usable_ids(stranger)) == 1
    assert usable_ids(disabled) == usable_ids(AnonymousUser()) == ()
