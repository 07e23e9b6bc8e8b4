from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.test.html import parse_html
from django.urls import reverse, set_script_prefix
from django.utils import timezone

from dashboard import listing
from dashboard.controls import DayAtOnce, TextAtOnce
from dashboard.models import User
from dashboard.navigation import links
from recordings import actions, connections
from recordings.targets import Target

NOON = datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC)

MARK = ' aria-current="page"'


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def shown(text, **values):
    return Template("{% load tapedeck %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("back", "text"),
    [
        (timedelta(hours=1), ">11:00<"),
        (timedelta(days=30), ">21 Oct 12:00<"),
        (timedelta(days=400), ">16 Oct 2025 12:00<"),
    ],
)
def test_moment_is_as_short_as_its_day_allows(back, text):
    assert text in shown("{% moment at %}", at=NOON - back)


def test_moment_is_told_in_the_operator_s_zone_and_in_full_on_hover():
    with timezone.override("Asia/Kolkata"):
        text = shown("{% moment at is_precise=True %}", at=NOON)

    assert 'datetime="2026-11-20T17:30:05+05:30"' in text
    assert 'title="Friday 20 November 2026, 17:30:05 IST"' in text
    assert ">17:30:05<" in text


def test_moment_is_told_anew_in_another_zone_and_on_another_day():
    at = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    with timezone.override("Asia/Kolkata"):
        assert ">21 Nov 04:00<" in shown("{% moment at %}", at=at)
    assert ">22:30<" in shown("{% moment at %}", at=at)
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert ">20 Nov 22:30<" in shown("{% moment at %}", at=at)


def test_hour_that_comes_twice_is_told_twice():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    with timezone.override("Europe/Berlin"):
        assert "02:30:00 CEST" in shown("{% moment at %}", at=first)
        assert "02:30:00 CET" in shown("{% moment at %}", at=first.replace(fold=1))
        assert "02:30:00 CEST" in shown("{% moment at %}", at=first)


def test_what_never_was_has_no_time():
    assert shown("{% moment at %}|{% age at %}|{% running at %}|{% moment at 'unknown' %}", at=None) == (
        "–|never||unknown"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "now"),
        (5, "5 s ago"),
        (185, "3 min ago"),
        (7200, "2 h ago"),
        (400_000, "4 d ago"),
        (-90, "in 1 min"),
    ],
)
def test_age_is_told_in_its_largest_unit(seconds, text):
    assert f" data-age>{text}<" in shown("{% age at %}", at=NOON - timedelta(seconds=seconds))


def test_running_time_is_a_clock():
    assert " data-running>1:02:03<" in shown("{% running at %}", at=NOON - timedelta(seconds=3723))


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "unknown"), (0, "0:00"), (247.9, "4:07"), (3753, "1:02:33")]
)
def test_duration(seconds, text):
    assert shown("{{ seconds|duration }}", seconds=seconds) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (None, "USD", "unknown"),
        (Decimal("0.000000"), "USD", "0.00 USD"),
        (Decimal("0.002500"), "USD", "0.0025 USD"),
        (Decimal(12), "INR", "12.00 INR"),
        (Decimal("1.5"), "", "1.50"),
    ],
)
def test_money_that_is_unknown_is_not_zero(amount, currency, text):
    assert shown("{% money amount currency %}", amount=amount, currency=currency) == text


def test_badges_have_a_tone_and_words():
    assert (
        shown("{% status 'in_progress' 'recording' %}")
        == '<span class="badge" data-tone="live">recording</span>'
    )
    assert shown("{% status 'in_progress' %}") == '<span class="badge" data-tone="live">in progress</span>'
    assert shown("{% state 'in_doubt' %}") == '<span class="badge" data-tone="warn">in doubt</span>'
    assert shown("{% state 'unheard_of' %}") == '<span class="badge" data-tone="neutral">unheard of</span>'
    assert [shown("{% health value %}", value=value) for value in (True, False, None)] == [
        '<span class="badge" data-tone="good">healthy</span>',
        '<span class="badge" data-tone="bad">unhealthy</span>',
        '<span class="badge" data-tone="neutral">not tested</span>',
    ]


def test_provider_s_own_words():
    text = "{{ p|provider_label }}|{{ p|call_label }}|{{ p|call_noun }}|{{ p|action_label:'call.send' }}"

    assert shown(text, p="recall") == "Recall.ai|Bot|bot|Send a bot"
    assert shown(text, p="gone") == "gone|Call|call|call send"
    assert (
        shown("{{ p|transcript_kind:'async' }}|{{ p|transcript_kind:'new' }}", p="recall") == "Afterwards|new"
    )
    assert shown("{{ p|transcript_kind:'async' }}", p="gone") == "async"


def test_json_is_indented_and_escaped():
    assert shown("{{ value|pretty_json }}", value={"a": "<b>"}) == (
        "{\n  &quot;a&quot;: &quot;&lt;b&gt;&quot;\n}"
    )


def test_value_of_a_mapping():
    assert shown("{{ value|at_key:'a.b' }}", value={"a.b": 1}) == "1"


def test_buttons_of_a_thing(db, world, recall, account, operator):
    call = world.call(account, recall.place_call("Weekly planning"))
    request = RequestFactory().get("/somewhere/")
    choices = actions.choices(operator, Target.of(call))

    text = shown("{% action_buttons choices call %}", choices=choices, call=call, request=request)

    assert f"/order/call/{call.key}/recording.start/" in text
    assert 'data-reason="The bot is on its way or in the call already' in text
    assert 'name="next" value="/somewhere/"' in text


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_appearance_is_what_was_chosen(chosen):
    user = User(preferences={"appearance": chosen})

    assert shown("{% appearance %}", user=user) == chosen


def test_appearance_is_the_device_s_otherwise():
    assert shown("{% appearance %}", user=User(preferences={"appearance": "pink"})) == ""
    assert shown("{% appearance %}") == ""


def test_demo_is_told(settings):
    settings.TAPEDECK_DEMO = True

    assert shown("{% is_demo %}") == "True"


def test_navigation_leads_only_where_one_may_go(viewer, operator):
    assert "Operations" not in [link.label for link in links(viewer, "/")]
    assert "Operations" in [link.label for link in links(operator, "/")]


def test_navigation_marks_where_one_is(operator):
    here = [link.label for link in links(operator, "/operations/some-key/") if link.is_current]

    assert here == ["Operations"]


@pytest.mark.parametrize(
    ("route", "section"),
    [
        ("transcripts", "Recordings"),
        ("expiry", "Recordings"),
        ("alerts", "Attention"),
        ("batches", "Operations"),
        ("presets", "Operations"),
    ],
)
def test_navigation_marks_the_section_of_a_page_beside_it(operator, route, section):
    here = [link.label for link in links(operator, reverse(route)) if link.is_current]

    assert here == [section]


def test_engine_that_no_option_names_is_called_by_its_adapter():
    named = {slug: face.engine_labels for slug, face in connections.faces().items() if face.engine_labels}
    words = [(slug, engine, label) for slug, labels in named.items() for engine, label in labels.items()]

    assert {("daily", "deepgram", "Deepgram"), ("twilio", "fast", "Twilio (fast)")} <= set(words)
    for slug, engine, label in words:
        assert shown("{{ slug|engine_label:engine }}", slug=slug, engine=engine) == label
    assert shown("{{ slug|engine_label:engine }}", slug="unheard", engine="of") == "of"


def test_long_names_break_behind_their_dots_and_dashes():
    written = shown("{{ name|breakable }}", name="meeting_metadata.<b>done--")

    assert written == "meeting_<wbr>metadata.<wbr>&lt;b&gt;done--<wbr>"
    assert shown("{{ name|breakable|default:'no name' }}", name="") == "no name"


def test_navigation_is_drawn_as_links(operator):
    request = RequestFactory().get("/operations/")
    request.user = operator
    found = links(operator, "/operations/")

    assert shown("{% navigation %}", request=request) == "".join(
        f'<a href="{each.url}"{MARK if each.label == "Operations" else ""}>{each.label}</a>' for each in found
    )


def test_navigation_leads_to_where_the_application_stands(operator):
    before = [link.url for link in links(operator, "/")]
    set_script_prefix("/below/")
    try:
        below = [link.url for link in links(operator, "/below/")]
    finally:
        set_script_prefix("/")

    assert below == [f"/below{url}" for url in before]
    assert [link.url for link in links(operator, "/")] == before


@pytest.mark.parametrize("value", ["", None, "a&b", "c", "strange"])
def test_choices_of_a_filter_are_drawn_as_django_draws_them(value):
    field = listing.chosen("Account", "Any <account>", [("a&b", "<A>"), ("c", "C")])
    attrs = {"id": "filter-account"}

    ours = field.widget.render("account", value, attrs)

    theirs = forms.Select(choices=field.choices).render("account", value, attrs)
    assert parse_html(ours) == parse_html(theirs)


@pytest.mark.parametrize("value", ["", None, "2026-11-20", date(2026, 11, 20), """<a b="c">'&"""])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (DayAtOnce(), forms.DateInput(attrs={"type": "date"})),
        (TextAtOnce(attrs={"placeholder": "<Words>"}), forms.TextInput(attrs={"placeholder": "<Words>"})),
    ],
)
def test_what_is_typed_is_drawn_as_django_draws_it(ours, theirs, value):
    attrs = {"id": "filter-since", "required": True, "disabled": False, "maxlength": 200}

    assert parse_html(ours.render("since", value, attrs)) == parse_html(theirs.render("since", value, attrs))


def test_one_moment_is_told_in_the_zone_of_whoever_reads():
    moment = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    drawn = []
    for zone in ("UTC", "Asia/Kolkata"):
        with timezone.override(zone):
            drawn.append(shown("{% age at %}", at=moment))

    assert "09:00:00 UTC" in drawn[0]
    assert "14:30:00 IST" in drawn[1]
