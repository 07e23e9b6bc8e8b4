"""No page and no file has a word of an account that one may not see, nor of a deleted transcript.

Every way to words is tried twice: first it must tell them, or it proves nothing; then it must not.
"""

import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from dashboard.models import User
from recordings.models import Account, Recording
from recordings.providers.snapshots import TextFile
from tests.dashboard.spoken import recorded, transcribed
from tests.world import World
from transcripts import burial, index, overlays_changes, storage
from transcripts.exports import Format
from transcripts.models import Comparison, Export, Transcript, TranscriptText

# Typed words are told back by the page: what must not be told stands beside them.
SECRETS = ("Hiddenword", "Hiddenname", "Hiddenfix")
QUERIES = (
    *("zwiebel", '"common zwiebel"', "zwieb*", "common -nothing", "common OR nothing", "corrected"),
    *("speaker:typedname", "common speaker:typedname", "language:de", "zwiebel provider:recall"),
    "common after:2020-01-01 before:2099-01-01",
)
HTMX = {"HX-Request": "true"}
Ask = Callable[[], str]


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Any, tmp_path: Any) -> None:
    settings.TAPEDECK_DATA = tmp_path


@pytest.fixture
def recording(account: Account) -> Recording:
    return recorded(account)


@pytest.fixture
def two(recording: Recording, manager: User) -> list[Transcript]:
    """Of one recording, with a name and a correction, in the index, and with a file of the provider's."""
    first = (("S0", 1.0, f"Common zwiebel {SECRETS[0]}"), ("S0", 3.0, "Common onion"))
    found = [
        transcribed(recording, "tra-1", *first, is_primary=True, language="de"),
        transcribed(recording, "tra-2", ("S0", 1.0, f"Common zwiebel {SECRETS[0]} again"), language="de"),
    ]
    for transcript in found:
        with transaction.atomic():
            index.write(transcript)
    overlays_changes.rename_speaker(manager, found[0], "S0", f"Typedname {SECRETS[1]}")
    overlays_changes.correct_line(manager, found[0], 1, text=f"Common corrected {SECRETS[2]}")
    text = TranscriptText.objects.get(transcript=found[0])
    file = TextFile(name="words.txt", content_type="text/plain", content=SECRETS[0].encode())
    text.files = storage.keep(found[0], [file])
    text.save()
    return found


class Ways:
    """All ways of one person to the words, by name."""

    def __init__(self, client: Client, world: World, recording: Recording, two: list[Transcript]) -> None:
        self.client, self.world, self.recording, self.two = client, world, recording, two
        self.one = two[0]

    def all(self) -> Iterator[tuple[str, Ask]]:
        yield from self._searches()
        yield from self._pages()
        yield from self._comparisons()
        for form in Format:
            yield f"one as {form}", lambda form=form: self._export(f"transcript={self.one.key}", form)
            yield f"many as {form}", lambda form=form: self._packed(f"{self._both()}", form)
        for source, query in (("transcripts", ""), ("recordings", ""), ("search", "q=zwiebel")):
            asked = urlencode({"source": source, "query": query})
            yield f"all of {source}", lambda asked=asked: self._packed(asked, Format.JSON)
        picked = f"recording={self.recording.key}"
        yield "first of a recording", lambda: self._export(picked, Format.CSV)

    def _searches(self) -> Iterator[tuple[str, Ask]]:
        for query in QUERIES:
            for order in ("", "best"):
                asked = urlencode({"q": query, "order": order})
                yield f"search {query} {order}", lambda asked=asked: self._get(f"{reverse('search')}?{asked}")
        beside = urlencode(
            {"q": "common", "speaker": "typedname", "language": "de", "account": self._account()}
        )
        yield "search with filters", lambda: self._get(f"{reverse('search')}?{beside}")
        for pasted in (self.one.external_id, str(self.one.key)):
            path = f"{reverse('search')}?{urlencode({'q': pasted})}"
            yield f"pasted {pasted}", lambda path=path: self._get(path, follow=True)

    def _pages(self) -> Iterator[tuple[str, Ask]]:
        page = self.one.get_absolute_url()
        for query in ("", "?q=zwiebel", "?original=1", "?t=3"):
            yield f"reader {query}", lambda query=query: self._get(f"{page}{query}")
        for form in ("txt", "vtt", "srt", "0"):
            yield (
                f"file {form}",
                lambda form=form: self._get(reverse("transcript-file", args=[self.one.key, form])),
            )
        for number in (0, 1):
            path = reverse("transcript-line", args=[self.one.key, number])
            yield f"line {number}", lambda path=path: self._get(path)
            yield f"line {number} alone", lambda path=path: self._get(path, headers=HTMX)
        yield "changes", lambda: self._get(reverse("transcript-changes", args=[self.one.key]))
        speaker = f"{reverse('transcript-speaker', args=[self.one.key])}?label=S0"
        yield "speaker", lambda: self._get(speaker)

    def _comparisons(self) -> Iterator[tuple[str, Ask]]:
        pair = f"a={self.one.key}&b={self.two[1].key}"
        for query in (pair, f"{pair}&original=1", f"{pair}&only=1", f"recording={self.recording.key}"):
            yield f"compare {query}", lambda query=query: self._compared("compare", query)
        yield "differences", lambda: self._compared("compare-csv", pair)

    def silent(self) -> Iterator[tuple[str, Ask]]:
        """What never has words, and must not begin to."""
        page = self.one.get_absolute_url()
        yield "poll", lambda: self._get(f"{page}?stamp=x&shows=words&read=0-0", headers=HTMX)
        yield "waveform", lambda: self._get(f"{page}?waveform=video", headers=HTMX)
        for route in ("transcripts", "transcripts-csv", "recordings", "recordings-csv", "exports", "now"):
            yield route, lambda route=route: self._get(reverse(route))
        yield "recording", lambda: self._get(self.recording.get_absolute_url())

    def kept(self) -> Iterator[tuple[str, Ask]]:
        """Files that were made before."""
        for export in Export.objects.all():
            path = reverse("export-download", args=[export.key])
            yield f"kept {export.key}", lambda path=path: self._get(path, follow=True)

    def _account(self) -> str:
        return str(self.recording.account.key)

    def _both(self) -> str:
        return "&".join(f"transcript={each.key}" for each in self.two)

    def _get(self, path: str, **options: Any) -> str:
        return told(self.client.get(path, **options))

    def _compared(self, route: str, query: str) -> str:
        path = f"{reverse(route)}?{query}"
        self.client.get(path)
        self.world.work()
        return self._get(path)

    def _export(self, query: str, form: Format) -> str:
        data = {"order_key": str(uuid.uuid4()), "format": form.value, "has_speakers": "on", "has_times": "on"}
        return told(self.client.post(f"{reverse('export-new')}?{query}", data))

    def _packed(self, query: str, form: Format) -> str:
        known = set(Export.objects.values_list("pk", flat=True))
        answer = self._export(query, form)
        self.world.work()
        made = Export.objects.exclude(pk__in=known)
        paths = [reverse("export-download", args=[each.key]) for each in made]
        return answer + "".join(self._get(path, follow=True) for path in paths)


def told(answer: Any) -> str:
    """Everything that an answer says, inside of documents and archives too."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    name = answer.headers.get("Content-Disposition", "").rstrip('"')
    return text_of(name, content) + " ".join(answer.headers.values())


def text_of(name: str, content: bytes) -> str:
    if name.endswith(".zip"):
        with ZipFile(io.BytesIO(content)) as archive:
            return "".join(each + text_of(each, archive.read(each)) for each in archive.namelist())
    if name.endswith(".docx"):
        return "\n".join(each.text for each in docx.Document(io.BytesIO(content)).paragraphs)
    return content.decode(errors="replace")


def tells(text: str) -> bool:
    return any(secret.lower() in text.lower() for secret in SECRETS)


@pytest.mark.parametrize("change", ["hidden", "deleted"])
@pytest.mark.no_cover
def test_words_that_one_may_not_see_are_nowhere(
    change: str,
    world: World,
    signed_in: Callable[[User], Client],
    manager: User,
    account: Account,
    recording: Recording,
    two: list[Transcript],
    others: Group,
) -> None:
    ways = Ways(signed_in(manager), world, recording, two)
    vain = [name for name, ask in ways.all() if not tells(ask())]
    assert vain == []
    assert any(tells(ask()) for _, ask in ways.kept())
    assert Comparison.objects.exists()

    if change == "hidden":
        account.groups.set([others])
    else:
        with transaction.atomic():
            for transcript in two:
                burial.forget(transcript)

    made = [*ways.kept(), *ways.silent(), *ways.all()]
    assert [name for name, ask in made if tells(ask())] == []
