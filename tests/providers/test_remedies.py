"""Every code that an adapter or a contract knows has a remedy of its own, and its words lead to it."""

import json
import re
from itertools import chain
from pathlib import Path

import pytest

from recordings.providers.daily import outcomes as daily
from recordings.providers.daily import recordings as daily_recordings
from recordings.providers.recall import answers, words
from recordings.providers.registry import ADAPTERS, adapter_class
from recordings.providers.remedies import Owner, catalogue, entry, find, sign
from recordings.providers.twilio import calls as twilio_calls
from recordings.providers.twilio import outcomes as twilio
from recordings.providers.twilio import recordings as twilio_recordings
from recordings.providers.vobiz import outcomes as vobiz
from recordings.providers.vobiz import transcripts as vobiz_transcripts

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
# What the adapters' own tables name. A provider without a line fails.
TABLES = {
    "daily": {*daily.BY_CODE, *daily_recordings.REASONS},
    "recall": {*answers._CODES, *map(str, answers._STATUSES), *words.REASONS},
    "twilio": {*twilio.WHAT, *twilio_recordings.ERRORS, *twilio_calls.REASONS},
    "vobiz": set(map(str, vobiz.WHAT)),
}
# What the contracts name besides, where no table of an adapter has it.
CONTRACTS = {
    "daily": {"cloud-recording-error", "other-domain", "job-exists", "job-open"},
    "recall": set(),
    "twilio": {*["95201", "13617", "13618", "13620", "17501", "17530", "17531", "17533", "57012", "408"]},
    "vobiz": {"RecordingTimeout", "maxLength", "FinishedOnKey", "HungUp"},
}
# What the adapters say where the provider gives no code.
SENTENCES = {
    "daily": {*daily.BY_STATUS.values(), *daily.SPECIAL.values()},
    "recall": {*answers._STATUSES.values(), answers._FIREWALL, answers._NO_API},
    "twilio": {*twilio.BY_STATUS.values(), twilio_recordings.NOTHING_KEPT},
    "vobiz": {*vobiz.WHAT.values(), *vobiz.MISSING.values(), *vobiz_transcripts.REMEDIES, vobiz.SERVER_SIDE},
}
PROVIDERS = sorted(ADAPTERS)
ENTRIES = [(slug, code) for slug in PROVIDERS for code in adapter_class(slug).remedies]


def fixtures(slug):
    return json.loads((FIXTURES / slug / "remedies.json").read_text())


@pytest.mark.parametrize("slug", PROVIDERS)
def test_codes_of_tables_and_contracts_have_an_entry(slug):
    known = adapter_class(slug).remedies

    assert (TABLES[slug] | CONTRACTS[slug]) - known.keys() == set(), "write their remedies"


@pytest.mark.parametrize(
    ("slug", "text"), [(slug, text) for slug in PROVIDERS for text in sorted(SENTENCES[slug])]
)
def test_sentences_without_a_code_lead_to_an_entry(slug, text):
    assert adapter_class(slug).remedy_for("", text) is not None


@pytest.mark.parametrize("slug", PROVIDERS)
def test_each_entry_has_one_fixture(slug):
    assert fixtures(slug).keys() == adapter_class(slug).remedies.keys()


@pytest.mark.parametrize(("slug", "code"), ENTRIES)
def test_what_a_provider_said_leads_to_its_entry(slug, code):
    said = fixtures(slug)[code]

    found = adapter_class(slug).remedy_for(said["code"], said["text"])

    assert found is not None
    assert found.code == code
    assert "{" not in found.remedy


def test_no_two_are_alike():
    every = list(chain.from_iterable(adapter_class(slug).remedies.values() for slug in PROVIDERS))

    assert len(every) >= 60
    assert len({each.meaning for each in every}) == len(every)
    assert len({each.remedy for each in every}) == len(every)


@pytest.mark.parametrize(("slug", "code"), ENTRIES)
def test_entries_are_sentences(slug, code):
    found = adapter_class(slug).remedies[code]

    assert re.fullmatch(r"[A-Z].*\.", found.meaning)
    assert re.fullmatch(r"[A-Z].*\.", found.remedy)


@pytest.mark.parametrize("slug", PROVIDERS)
def test_unknown_code_has_none(slug):
    assert adapter_class(slug).remedy_for("never-heard-of", "Something new.") is None


def test_daily_words_name_permission_role_and_bucket():
    said = fixtures("daily")["s3-permission"]["text"]

    found = adapter_class("daily").remedy_for("", said)

    assert "s3:PutObject on acme-tapes" in found.remedy
    assert "the role tapes-writer" in found.remedy


def test_daily_words_that_name_less_are_filled_with_where_to_look():
    said = (
        "User: arn:aws:sts::1:assumed-role/example is not authorized to perform: s3:GetObject on the bucket"
    )

    found = adapter_class("daily").remedy_for("", said)

    assert "s3:GetObject on the bucket" in found.remedy
    assert "the role example" in found.remedy


def test_code_twice_in_a_catalogue_is_refused():
    line = entry("x", "It is.", "Do it.", Owner.OPERATOR)

    with pytest.raises(ValueError, match="twice"):
        catalogue(line, line)


def test_sign_counts_only_beside_its_codes():
    line = entry("x", "It is.", "Do it.", Owner.OPERATOR)

    assert find({"x": line}, (sign("x", "boom", "general"),), "other", "Boom!") is None
    assert find({"x": line}, (sign("x", "boom", "general"),), "general", "Boom!") is line
