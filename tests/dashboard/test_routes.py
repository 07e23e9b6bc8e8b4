"""Every address of the console, in each of its states: pages come from the URLconf.

A new route needs a line in ``SAMPLES``; without one these tests fail. The line makes the route's
addresses for the things of a state (``tests.dashboard.samples``) and says who may ask.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard import fragments, stamps, urls
from dashboard.models import AlertChannel, User
from recordings import minting
from recordings.models import (
    Account,
    Batch,
    BatchItem,
    Call,
    Operation,
    Preset,
    Recording,
    Rule,
    RuleMatch,
    WebhookDelivery,
)
from tests.dashboard import samples
from tests.dashboard.browser import barriers, complaints, sign_in
from tests.dashboard.samples import Things
from tests.simulators.recall import RecallSimulator
from tests.world import World
from transcripts.models import Transcript, TranscriptText

STATES = ("empty", "full", "failing")
HTMX = {"HX-Request": "true"}
TODAY = "2026-11-20"  # in the worlds of tests
LEDGER_COLUMNS = ("listed", "ours", "matched", "added", "repaired", "differing", "unexplained")
RECORDINGS = "recordings"


@dataclass(frozen=True, kw_only=True)
class Address:
    """One request: a page is looked at by axe; one about things of an account hides them all."""

    path: str
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    is_page: bool = False
    is_about: bool = False  # a thing of an account: for whoever may not see it, it is not there
    is_open: bool = False  # answers without a sign-in
    is_own: bool = False  # about one's own things: whoever may look may do it

    def ask(self, client: Client) -> HttpResponse:
        return getattr(client, self.method)(self.path, self.data, headers=self.headers)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def page(route: str, *queries: str) -> Callable[[Things], list[Address]]:
    """A page that is there in every state, also with these queries."""
    path = reverse(route)
    return lambda _: [
        Address(path=path, is_page=True),
        *(Address(path=f"{path}{query}") for query in queries),
    ]


def listing(route: str, *queries: str) -> Callable[[Things], list[Address]]:
    """A list with its filters, the account's own among them."""
    nonsense = "?account=nonsense&since=yesterday&before=1_1"
    return lambda things: [
        *page(route, nonsense, *queries)(things),
        Address(path=f"{reverse(route)}?account={things.account.key}&since=2020-01-01&until=2099-01-01"),
    ]


def plain(route: str, *queries: str) -> Callable[[Things], list[Address]]:
    """What is no page: files, fragments, probes."""
    return lambda _: [Address(path=f"{reverse(route)}{query}") for query in ("", *queries)]


def about(route: str, what: str, *args: str, **facts: Any) -> Callable[[Things], list[Address]]:
    """An address of one thing, where the state has it."""

    def addresses(things: Things) -> list[Address]:
        thing = getattr(things, what)
        path = reverse(route, args=[thing.key, *args]) if thing else ""
        return [Address(path=path, is_about=True, **facts)] if thing else []

    return addresses


def polled(route: str, what: str) -> Callable[[Things], list[Address]]:
    """A page of one thing, and the fragment with which it keeps itself up to date."""

    def addresses(things: Things) -> list[Address]:
        found = about(route, what, is_page=True)(things)
        return found + [Address(path=f"{each.path}?stamp=old", headers=HTMX, is_about=True) for each in found]

    return addresses


def posted(route: str, what: str, *args: str, **data: Any) -> Callable[[Things], list[Address]]:
    return about(route, what, *args, method="post", data=data)


def orders(things: Things) -> list[Address]:
    """The forms of a few orders, as a page, in the dialog and sent."""
    wanted = [
        ("account", things.account, "call.send"),
        ("call", things.call, "recording.start"),
        ("recording", things.recording, "transcript.order"),
        ("recording", things.recording, "recording.delete"),
        ("transcript", things.transcript, "transcript.delete"),
    ]
    found = []
    for subject, thing, kind in wanted:
        if thing is not None:
            path = reverse("order", args=[subject, thing.key, kind])
            found += [
                Address(path=path, is_page=True, is_about=True),
                Address(path=path, headers=HTMX, is_about=True),
                Address(path=path, method="post", data={"order_key": f"{kind} {thing.key}"}, is_about=True),
            ]
    return found


def order_checks(things: Things) -> list[Address]:
    path = reverse("order-check", args=["account", things.account.key, "call.send"])
    return [Address(path=path, method="post", data={"order_key": "x"}, headers=HTMX, is_about=True)]


def order_previews(things: Things) -> list[Address]:
    path = reverse("order-preview", args=["account", things.account.key, "call.send"])
    return [Address(path=path, method="post", data={"order_key": "x"}, headers=HTMX, is_about=True)]


def about_batch(
    route: str,
    things: Things,
    *args: str,
    state: str = "running",
    kind: str = "recording.delete",
    **facts: Any,
) -> list[Address]:
    """An address of a bulk order for the recording of a state, drafted by whoever has every role."""
    author = User.objects.filter(username="anybody").first() or User.objects.filter(username="viewer").first()
    if things.recording is None:
        return []
    made = {"kind": kind, "subject": "recording", "label": "Many", "state": state, "ordered_by": author}
    batch, is_new = Batch.objects.get_or_create(**made, defaults={"created_at": timezone.now()})
    if is_new:
        order = things.operation if state == "running" else None
        state = "ordered" if order else "waiting"
        item = {"account": things.account, "subject_key": things.recording.key, "state": state}
        BatchItem.objects.create(batch=batch, operation=order, **item)
    return [Address(path=reverse(route, args=[batch.key, *args]), is_about=True, **facts)]


def a_preset() -> Preset:
    options = {"retention": "timed", "retention.hours": 36}
    facts = {"provider": "recall", "kind": "recording.start", "name": samples.HOSTILE}
    return Preset.objects.get_or_create(**facts, defaults={"options": options})[0]


def a_rule(things: Things) -> Rule:
    """A rule of the state's account, with what it took up."""
    facts = {"does": Rule.Does.TRANSCRIBE, "room": samples.HOSTILE, "monthly_count": 5}
    rule, is_new = Rule.objects.get_or_create(name=samples.HOSTILE, defaults=facts)
    rule.accounts.add(things.account)
    if is_new and things.recording is not None:
        taken = {"rule": rule, "does": rule.does, "account": things.account, "at": timezone.now()}
        RuleMatch.objects.create(subject_key=things.recording.key, reason="The limit is reached.", **taken)
    return rule


def about_rule(route: str, **facts: Any) -> Callable[[Things], list[Address]]:
    return lambda things: [Address(path=reverse(route, args=[a_rule(things).key]), is_about=True, **facts)]


def a_channel() -> AlertChannel:
    facts = {"kind": "webhook", "wants": ["failure"], "problem": "The webhook answered 500."}
    return AlertChannel.objects.get_or_create(name=samples.HOSTILE, defaults=facts)[0]


def media(things: Things) -> list[Address]:
    if things.recording is None:
        return []
    path = reverse("media", args=[things.recording.key])
    return [
        Address(path=path, headers={"Range": "bytes=0-"}, is_about=True),
        Address(path=f"{path}?variant=../../keys", is_about=True),
        Address(path=f"{path}?download=1", is_about=True),
        Address(path=path, method="head", is_about=True),
    ]


def searches(things: Things) -> list[Address]:
    ids = [thing.external_id for thing in (things.call, things.recording, things.transcript) if thing]
    keys = [str(thing.key) for thing in (things.account, things.recording, things.delivery) if thing]
    return [
        Address(path=f"{reverse('search')}?q={text}", is_page=text in {"", "nothing-like-that"})
        for text in ("", "nothing-like-that", "two words", *ids, *keys)
    ]


def exported(things: Things) -> list[Address]:
    """The form for a list, a search and one transcript, and the transcript's file."""
    path = reverse("export-new")
    found = [
        Address(path=f"{path}?source={name}&query=q%3DQu") for name in ("transcripts", "recordings", "search")
    ]
    if things.transcript is not None:
        one = f"{path}?transcript={things.transcript.key}"
        found += [Address(path=one, is_page=True, is_about=True)]
        for form in ("txt", "vtt", "srt", "json", "csv", "docx"):
            data = {"order_key": form, "format": form}
            found.append(Address(path=one, method="post", data=data, is_about=True, is_own=True))
    return [Address(path=f"{path}?source=transcripts", is_page=True), *found]


def no_export(route: str, method: str = "get") -> Callable[[Things], list[Address]]:
    """Nobody's export: one's own are made and taken in tests of their own."""
    path = reverse(route, args=[uuid.UUID(int=0)])
    return lambda _: [Address(path=path, method=method, is_about=True, is_own=True)]


def compared(route: str, method: str = "get") -> Callable[[Things], list[Address]]:
    """The likeliest two of a recording, and one with itself."""

    def addresses(things: Things) -> list[Address]:
        path, found = reverse(route), []
        for name, thing in (("recording", things.recording), ("a", things.transcript)):
            if thing is not None:
                address = f"{path}?{name}={thing.key}"
                found.append(
                    Address(
                        path=address, method=method, is_about=True, is_own=True, is_page=route == "compare"
                    )
                )
        return [Address(path=path, method=method, is_own=True), *found]

    return addresses


SAMPLES: dict[str, Callable[[Things], list[Address]]] = {
    "webhook": lambda things: [
        Address(path=f"/webhooks/{things.account.provider}/no-such-key/", method="post", is_open=True)
    ],
    "healthz": lambda _: [Address(path=reverse("healthz"), is_open=True)],
    "readyz": lambda _: [Address(path=reverse("readyz"), is_open=True)],
    "login": lambda _: [Address(path=reverse("login"), is_open=True)],
    "logout": lambda _: [Address(path=reverse("logout"), method="post", is_open=True)],
    "setup": lambda _: [Address(path=reverse("setup", args=["no-such-link"]), is_open=True)],
    "profile": page("profile"),
    "password": page("password"),
    "now": lambda things: [*page("now")(things), Address(path="/?view=flat", is_page=True)],
    "now-several": lambda things: [
        Address(path=reverse("now-several"), method="post", data={"do": deed, "key": str(uuid.UUID(int=0))})
        for deed in ("start", "nonsense")
    ],
    "now-region": plain("now-region", "?stamp=old"),
    "order": orders,
    "order-check": order_checks,
    "order-preview": order_previews,
    "batches": page("batches"),
    "batch-new": lambda _: [
        Address(path=reverse("batch-new"), method="post", data={"kind": "recording.delete"})
    ],
    "batch": lambda things: [
        *about_batch("batch", things, is_page=True),
        *about_batch("batch", things, state="draft", is_page=True),
    ],
    "batch-options": lambda things: about_batch(
        "batch-options", things, things.account.provider, state="draft", kind="transcript.order", is_page=True
    ),
    "batch-cancel": lambda things: about_batch("batch-cancel", things, method="post"),
    "batch-retry": lambda things: about_batch("batch-retry", things, method="post"),
    "batch-confirm": lambda things: about_batch("batch-confirm", things, state="draft", method="post"),
    "presets": page("presets"),
    "preset-new": lambda _: [
        Address(path=f"{reverse('preset-new')}?for=recall:recording.start", is_page=True)
    ],
    "preset": lambda _: [Address(path=reverse("preset", args=[a_preset().key]), is_page=True)],
    "preset-delete": lambda _: [Address(path=reverse("preset-delete", args=[a_preset().key]), method="post")],
    "expiry": listing("expiry", "?show=lost", "?show=kept", "?after=x", "?after=2026-01-01_1"),
    "recording-rescue": posted("recording-rescue", "recording"),
    "costs": page("costs", "?month=2020-01", "?month=x"),
    "costs-csv": plain("costs-csv"),
    "rules": page("rules"),
    "rule-new": page("rule-new"),
    "rule": about_rule("rule", is_page=True),
    "rule-edit": about_rule("rule-edit", is_page=True),
    "rule-trial": about_rule("rule-trial", is_page=True),
    "rule-switch": about_rule("rule-switch", method="post"),
    "rule-release": about_rule("rule-release", method="post"),
    "rule-leave-out": about_rule("rule-leave-out", method="post"),
    "rule-delete": about_rule("rule-delete", method="post"),
    "operations": listing("operations", "?state=open", "?who=me"),
    "operation": polled("operation", "operation"),
    "operation-cancel": posted("operation-cancel", "operation"),
    "operation-decide": posted("operation-decide", "operation", happened="no"),
    "recordings": listing("recordings", "?status=live", "?transcripts=failed&q=Qu"),
    "recordings-csv": plain("recordings-csv"),
    "recording": polled("recording", "recording"),
    "recording-player": about("recording-player", "recording"),
    "media": media,
    "transcripts": listing("transcripts", "?status=empty", "?engine=rec&q=Qu"),
    "transcripts-csv": plain("transcripts-csv"),
    "transcript": polled("transcript", "transcript"),
    "transcript-file": lambda things: [
        each
        for form in ("txt", "vtt", "srt", "0", "99", "exe")
        for each in about("transcript-file", "transcript", form)(things)
    ],
    "transcript-line": lambda things: [
        *about("transcript-line", "transcript", "0", is_page=True)(things),
        *about("transcript-line", "transcript", "0", headers=HTMX)(things),
        *about("transcript-line", "transcript", "99")(things),
        *posted("transcript-line", "transcript", "0", text="Said so", speaker="Ana", scope="line")(things),
    ],
    "transcript-speaker": lambda things: [
        *about("transcript-speaker", "transcript", is_page=True)(things),
        *posted("transcript-speaker", "transcript", label="Nobody", name="Ana")(things),
    ],
    "transcript-changes": about("transcript-changes", "transcript", is_page=True),
    "transcript-primary": posted("transcript-primary", "transcript"),
    "transcript-delete": lambda things: [
        *about("transcript-delete", "transcript")(things),
        *posted("transcript-delete", "transcript")(things),
    ],
    "recording-import": lambda things: [
        *about("recording-import", "recording", is_page=True)(things),
        *posted("recording-import", "recording")(things),
    ],
    "compare": compared("compare"),
    "compare-csv": compared("compare-csv"),
    "compare-again": compared("compare-again", "post"),
    "exports": lambda things: [*page("exports")(things), Address(path=reverse("exports"), headers=HTMX)],
    "export-new": exported,
    "export-picked": lambda _: [
        Address(path=reverse("export-picked", args=[source]), method="post", data=data, is_own=True)
        for source in ("transcripts", "recordings", "nonsense")
        for data in ({}, {"all": "1"}, {"key": "x"})
    ],
    "export-download": no_export("export-download"),
    "export-cancel": no_export("export-cancel", "post"),
    "export-remove": no_export("export-remove", "post"),
    "deliveries": listing("deliveries", "?state=unreadable", "?event=recording"),
    "deliveries-replay": lambda things: [
        Address(path=reverse("deliveries-replay"), is_page=True),
        Address(path=reverse("deliveries-replay"), method="post"),
    ],
    "delivery": about("delivery", "delivery", is_page=True),
    "delivery-replay": posted("delivery-replay", "delivery"),
    "search": searches,
    "reads": listing("reads"),
    "attention": listing("attention", "?what=orders", "?what=transcripts&provider=recall"),
    "attention-cause": plain(
        "attention-cause",
        "?what=nonsense",
        "?what=recordings&in=recall&cause=internal_error",
        "?what=orders&in=recall&cause=cannot_command_completed_bot&since=2020-01-01",
    ),
    "attention-retry": lambda _: [
        Address(
            path=reverse("attention-retry"),
            method="post",
            data={"what": what, "in": "recall", "cause": "cannot_command_completed_bot"},
        )
        for what in ("orders", "nonsense")
    ],
    "attention-snooze": lambda _: [
        Address(path=reverse("attention-snooze"), method="post", data={"cause": "x", "hours": "1"})
    ],
    "alerts": lambda things: [*page("alerts", "?before=nonsense")(things)],
    "alert-channel-new": page("alert-channel-new"),
    "alert-channel": lambda _: [Address(path=reverse("alert-channel", args=[a_channel().key]), is_page=True)],
    "alert-channel-test": lambda _: [
        Address(path=reverse("alert-channel-test", args=[a_channel().key]), method="post")
    ],
    "alert-channel-delete": lambda _: [
        Address(path=reverse("alert-channel-delete", args=[a_channel().key]), method="post")
    ],
    "accounts": page("accounts"),
    "account": polled("account", "account"),
    "account-sweep": lambda things: [
        *posted("account-sweep", "account", "recent")(things),
        *posted("account-sweep", "account", "nonsense")(things),
    ],
    "account-ledger": lambda things: [
        *polled("account-ledger", "account")(things),
        Address(
            path=f"{reverse('account-ledger', args=[things.account.key])}?before=nonsense", is_about=True
        ),
    ],
    "account-ledger-rows": lambda things: [
        *(
            about("account-ledger-rows", "account", kind, TODAY, column, is_page=column == "differing")(
                things
            )[0]
            for kind, column in (*((RECORDINGS, each) for each in LEDGER_COLUMNS), ("transcripts", "ours"))
        ),
        *about("account-ledger-rows", "account", "recordings", "nonsense", "ours")(things),
        *about("account-ledger-rows", "account", "recordings", TODAY, "nonsense")(things),
        *about("account-ledger-rows", "account", "nonsense", TODAY, "ours")(things),
    ],
    "account-ledger-read": lambda things: [
        *posted("account-ledger-read", "account", "recordings", TODAY, "listed")(things),
        *posted("account-ledger-read", "account", "nonsense", TODAY, "listed")(things),
    ],
    "account-test": posted("account-test", "account"),
}


@pytest.fixture(autouse=True)
def _no_links_are_kept() -> Iterator[None]:
    minting.forget()
    yield
    minting.forget()


@pytest.fixture(params=STATES)
def things(
    request: pytest.FixtureRequest, world: World, recall: RecallSimulator, account: Account, operator: User
) -> Things:
    if request.param == "full":
        return samples.full(world, recall, account, operator)
    return samples.failing(world, account) if request.param == "failing" else samples.empty(world, account)


@pytest.fixture
def anybody(db: None) -> User:
    """Somebody who has every role, and so sees whatever is not hidden by its account."""
    user = User.objects.create_user("anybody", password="correct horse battery")
    user.groups.set(Group.objects.exclude(name="others"))
    return user


def addresses(things: Things) -> list[Address]:
    return [address for make in SAMPLES.values() for address in make(things)]


def answers(user: User | None, things: Things) -> Iterator[tuple[Address, HttpResponse]]:
    for address in addresses(things):
        client = Client()
        if user is not None:
            client.force_login(user)
        stamps.forget()
        fragments.forget()
        answer = address.ask(client)
        yield address, answer
        if answer.streaming:  # a file that is not read to its end keeps its place among the downloads
            b"".join(answer.streaming_content)


def text_of(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    told = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{told} {content.decode(errors='replace')}"


def traces(account: Account) -> set[str]:
    """What tells of an account: names, ids, keys and words."""
    found = {account.name, str(account.key), account.webhook_key}
    for model in (Call, Recording, Transcript):
        for row in model.objects.filter(account=account):
            found |= {str(row.key), row.external_id, getattr(row, "title", "")}
    for order in Operation.objects.filter(account=account):
        found |= {str(order.key), order.outcome}
    for delivery in WebhookDelivery.objects.filter(account=account):
        found |= {str(delivery.key), delivery.dedupe_id}
    for text in TranscriptText.objects.filter(transcript__account=account):
        for each in text.utterances:
            found |= {each["speaker"], each["text"]}
    # Shorter ones stand in tokens by chance.
    return {trace for trace in found if len(trace) > 5}


def test_every_route_has_a_sample() -> None:
    routes = {pattern.name for pattern in urls.urlpatterns if getattr(pattern, "name", None)}

    assert routes - SAMPLES.keys() == set(), "a line in SAMPLES is missing"
    assert SAMPLES.keys() - routes == set(), "these routes are gone"


def test_nothing_breaks_and_no_link_that_opens_something_is_shown(anybody: User, things: Things) -> None:
    told = traces(things.account)
    broken, opened, telling = [], [], 0

    for address, answer in answers(anybody, things):
        text = text_of(answer)
        broken += [f"{address} answers {answer.status_code}"] if answer.status_code >= 500 else []
        opened += [str(address)] if "Signature=" in text or "share_token=" in text else []
        telling += address.is_page and any(trace in text for trace in told)

    assert broken == []
    assert opened == []
    assert telling >= 5, "the test of hidden accounts would be empty"


def test_viewers_look_and_change_nothing(viewer: User, things: Things) -> None:
    broken, allowed = [], []

    for address, answer in answers(viewer, things):
        broken += [f"{address} answers {answer.status_code}"] if answer.status_code >= 500 else []
        is_order = address.method == "post" and not (address.is_open or address.is_own)
        allowed += [str(address)] if is_order and answer.status_code != 403 else []

    assert broken == []
    assert allowed == []


def test_whoever_may_not_see_the_account_finds_no_trace(anybody: User, things: Things, others: Group) -> None:
    things.account.groups.set([others])
    told = traces(things.account)

    found = []
    for address, answer in answers(anybody, things):
        if address.is_about and answer.status_code != 404:
            found.append(f"{address} answers {answer.status_code}")
        text = text_of(answer)
        # What was asked for may be repeated: it is known already.
        found += [
            f"{address} tells {trace!r}" for trace in told if trace in text and trace not in address.path
        ]

    assert found == []


def test_whoever_is_not_signed_in_is_sent_to_the_form(things: Things) -> None:
    found = []
    for address, answer in answers(None, things):
        is_sent = answer.status_code == 302 and answer.headers["Location"].startswith(reverse("login"))
        is_sent |= answer.headers.get("HX-Redirect", "").startswith(reverse("login"))
        if not address.is_open and not is_sent:
            found.append(f"{address} answers {answer.status_code}")

    assert found == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_nothing_stands_in_anybodys_way(page: Any, live_server: Any, anybody: User, things: Things) -> None:
    """Axe finds nothing on any page, light and dark; no script fails and the policy refuses nothing."""
    sign_in(page, live_server, anybody)
    said = complaints(page)
    found = []
    for address in addresses(things):
        if address.is_page:
            page.goto(f"{live_server.url}{address.path}", wait_until="domcontentloaded")
            found += [f"{address}: {barrier}" for barrier in barriers(page)]

    assert found == []
    assert said == []
