"""The main navigation: where it leads and who may go there."""

from dataclasses import dataclass
from functools import cache, lru_cache

from django.contrib.auth.models import AnonymousUser
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard.models import User

# Route, label, and the permission without which the page answers 403.
PAGES = (
    ("now", "Now", ""),
    ("recordings", "Recordings", "recordings.view_recording"),
    ("search", "Search", "transcripts.view_transcript"),
    ("attention", "Attention", "recordings.see_operations"),
    ("operations", "Operations", "recordings.see_operations"),
    ("rules", "Rules", "recordings.control_calls"),
    ("deliveries", "Deliveries", "recordings.see_operations"),
    ("costs", "Costs", "recordings.see_operations"),
    ("accounts", "Accounts", "recordings.view_recording"),
    ("reads", "Reads", "recordings.see_reads"),
)
# Pages of a section whose addresses do not lie below it.
BESIDE = {
    "recordings": ("transcripts", "expiry"),
    "attention": ("alerts",),
    "operations": ("batches", "presets"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One entry of the navigation."""

    label: str
    url: str
    is_current: bool


def links(user: User | AnonymousUser, path: str) -> tuple[Link, ...]:
    """Return the pages that `user` may see; the one at `path` is marked."""
    return tuple(
        Link(label=label, url=urls[0], is_current=any(_is_at(url, path) for url in urls))
        for urls, label, permission in _places(get_script_prefix())
        if not permission or user.has_perm(permission)
    )


@lru_cache(maxsize=256)
def drawn(found: tuple[Link, ...]) -> SafeString:
    """Return these links as HTML: there are few combinations, and every page has one."""
    current = {True: mark_safe(' aria-current="page"'), False: ""}
    lines = ((each.url, current[each.is_current], each.label) for each in found)
    return format_html_join("", '<a href="{}"{}>{}</a>', lines)


@cache
def _places(prefix: str) -> tuple[tuple[tuple[str, ...], str, str], ...]:
    """Finding an address takes longer than all else here; they differ only by what stands before them."""
    return tuple(
        (tuple(reverse(each) for each in (route, *BESIDE.get(route, ()))), label, permission)
        for route, label, permission in PAGES
    )


def _is_at(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
