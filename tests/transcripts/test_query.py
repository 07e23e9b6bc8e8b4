"""What an operator types: read the same by the evaluator, SQLite's FTS5 and PostgreSQL."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from transcripts.query import (
    All,
    Either,
    Filter,
    Query,
    QueryError,
    Term,
    has_phrases,
    hits,
    matches,
    parse,
    to_fts5,
    to_like,
    to_strpos,
    to_tsquery,
    without_phrases,
)
from transcripts.tokens import token_column, tokens

CASES = json.loads((Path(__file__).parent / "queries.json").read_text(encoding="utf-8"))
TEXTS = CASES["texts"]
QUERIES = [pytest.param(case["query"], case["hits"], id=case["query"][:20]) for case in CASES["queries"]]

# The tree


def term(*words: str, is_prefix: bool = False) -> Term:
    return Term(tokens=words, is_prefix=is_prefix)


A, B, C = term("a"), term("b"), term("c")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a", A),
        ("a b", All(nodes=(A, B))),
        ("a AND b", All(nodes=(A, B))),
        ('"a b"', term("a", "b")),
        ('"a bc"*', term("a", "bc", is_prefix=True)),
        ("a-b", term("a", "b")),
        ("ab*", term("ab", is_prefix=True)),
        ("a -b", All(nodes=(A,), without=(B,))),
        ("-b a", All(nodes=(A,), without=(B,))),
        ("a --b", All(nodes=(A,), without=(B,))),
        ("a NOT b", All(nodes=(A,), without=(B,))),
        ("NOT b a", All(nodes=(A,), without=(B,))),
        ('a -"b c"', All(nodes=(A,), without=(term("b", "c"),))),
        ("a -(b c)", All(nodes=(A,), without=(All(nodes=(B, C)),))),
        ("a OR b", Either(nodes=(A, B))),
        ("a OR b c", Either(nodes=(A, All(nodes=(B, C))))),
        ("a OR NOT b c", Either(nodes=(A, All(nodes=(C,), without=(B,))))),
        ("(a OR b) c", All(nodes=(Either(nodes=(A, B)), C))),
        ("a OR (b OR c)", Either(nodes=(A, B, C))),
        ("a (b c)", All(nodes=(A, B, C))),
        ("(a -b) c", All(nodes=(A, C), without=(B,))),
        ("((a))", A),
        ("a () - 🎉 *", A),
        ("🎉 OR a", A),
        ("(🎉 OR !) a", A),
        ("a or and not", All(nodes=(A, term("or"), term("and"), term("not")))),
        ("a unknown:b", All(nodes=(A, term("unknown", "b")))),
        ("東京大", term("東京", "京大")),
        ("東京*", term("東京")),
        ("東", term("東", is_prefix=True)),
        ("東 a", All(nodes=(term("東", is_prefix=True), A))),
        ('"東京 a"', term("東京", "京", "a")),
        ('"a 東"', term("a", "東", is_prefix=True)),
        ('"東京 東"', term("東京", "京", "東", is_prefix=True)),
    ],
)
def test_parse_gives(text, node):
    assert parse(text) == Query(node=node)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("speaker:Ana", [Filter(name="speaker", value="Ana")]),
        ('SPEAKER:"Ana Silva"', [Filter(name="speaker", value="Ana Silva")]),
        ("speaker:“ Ana ”", [Filter(name="speaker", value="Ana")]),
        ("-speaker:ana", [Filter(name="speaker", value="ana", is_excluded=True)]),
        ("NOT provider:daily", [Filter(name="provider", value="daily", is_excluded=True)]),
        (
            "language:pt-BR account:sales",
            [Filter(name="language", value="pt-BR"), Filter(name="account", value="sales")],
        ),
        ("before:2026-11-20", [Filter(name="before", value="2026-11-20")]),
        ("after:20261120", [Filter(name="after", value="2026-11-20")]),
        ("speaker:10:30", [Filter(name="speaker", value="10:30")]),
    ],
)
def test_parse_gathers_filters(text, filters):
    assert parse(text) == Query(filters=tuple(filters))
    assert parse(f"a {text} b") == Query(node=All(nodes=(A, B)), filters=tuple(filters))


def test_a_filter_knows_its_day():
    assert parse("before:2026-11-20").filters[0].day == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Type at least one letter or digit to search for."),
        ("🎉 - ()", "Type at least one letter or digit to search for."),
        ("-a", "Add something to find: a search cannot only leave out."),
        ("a OR -b", "Add something to find: a search cannot only leave out."),
        ("a (-b)", "Add something to find: a search cannot only leave out."),
        ('a "b', 'The quotation mark before "b is never closed.'),
        ('speaker:"Ana', 'The quotation mark before speaker:"Ana is never closed.'),
        (f'"{"b" * 50}', f'The quotation mark before "{"b" * 39}… is never closed.'),
        ("(a", "A parenthesis is never closed."),
        ("a)", "A parenthesis is closed that was never opened."),
        ("a (b OR c", "A parenthesis is never closed."),
        ("OR", 'OR needs a word on each side. To find the word itself, write "OR".'),
        ("a OR", 'OR needs a word on each side. To find the word itself, write "OR".'),
        ("a OR AND b", 'OR needs a word on each side. To find the word itself, write "OR".'),
        ("(a OR) b", 'OR needs a word on each side. To find the word itself, write "OR".'),
        ("AND a", 'AND needs a word on each side. To find the word itself, write "AND".'),
        ("a NOT", 'NOT needs a word after it. To find the word itself, write "NOT".'),
        ("a NOT NOT b", 'NOT needs a word after it. To find the word itself, write "NOT".'),
        ("a*", "Write at least 2 letters before the * of a*."),
        ("speaker:", "Write what speaker: is to be, right behind the colon."),
        ('account:" "', "Write what account: is to be, right behind the colon."),
        ("before:today", "Write the day as year-month-day, such as before:2026-11-20."),
        ("-before:2026-11-20", "before: cannot be left out: use after:."),
        ("-after:2026-11-20", "after: cannot be left out: use before:."),
        ("(speaker:ana b)", "speaker: holds for the whole search: not in parentheses or beside OR."),
        ("speaker:ana OR b", "speaker: holds for the whole search: not in parentheses or beside OR."),
        ("b OR speaker:ana", "speaker: holds for the whole search: not in parentheses or beside OR."),
        ("a " * 501, "The search is longer than 1000 characters: leave something out."),
        ("a " * 65, "The search has more than 64 words: leave some out."),
        ("(" * 11 + "a" + ")" * 11, "More than 10 parentheses inside each other: write it simpler."),
    ],
)
def test_parse_refuses_with_a_sentence(text, message):
    with pytest.raises(QueryError) as refused:
        parse(text)

    assert str(refused.value) == message


def test_parse_takes_no_character_that_a_database_refuses():
    assert parse("speaker:a\0b \ud800c") == Query(
        node=All(nodes=(B, C)), filters=(Filter(name="speaker", value="a"),)
    )


# Agreement


@pytest.fixture(scope="module")
def fts5():
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(tokens, content='', tokenize='ascii')")
    database.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, name TEXT, tokens TEXT)")
    for number, (name, text) in enumerate(TEXTS.items()):
        database.execute("INSERT INTO words(rowid, tokens) VALUES (?, ?)", [number, token_column([text])])
        database.execute("INSERT INTO texts VALUES (?, ?, ?)", [number, name, token_column([text])])
    yield database
    database.close()


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_the_evaluator_finds(text, expected):
    query = parse(text)

    assert [name for name, said in TEXTS.items() if matches(query, tokens(said))] == expected


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_fts5_finds_the_same(fts5, text, expected):
    sql = "SELECT name FROM texts WHERE id IN (SELECT rowid FROM words WHERE words MATCH ?) ORDER BY id"

    assert [name for (name,) in fts5.execute(sql, [to_fts5(parse(text))])] == expected


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_like_finds_the_same(fts5, text, expected):
    condition, parameters = to_like(parse(text), "tokens")
    sql = f"SELECT name FROM texts WHERE {condition.replace('%s', '?')} ORDER BY id"

    assert [name for (name,) in fts5.execute(sql, parameters)] == expected


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_strpos_finds_the_same(fts5, text, expected):
    fts5.create_function("strpos", 2, lambda tokens, part: tokens.find(part) + 1)
    condition, parameters = to_strpos(parse(text), "tokens")
    sql = f"SELECT name FROM texts WHERE {condition.replace('%s', '?')} ORDER BY id"

    assert [name for (name,) in fts5.execute(sql, parameters)] == expected


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_every_hit_has_something_to_mark(text, expected):
    query = parse(text)

    for name in expected:
        marked = [TEXTS[name][start:end] for start, end in hits(query, TEXTS[name])]
        assert marked
        assert all(marked)


@given(
    text=st.text(alphabet="aAbz09 _-.", max_size=60) | st.text(alphabet="ab", min_size=60, max_size=70),
    words=st.lists(st.from_regex("[ab0]{2,3}[*]?|a{62,66}[*]?", fullmatch=True), min_size=1, max_size=3),
)
@example(text="a" * 66, words=["a" * 66])
@example(text="b_ab-AB", words=["ab", "ab*"])
def test_quick_look_marks_what_the_tokens_mark(text, words):
    query = parse(" ".join(words))

    # An apostrophe, though far away, sends the same words the long way.
    assert hits(query, text) == hits(query, f"{text} 'é'")


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks PostgreSQL")
def test_postgresql_finds_the_same():
    columns = {name: token_column([text]) for name, text in TEXTS.items()}
    sql = (
        "SELECT name, to_tsvector('simple', tokens) @@ to_tsquery('simple', %s),"
        " strip(to_tsvector('simple', tokens)) @@ to_tsquery('simple', %s) AND {condition}"
        " FROM unnest(%s::text[], %s::text[]) AS texts(name, tokens)"
    )
    wrong = {}

    with connection.cursor() as cursor:
        for case in CASES["queries"]:
            query = parse(case["query"])
            condition, parameters = to_strpos(query, "tokens")
            cursor.execute(
                sql.format(condition=condition),
                [
                    to_tsquery(query),
                    to_tsquery(without_phrases(query)),
                    *parameters,
                    list(columns),
                    list(columns.values()),
                ],
            )
            rows = cursor.fetchall()
            exact = [name for name, is_found, _ in rows if is_found]
            checked = [name for name, _, is_found in rows if is_found]
            if not exact == checked == case["hits"]:
                wrong[case["query"]] = (exact, checked)

    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks PostgreSQL")
def test_postgresql_takes_the_column_verbatim():
    digits = [
        f"{head}{tail}"
        for head in ("1", "12e3", "0x1f", "e5", "x")
        for tail in ("", "e", "e5", "x", "e5e5a", "я")
    ]
    columns = [token_column([text]) for text in [*TEXTS.values(), *digits]]

    with connection.cursor() as cursor:
        for column in columns:
            cursor.execute(
                "SELECT lexeme, unnest(positions) FROM unnest(to_tsvector('simple', %s)) ORDER BY 2",
                [column],
            )
            assert [lexeme for lexeme, _ in cursor.fetchall()] == column.split()


WORDS = st.sampled_from(
    ["a", "b", "ab", "abc", "x", "京", "京大", "大京", "京大京", "я", "яb", "1", "12", "1e5", "it's"]
)
SAID = st.lists(WORDS, max_size=8).map(" ".join)
TYPED = st.recursive(
    WORDS
    | st.sampled_from(
        ["ab*", "12*", "京*", '"a b"', '"b a"', '"a ab"*', '"京 大"', '"京大 a"', '"a 京"', "🎉"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(" OR ".join),
        inner.map("({})".format),
        st.tuples(inner, inner).map("({0[0]}) -({0[1]})".format),
    ),
    max_leaves=6,
)


@given(SAID, TYPED)
def test_all_agree_on_anything(said, typed):
    try:
        query = parse(typed)
    except QueryError:
        return
    found = matches(query, tokens(said))
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(tokens, tokenize='ascii')")
    database.execute("INSERT INTO words VALUES (?)", [token_column([said])])
    condition, parameters = to_like(query, "tokens")

    by_index = database.execute("SELECT 1 FROM words WHERE words MATCH ?", [to_fts5(query)]).fetchone()
    by_like = database.execute(
        f"SELECT 1 FROM words WHERE {condition.replace('%s', '?')}", parameters
    ).fetchone()

    database.close()
    assert bool(by_index) is found
    assert bool(by_like) is found
    assert matches(without_phrases(query), tokens(said)) or not found
    assert bool(hits(query, said)) or not found


@given(
    st.text()
    | st.lists(
        st.sampled_from('ab京🎉"“()-*: \0')
        | st.sampled_from([" OR ", " AND ", " NOT ", "speaker:", "before:", "2026-11-20"])
    ).map("".join)
)
@example("a" * 999)
@example("(" * 1000)
@example('"' * 1000)
def test_parse_raises_nothing_else(text):
    try:
        query = parse(text)
    except QueryError:
        return
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(tokens, tokenize='ascii')")
    if query.node is not None:
        database.execute("SELECT 1 FROM words WHERE words MATCH ?", [to_fts5(query)]).fetchone()
    database.close()


# Marks and odds


@pytest.mark.parametrize(
    ("typed", "said", "marked"),
    [
        ("ana plan", "Ana's plan, the planning", ["Ana's", "plan"]),
        ("plan*", "plan, the planning", ["plan", "planning"]),
        ('"the plan"', "The plan? plan the the  plan!", ["The plan", "the  plan"]),
        ('"ha ha"', "ha ha ha", ["ha ha ha"]),
        ("strasse -plan", "Die Straße", ["Straße"]),
        ("東京大学", "東京大学と東京", ["東京大学"]),
        ("京", "東京大学 京", ["京", "京"]),
        ("学", "大学", ["学"]),
        ("東京 京大", "東京大学", ["東京大"]),
        ("a OR b", "b c a", ["b", "a"]),
        ("½", "a ½", ["½"]),
        ("a", "b", []),
        ("speaker:ana", "ana", []),
    ],
)
def test_hits_mark(typed, said, marked):
    assert [said[start:end] for start, end in hits(parse(typed), said)] == marked


def test_a_query_of_filters_finds_everything_and_says_nothing():
    query = parse("speaker:ana")

    assert matches(query, tokens("anything"))
    assert (to_fts5(query), to_tsquery(query), to_like(query, "tokens")) == ("", "", ("", []))
    assert to_strpos(query, "tokens") == ("", [])
    assert not has_phrases(query)
    assert without_phrases(query) == query


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("a b", False),
        ("ab* OR 京", False),
        ('"a b"', True),
        ("a OR b-c", True),
        ("a -b-c", True),
        ("東京大", True),
    ],
)
def test_phrases_are_known(typed, expected):
    assert has_phrases(parse(typed)) is expected


def test_without_phrases_finds_at_least_as_much():
    query = parse('"a b" ("c de"* OR f) -"g h" -i')

    assert to_tsquery(without_phrases(query)) == ("(((a) & (b)) & (((c) & (de:*)) | (f)) & !(i))")
