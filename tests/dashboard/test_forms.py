import pytest
from django.http import QueryDict

from dashboard.forms import OrderForm
from recordings.models import Account
from recordings.providers.options import Kind, Option

OPTIONS = (
    Option(name="name", kind=Kind.TEXT, label="Name", is_required=True, is_main=True, max_length=5),
    Option(name="notes", kind=Kind.LONG_TEXT, label="Notes", group="More"),
    Option(name="limit", kind=Kind.INTEGER, label="Limit", minimum=1, maximum=10, default=3, group="More"),
    Option(name="rate", kind=Kind.NUMBER, label="Rate", minimum=0.5, group="More"),
    Option(name="is_loud", kind=Kind.BOOLEAN, label="Loud", default=True),
    Option(name="is_kept", kind=Kind.BOOLEAN, label="Kept", provider_default="off"),
    Option(
        name="layout",
        kind=Kind.CHOICE,
        label="Layout",
        choices=(("a", "A"), ("b", "B")),
        provider_default="b",
    ),
    Option(name="days", kind=Kind.CHOICES, label="Days", choices=(("mo", "Monday"), ("tu", "Tuesday"))),
    Option(name="extra", kind=Kind.OBJECT, label="Extra"),
    Option(name="terms", kind=Kind.LIST, label="Terms"),
    Option(name="link", kind=Kind.URL, label="Link"),
    Option(name="at", kind=Kind.MOMENT, label="At"),
    Option(name="tint", kind=Kind.COLOR, label="Tint", pattern="#[0-9a-f]{6}"),
    Option(name="elsewhere", kind=Kind.LIST, label="Elsewhere", sends_elsewhere=True),
    Option(name="live", kind=Kind.TEXT, label="Live", needs_callback=True, default="yes"),
    Option(name="hook", kind=Kind.URL, label="Hook", is_ours=True, needs_callback=True, group="Ours"),
    Option(name="method", kind=Kind.CHOICE, label="Method", is_ours=True, default="POST", group="Ours"),
    Option(name="note", kind=Kind.TEXT, label="Note", is_ours=True, group="Ours"),
)
ENGINES = (
    Option(
        name="engine", kind=Kind.CHOICE, label="Engine", choices=(("x", "X"), ("y", "Y")), is_required=True,
        default="x",
    ),
    Option(name="x.language", kind=Kind.TEXT, label="Language", default="en", group="X"),
    Option(name="y.model", kind=Kind.TEXT, label="Model", is_required=True, group="Y"),
)  # fmt: skip


@pytest.fixture
def spoken_to(settings):
    settings.PUBLIC_URL = "https://tapedeck.test"
    return Account(provider="made-up", name="Ours", webhook_key="very-secret")


def form(account, data=None, *, options=OPTIONS, may_send_elsewhere=False, **facts):
    typed = None
    if data is not None:
        typed = QueryDict(mutable=True)
        for name, value in {"order_key": "k", **data}.items():
            given = value if isinstance(value, list) else [value]
            typed.setlist(name if name in {"order_key", "seen"} else f"o-{name}", given)
    return OrderForm(typed, options=options, account=account, may_send_elsewhere=may_send_elsewhere, **facts)


def values(account, data, **facts):
    filled = form(account, data, **facts)
    assert filled.is_valid(), filled.errors
    return filled.values()


def error(account, data, name, **facts):
    filled = form(account, data, **facts)
    assert not filled.is_valid()
    return filled.errors[f"o-{name}"][0]


def test_each_kind_is_read_into_its_own_type(spoken_to):
    typed = {
        "name": "Ada", "notes": "a\nb", "limit": "7", "rate": "1.5", "is_loud": "on", "is_kept": "false",
        "layout": "b", "days": ["mo", "tu"], "extra": '{"a": 1}', "terms": '["deck"]',
        "link": "https://a.example/", "at": "2026-12-01T10:30", "tint": "#102030", "live": "no",
    }  # fmt: skip

    assert values(spoken_to, typed) == {
        "name": "Ada", "notes": "a\nb", "limit": 7, "rate": 1.5, "is_loud": True, "is_kept": False,
        "layout": "b", "days": ["mo", "tu"], "extra": {"a": 1}, "terms": ["deck"],
        "link": "https://a.example/", "at": "2026-12-01T10:30:00+00:00", "tint": "#102030", "live": "no",
    }  # fmt: skip


def test_what_was_left_empty_is_not_sent(spoken_to):
    assert values(spoken_to, {"name": "Ada"}) == {"name": "Ada", "is_loud": False}


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("name", "", "This field is required."),
        ("name", "much too long", "At most 5 characters."),
        ("limit", "99", "The largest value is 10."),
        ("limit", "some", "This must be a whole number."),
        ("rate", "0.1", "The smallest value is 0.5."),
        ("rate", "much", "This must be a number."),
        ("layout", "z", "Choose one of: a, b."),
        ("extra", '{"a":', "This is not valid JSON"),
        ("extra", "[]", "This must be a JSON object."),
        ("at", "tomorrow", "Enter a valid date/time."),
        ("tint", "red", "This does not have the form"),
    ],
)
def test_wrong_value_is_told_at_its_field(spoken_to, name, typed, message):
    assert error(spoken_to, {"name": "Ada", name: typed}, name).startswith(message)


def test_all_messages_come_at_once(spoken_to):
    filled = form(spoken_to, {"name": "", "limit": "99", "extra": "{"})

    assert set(filled.errors) == {"o-name", "o-limit", "o-extra"}


def test_wrong_json_is_kept_as_it_was_typed(spoken_to):
    filled = form(spoken_to, {"name": "", "extra": '{ "a" :1 , }'})

    assert "{ &quot;a&quot; :1 , }" in str(filled["o-extra"])


def test_valid_json_is_kept_as_it_was_typed(spoken_to):
    filled = form(spoken_to, {"name": "", "extra": '{"a":    1}'})

    assert "{&quot;a&quot;:    1}" in str(filled["o-extra"])


def test_options_of_an_engine_that_was_not_chosen_are_neither_checked_nor_sent(spoken_to):
    typed = {"engine": "x", "x.language": "de", "y.model": ""}

    assert values(spoken_to, typed, options=ENGINES) == {"engine": "x", "x.language": "de"}


def test_unreadable_value_of_an_engine_that_was_not_chosen_does_not_stand_in_the_way(spoken_to):
    options = (*ENGINES, Option(name="y.extra", kind=Kind.OBJECT, label="Extra", group="Y"))

    assert values(spoken_to, {"engine": "x", "y.extra": "{"}, options=options) == {"engine": "x"}


def test_options_of_the_chosen_engine_are_checked(spoken_to):
    typed = {"engine": "y", "x.language": "de", "y.model": ""}

    assert error(spoken_to, typed, "y.model", options=ENGINES) == "This field is required."


def test_an_engine_s_options_name_the_choice_that_shows_them(spoken_to):
    x, y = form(spoken_to, options=ENGINES).groups()[1:]

    assert (x.title, x.fields[0].when, x.fields[0].is_value) == ("X", "o-engine", "x")
    assert (y.title, y.fields[0].when, y.fields[0].is_value) == ("Y", "o-engine", "y")


def test_a_group_with_a_wrong_value_is_open(spoken_to):
    groups = {group.title: group for group in form(spoken_to, {"name": "Ada", "limit": "0"}).groups()}

    assert groups["More"].is_open
    assert not groups[""].is_open


def test_main_options_stand_first_and_the_others_in_groups(spoken_to):
    shown = form(spoken_to)

    assert [each.option.name for each in shown.main()] == ["name"]
    assert [group.title for group in shown.groups()] == ["More", "", "Ours"]


def test_callback_addresses_are_shown_without_the_account_s_key(spoken_to):
    (ours,) = [group for group in form(spoken_to).groups() if group.title == "Ours"]

    assert [value for _, value in ours.ours] == [
        "https://tapedeck.test/webhooks/made-up/…", "POST", "filled in by Tapedeck",
    ]  # fmt: skip


def test_without_a_public_address_options_that_need_it_are_off_and_say_why(spoken_to, settings):
    settings.PUBLIC_URL = ""
    shown = form(spoken_to, {"name": "Ada", "live": "typed all the same"})

    assert shown.is_valid()
    assert "live" not in shown.values()
    assert "disabled" in str(shown["o-live"])
    assert shown["o-live"].help_text.startswith("This needs a public https address")
    assert shown.groups()[-1].ours[0][1] == "not sent: Tapedeck has no public https address"


def test_sending_elsewhere_is_offered_to_managers_only(spoken_to):
    assert "o-elsewhere" not in form(spoken_to).fields
    assert "o-elsewhere" in form(spoken_to, may_send_elsewhere=True).fields


def test_an_order_given_again_begins_with_its_own_options(spoken_to):
    given = {"name": "Bo", "extra": {"a": 1}, "at": "2026-12-01T10:30:00+00:00", "is_kept": True}
    shown = form(spoken_to, given=given)

    assert 'value="Bo"' in str(shown["o-name"])
    assert "&quot;a&quot;: 1" in str(shown["o-extra"])
    assert 'value="2026-12-01T10:30"' in str(shown["o-at"])
    assert '<option value="true" selected>' in str(shown["o-is_kept"])
    assert shown["o-limit"].value() is None


def test_defaults_fill_a_fresh_form(spoken_to):
    shown = form(spoken_to)

    assert shown["o-limit"].value() == 3
    assert "checked" in str(shown["o-is_loud"])
    assert "Not set (off)" in str(shown["o-is_kept"])
    assert "Not set (B)" in str(shown["o-layout"])


def test_a_refusal_stands_at_its_field_or_above_the_form(spoken_to):
    filled = form(spoken_to, {"name": "Ada"})
    assert filled.is_valid()

    filled.refuse("Some options are wrong.", {"layout": "Not with this.", "vanished": "Unknown."})

    assert filled.non_field_errors() == ["Some options are wrong.", "Unknown."]
    assert filled.errors["o-layout"] == ["Not with this."]
