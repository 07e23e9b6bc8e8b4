"""Tags and filters of every page: moments, ages, badges, money, durations and a provider's own words."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard import badges, navigation
from dashboard.ages import age_text, clock_text
from dashboard.buttons import buttons
from dashboard.models import User
from recordings import connections, rescues
from recordings.actions import Choice
from recordings.providers.base import ProviderAdapter
from recordings.rates import ENGINE_OPTIONS
from recordings.targets import Target
from transcripts.models import IMPORTED

register = template.Library()

UNKNOWN = "unknown"
BREAK = SafeString("<wbr>")
_PARTS = re.compile(r"[^._-]*[._-]+|[^._-]+")


@register.simple_tag
def moment(value: datetime | None, absent: str = "–", *, is_precise: bool = False) -> str | SafeString:
    """Show a moment in the operator's zone, short for today, in full on hover; precise: with seconds."""
    if value is None:
        return absent
    zone = timezone.get_current_timezone()
    today = timezone.now().astimezone(zone).date()
    return _drawn_moment(value, value.fold, zone, today, is_precise)


@lru_cache(maxsize=2048)
def _drawn_moment(value: datetime, fold: int, zone: tzinfo, today: date, is_precise: bool) -> SafeString:  # noqa: FBT001
    # Moments of one zone are equal whatever their fold: it is given beside them.
    local = timezone.localtime(value, zone)
    short = _short(local, today)
    return _time(local, f"{short}:{local:%S}" if is_precise else short)


@register.simple_tag
def age(value: datetime | None, absent: str = "never") -> str | SafeString:
    """Show how long ago or in how long; a script keeps it up to date."""
    if value is None:
        return absent
    local = timezone.localtime(value)
    text = age_text((timezone.now() - value).total_seconds())
    return _time(local, text, marker="data-age")


@register.simple_tag
def running(value: datetime | None, absent: str = "") -> str | SafeString:
    """Show the time since `value` as a clock that a script keeps running."""
    if value is None:
        return absent
    seconds = (timezone.now() - value).total_seconds()
    return _time(timezone.localtime(value), clock_text(seconds), marker="data-running")


def _time(local: datetime, text: str, *, marker: str = "") -> SafeString:
    # By what is read, not by the moment: one moment is written otherwise in each zone.
    title = f"{local:%A %-d %B %Y, %H:%M:%S} {local.tzname()}"
    return _drawn_time(local.isoformat(timespec="seconds"), title, f" {marker}" if marker else "", text)


@lru_cache(maxsize=2048)
def _drawn_time(moment: str, title: str, marker: str, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}"{}>{}</time>', moment, title, marker, text)


def _short(local: datetime, today: date) -> str:
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%-d %b %H:%M}" if local.year == today.year else f"{local:%-d %b %Y %H:%M}"


@register.filter
def duration(seconds: float | None) -> str:
    """Return seconds as 4:07 or 1:02:33; what is unknown is not zero."""
    return UNKNOWN if seconds is None else clock_text(seconds)


@register.simple_tag
def money(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount with its currency; what is unknown is not zero."""
    if amount is None:
        return UNKNOWN
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{digits}f} {currency}".strip()


@register.simple_tag
def status(value: str, kind: str = "") -> SafeString:
    """Show the badge of a recording's or transcript's status; `kind` "recording" names a live one so."""
    return badges.badge(value, kind=kind)


@register.simple_tag
def state(value: str) -> SafeString:
    """Show the badge of an operation's, call's, delivery's or errand's state."""
    return badges.badge(value)


@register.simple_tag
def health(is_healthy: bool | None) -> SafeString:  # noqa: FBT001
    """Show the badge of an account's health."""
    return badges.badge({True: "healthy", False: "unhealthy", None: "not tested"}[is_healthy])


def _face(provider: str) -> type[ProviderAdapter] | None:
    try:
        return connections.face(provider)
    except KeyError:
        return None


@register.filter
def provider_label(provider: str) -> str:
    """Return what people call a provider."""
    face = _face(provider)
    return face.label if face else provider


@register.filter
def call_label(provider: str) -> str:
    """Return what the provider calls the id of a call."""
    face = _face(provider)
    return face.call_label if face else "Call"


@register.filter
def call_noun(provider: str) -> str:
    """Return the provider's word for a call."""
    face = _face(provider)
    return face.call_noun if face else "call"


@register.filter
def action_label(provider: str, kind: str) -> str:
    """Return the label of an order of this kind, as its button has it."""
    face = _face(provider)
    action = rescues.action_of(provider, kind) if face else None
    return action.label if action else kind.replace(".", " ").replace("_", " ")


@register.filter
def transcript_kind(provider: str, name: str) -> str:
    """Return the label of a way in which the provider makes transcripts, or that it came as a file."""
    if name == IMPORTED:
        return "Imported file"
    face = _face(provider)
    labels = {kind.name: kind.label for kind in face.transcript_kinds} if face else {}
    return labels.get(name, name)


@register.filter
def engine_label(provider: str, engine: str) -> str:
    """Return what the choice of this transcription engine is called."""
    return _engines(provider).get(engine, engine)


@cache
def _engines(provider: str) -> dict[str, str]:
    face = _face(provider)
    options = [option for action in face.actions for option in action.options] if face else []
    named = [option for option in options if option.name in ENGINE_OPTIONS]
    chosen = {value: label for option in named for value, label in option.choices}
    return {**chosen, **face.engine_labels} if face else chosen


@register.filter
def breakable(text: str) -> SafeString:
    """Let a name such as ``meeting_metadata.done`` break behind its dots and dashes, not within a word."""
    return format_html_join("", "{}{}", ((part, BREAK) for part in _PARTS.findall(text)))


@register.filter
def pretty_json(value: Any) -> str:
    """Return a value as indented JSON; the template escapes it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.filter
def at_key(mapping: Mapping[str, Any], key: str) -> Any:
    """Return one value of a mapping, or None."""
    return mapping.get(key)


@register.simple_tag
def is_demo() -> bool:
    """Tell whether the providers are simulated."""
    return bool(settings.TAPEDECK_DEMO)


@register.simple_tag(takes_context=True)
def appearance(context: Context) -> str:
    """Return "light", "dark", or "" for what the operator's machine says."""
    user = context.get("user")
    chosen = user.preferences.get("appearance", "") if isinstance(user, User) else ""
    return chosen if chosen in {"light", "dark"} else ""


@register.simple_tag(takes_context=True, name="navigation")
def navigation_links(context: Context) -> SafeString:
    """Show the links of the main navigation that this user may follow."""
    request = context["request"]
    return navigation.drawn(navigation.links(request.user, request.path))


@register.inclusion_tag("partials/_actions.html", takes_context=True)
def action_buttons(context: Context, choices: list[Choice], thing: Any) -> dict[str, Any]:
    """Show the buttons of an account, call, recording or transcript; `choices` are its `actions.choices`."""
    return {
        "buttons": buttons(choices, Target.of(thing)),
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
    }
