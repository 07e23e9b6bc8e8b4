"""The table of capabilities, the adapters and the fixtures say the same, in both directions."""

from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from recordings.providers.base import ProviderAdapter
from recordings.providers.options import Kind, Option
from recordings.providers.orders import CallRef, Order, RecordingRef, TranscriptRef
from recordings.providers.registry import ADAPTERS, adapter_class
from recordings.providers.snapshots import CallState, Status
from tests.contract import coverage_words as words
from tests.contract.coverage_table import (
    DONE,
    FOLDER,
    HEADER,
    KINDS,
    NOT_OFFERED,
    Row,
    lines,
    references,
    rows,
)

PROVIDERS = sorted(ADAPTERS)
KNOWN = {
    *("action", "method", "bucket", "config", "kind", "code", "option", "sent", "fixture", "ignored"),
    *("http", "on", "raises", "remedy", "words"),
}
# What a provider does for us, method by method. A row names each that an adapter has of its own.
CALLS = (
    *("check", "list_calls", "list_recordings", "list_transcripts", "fetch", "fetch_text", "variants"),
    *("media", "list_endpoints", "verify", "read", "evidence"),
)
# The contracts are no part of the project. So many of their facts were read into the table: whoever takes a
# row out that nothing else would miss says so here.
FACTS = {"daily": 214, "recall": 417, "twilio": 296, "vobiz": 123}
HOOK = "https://console.example.test/webhooks/provider/key/"
each = pytest.mark.parametrize("slug", PROVIDERS)


def option_of(slug: str, name: str) -> tuple[Option | None, str]:
    """The option that ``<action>:<name>[=<choices>]`` means, and the choices."""
    kind, _, rest = name.partition(":")
    wanted, _, choices = rest.partition("=")
    action = adapter_class(slug).action(kind)
    options = action.options if action else ()
    return next((option for option in options if option.name == wanted), None), choices


def named(slug: str, kind: str, what: str) -> list[tuple[Row, str]]:
    """Each reference of this kind in the rows of a kind."""
    return [(row, name) for row in rows(slug, kind) for name in row.named(what)]


def last(name: str) -> str:
    return name.rpartition(".")[2]


# The table itself.


def test_there_is_one_file_for_each_provider() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.csv")) == PROVIDERS


@each
def test_every_line_is_whole(slug: str) -> None:
    header, *found = lines(slug)

    assert header == HEADER
    assert [line for line in found if len(line) != len(HEADER) or not all(map(str.strip, line))] == []
    assert {line[1] for line in found} <= set(KINDS)
    assert {line[3] for line in found} <= {DONE, NOT_OFFERED}


@each
def test_no_row_is_lost(slug: str) -> None:
    assert len(lines(slug)) - 1 == FACTS[slug]


@each
def test_no_row_stands_twice(slug: str) -> None:
    found = [tuple(line[:3]) for line in lines(slug)]

    assert [each for each in found if found.count(each) > 1] == []


@each
def test_what_is_not_offered_says_why_with_its_section(slug: str) -> None:
    for row in rows(slug, state=NOT_OFFERED):
        assert row.where.startswith((f"§{row.section} ", f"§{row.section}: ")), row
        assert row.where.endswith("."), row


@each
def test_what_is_done_says_where(slug: str) -> None:
    tables = KNOWN | words.STATUSES[slug].keys()

    assert [str(row) for row in rows(slug) if not row.references] == []
    assert {what for row in rows(slug) for what, _ in row.references} <= tables


# Capabilities.


@each
def test_what_a_row_names_exists(slug: str) -> None:
    adapter = adapter_class(slug)

    assert references(slug, "action") - {action.kind for action in adapter.actions} == set()
    assert [name for name in references(slug, "method") if not callable(getattr(adapter, name, None))] == []
    assert references(slug, "bucket") - {bucket.name for bucket in adapter.buckets} == set()
    assert references(slug, "kind") - {kind.name for kind in adapter.transcript_kinds} == set()
    for name in references(slug, "config"):
        require_field(adapter, name)
    for name in references(slug, "code"):
        require_code(name)


def require_field(adapter: type[ProviderAdapter], name: str) -> None:
    wanted, _, choices = name.partition("=")
    field = next(each for each in adapter.config_fields if each.name == wanted)
    assert not choices or {choice for choice, _ in field.choices} == set(choices.split("|"))


def require_code(name: str) -> None:
    path, _, entry = name.partition("=")
    found = code(path)
    assert not entry or entry in found, name


def code(path: str) -> Any:
    """What stands there; raises ``AttributeError``."""
    found: Any = import_module("recordings.providers")
    for name in path.split("."):
        found = inside(found, name)
    return found


def inside(found: Any, name: str) -> Any:
    """A submodule or an attribute; raises ``AttributeError`` for neither."""
    if not isinstance(found, ModuleType) or hasattr(found, name):
        return getattr(found, name)
    try:
        return import_module(f"{found.__name__}.{name}")
    except ModuleNotFoundError as exc:
        raise AttributeError(name) from exc


@each
def test_everything_that_an_adapter_offers_has_a_row(slug: str) -> None:
    adapter = adapter_class(slug)
    own = {name for name in CALLS if getattr(adapter, name) is not getattr(ProviderAdapter, name)}

    assert {action.kind for action in adapter.actions} - references(slug, "action") == set()
    assert {bucket.name for bucket in adapter.buckets} - references(slug, "bucket") == set()
    assert {kind.name for kind in adapter.transcript_kinds} - references(slug, "kind") == set()
    assert own - references(slug, "method") == set()
    fields = {name.partition("=")[0] for name in references(slug, "config")}
    assert {field.name for field in adapter.config_fields} - fields == set()


@each
def test_every_entry_of_a_table_that_rows_name_by_entry_has_a_row(slug: str) -> None:
    found: dict[str, set[str]] = {}
    for name in references(slug, "code"):
        path, _, entry = name.partition("=")
        found.setdefault(path, set()).update({entry} if entry else ())

    assert {path: set(code(path)) for path, entries in found.items() if entries} == {
        path: entries for path, entries in found.items() if entries
    }


# Options.


@each
def test_option_of_a_row_is_one_of_the_adapters(slug: str) -> None:
    for row, name in named(slug, "option", "option"):
        option, choices = option_of(slug, name)
        assert option is not None, name
        assert last(option.name).endswith(last(row.name.split()[0])), f"{row} is not {option.name}"
        if option.kind in {Kind.CHOICE, Kind.CHOICES}:
            assert {choice for choice, _ in option.choices} == set(choices.split("|")), name


@each
def test_what_a_row_says_is_sent_is_sent(slug: str) -> None:
    for row, name in named(slug, "option", "sent"):
        kind, _, place = name.partition(":")
        body: Any = adapter_class(slug).preview(an_order(kind))
        for step in place.split("."):
            body = body[step]
        assert body not in (None, ""), row


def an_order(kind: str) -> Order:
    """An order of this kind with all that it could be about."""
    call = CallRef(external_id="c", key="k", state=CallState.LIVE)
    recording = RecordingRef(
        external_id="r",
        key="k",
        status=Status.COMPLETED,
        call=call,
        handle={"url": "https://media.example.test/r.mp3", "instanceId": words.ID, "type": "raw-tracks"},
    )
    transcript = TranscriptRef(
        external_id="t", key="k", status=Status.COMPLETED, handle={"instanceId": words.ID}
    )
    options = {"transcription_type": "auto", "provider": "recallai_async", "metadata": {}}
    return Order(
        kind=kind,
        key="k",
        send_key="s",
        options=options,
        call=call,
        recording=recording,
        transcript=transcript,
        callback_url=HOOK,
    )


@each
def test_every_option_of_an_adapter_has_a_row(slug: str) -> None:
    options = {
        f"{action.kind}:{option.name}" for action in adapter_class(slug).actions for option in action.options
    }
    named = {name.partition("=")[0] for name in references(slug, "option")}

    assert options - named == set()


@each
def test_no_option_is_offered_that_the_table_says_is_not(slug: str) -> None:
    offered = {option.name for action in adapter_class(slug).actions for option in action.options}

    assert {row.name for row in rows(slug, "option", state=NOT_OFFERED)} & offered == set()


# Statuses.


@each
def test_status_is_taken_for_what_the_table_says(slug: str) -> None:
    for row in rows(slug, "status"):
        for table, ours in row.references:
            assert str(words.STATUSES[slug][table](row.name)) == ours, row


@each
def test_every_word_of_an_adapters_tables_has_a_row(slug: str) -> None:
    found = {(table, row.name) for row in rows(slug, "status") for table, _ in row.references}
    known = {(table, word) for table, known in words.TABLES[slug].items() for word in known}

    assert known - found == set()


@each
def test_word_that_is_not_offered_is_not_guessed(slug: str) -> None:
    for row in rows(slug, "status", state=NOT_OFFERED):
        assert all(row.name not in known for known in words.TABLES[slug].values()), row


# Events.


@each
def test_event_has_a_fixture_and_is_understood(slug: str) -> None:
    assert [str(row) for row in rows(slug, "event") if not row.named("fixture")] == []
    for row, name in named(slug, "event", "fixture"):
        file, _, path = name.partition("@")
        assert words.facts_of(slug, file, path) is not None, row
    for row, name in named(slug, "event", "ignored"):
        assert words.facts_of(slug, name) is None, row


@each
def test_every_fixture_of_an_event_has_a_row(slug: str) -> None:
    named = {name.partition("@")[0] for name in references(slug, "fixture") | references(slug, "ignored")}

    assert words.events(slug) == named


# Errors.


@each
def test_error_has_its_class_and_its_remedy(slug: str) -> None:
    for row in rows(slug, "error"):
        require_meaning(slug, row)


def require_meaning(slug: str, row: Row) -> None:
    code, text = "" if row.named("words") else row.name.split()[0], told(row)
    if row.named("http"):
        found = words.error(slug, int(row.one("http")), own_code(row), order_of(slug, row))
        assert (type(found).__name__ if found else "done") == row.one("raises"), row
        code, text = (found.code, found.message) if found else ("", "")
    for wanted in row.named("remedy"):
        remedy = adapter_class(slug).remedy_for(code, text or row.name)
        assert remedy is not None, row
        assert remedy.code == wanted, row


def told(row: Row) -> str:
    return words.WORDS[row.one("words")] if row.named("words") else ""


def own_code(row: Row) -> str:
    """The provider's code, where the row is named by one and not by a status."""
    name = row.name.split()[0]
    return "" if name == row.one("http") else name


def order_of(slug: str, row: Row) -> str:
    kind = row.one("on", words.USUAL_ORDER[slug])
    return "" if kind == "read" else kind


@each
def test_every_remedy_has_a_row(slug: str) -> None:
    assert adapter_class(slug).remedies.keys() - references(slug, "remedy") == set()


@each
def test_error_says_what_is_made_of_it(slug: str) -> None:
    for row in rows(slug, "error"):
        assert row.named("remedy") or row.named("raises") or row.named("code"), row


def test_the_checks_themselves_can_fail() -> None:
    wrong = Row(
        section="1", kind="option", name="x", state=DONE, where="option:recording.start:nothing -- note"
    )

    assert option_of("vobiz", wrong.one("option")) == (None, "")
    assert wrong.references == [("option", "recording.start:nothing")]
    with pytest.raises(AttributeError):
        require_code("vobiz.listing.NOTHING")
    with pytest.raises(AttributeError):
        require_code("vobiz.nothing")
    with pytest.raises(StopIteration):
        require_field(adapter_class("vobiz"), "nothing")
