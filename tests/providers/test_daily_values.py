import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.daily import values
from recordings.providers.daily.api import subdomain
from tests.providers.daily_account import KEY


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1733234933, "2024-12-03T14:08:53+00:00"),
        (1733234933.5, "2024-12-03T14:08:53.500000+00:00"),
        ("1733234933", "2024-12-03T14:08:53+00:00"),
        (1733234933500, "2024-12-03T14:08:53.500000+00:00"),
        ("2024-12-03T14:08:53.414Z", "2024-12-03T14:08:53.414000+00:00"),
        ("2024-12-03T15:08:53+01:00", "2024-12-03T14:08:53+00:00"),
        ("2024-12-03T14:08:53", "2024-12-03T14:08:53+00:00"),
    ],
)
def test_moments_in_every_spelling(value, expected):
    assert values.moment(value).isoformat() == expected


@pytest.mark.parametrize(
    "value",
    [
        0,
        -5,
        None,
        True,
        "",
        "soon",
        [],
        {},
        1e30,
        float("nan"),
        "9999-12-31T23:59:59-12:00",
        "0001-01-01",
        9e14,
    ],
)
def test_what_is_no_moment(value):
    assert values.moment(value) is None


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()))
def test_no_value_breaks_a_parser(value):
    moment = values.moment(value)

    assert moment is None or moment.tzinfo is UTC
    assert values.number(value) is None or abs(values.number(value)) < values.LARGEST
    assert values.seconds(value) is None or values.seconds(value) >= 0
    assert values.count(value) is None or values.count(value) >= 0
    assert "\0" not in values.text(value)
    assert values.key_of(value) == "" or values.is_uuid(values.key_of(value))
    values.is_link(values.text(value))
    values.key_in_name(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=10,
    )
)
def test_what_is_kept_can_be_stored(value):
    stored = json.dumps(values.kept(value), allow_nan=False, ensure_ascii=False)

    assert "\\u0000" not in stored
    stored.encode()


def test_access_does_not_stay_in_what_is_kept():
    raw = {
        "share_token": "secret-token",
        "link": "https://storage.test/file?X-Amz-Signature=abc",
        "deep": [{"download_link": "https://storage.test/file?sig=abc"}],
    }

    kept = json.dumps(values.kept(raw))

    assert "secret-token" not in kept
    assert "abc" not in kept


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (KEY, KEY),
        (KEY.upper(), KEY),
        ("c3df927c-f738-4471-a2b7-066fa7e95a6b", ""),
        ("not-a-uuid", ""),
        (None, ""),
    ],
)
def test_our_key_in_an_instance(value, expected):
    assert values.key_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"transcript-tapedeck-{KEY}.json", KEY),
        (f"a/b/{KEY}.json", ""),
        ("tapedeck-none.txt", ""),
        (None, ""),
    ],
)
def test_our_key_in_the_name_of_a_file(value, expected):
    assert values.key_in_name(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://storage.test/file?a=b", True),
        ("http://127.0.0.1:8000/file", True),
        ("The recording could not be found: https://x", False),
        ("https://x y/", False),
        ("https://[x", False),
        ("https://", False),
        ("", False),
    ],
)
def test_what_is_a_link(value, expected):
    assert values.is_link(value) is expected


def test_an_error_is_shown_without_roles_and_links():
    error = "arn:aws-us-gov:iam::1:role/x, see https://s.test/?X-Amz-Signature=abc" + "!" * 1000

    found = values.shown(error)

    assert found.startswith("[AWS name], see https://s.test/")
    assert "abc" not in found
    assert len(found) <= values.LONGEST_ERROR


@pytest.mark.parametrize(
    ("value", "expected"), [("fernweh", "fernweh"), (" https://Fernweh.daily.co/room ", "fernweh"), ("", "")]
)
def test_a_domain_in_every_spelling(value, expected):
    assert subdomain(value) == expected


def test_only_what_is_known_is_kept():
    assert values.known(a=1, b="", c=None, d={}, e=[], f=False) == {"a": 1, "f": False}


def test_years_before_daily_are_not_believed():
    assert values.moment(datetime(1999, 1, 1, tzinfo=UTC).timestamp()) is None


def test_what_no_database_keeps_is_left_out():
    assert values.kept({"a\0": [float("inf"), "b\0", "\ud800"]}) == {"a": [None, "b", "?"]}
