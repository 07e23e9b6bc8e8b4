"""The main navigation: where it leads and who may go there."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

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


def links(user: User | AnonymousUser, path: str) -> list[Link]:
    """Return the pages that `user` may see; the one at `path` is marked."""
    return [
        Link(label=label, url=reverse(route), is_current=_is_in(route, path))
        for route, label, permission in PAGES
        if not permission or user.has_perm(permission)
    ]


def _is_in(route: str, path: str) -> bool:
    return any(_is_at(reverse(each), path) for each in (route, *BESIDE.get(route, ())))


def _is_at(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
