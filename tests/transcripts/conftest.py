"""What tests of transcripts need besides the engine's world: a finished recording, and what is told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction

from recordings import sync
from recordings.models import Account, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import Status, TextFile, TranscriptSnapshot, TranscriptText, Utterance
from tests.engine.conftest import account, fifth, operator, world
from tests.fifth.simulator import FifthSimulator
from tests.world import World
from transcripts.models import Transcript

__all__ = ["account", "fifth", "operator", "world"]


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Any, tmp_path: Any) -> None:
    settings.TAPEDECK_DATA = tmp_path


@pytest.fixture
def manager(db: None) -> Any:
    user = get_user_model().objects.create_user("manager")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="recordings"))
    return user


@pytest.fixture
def recording(world: World, account: Account, fifth: FifthSimulator, operator: Any) -> Recording:
    """One that the provider has finished."""
    return record(world, account, fifth, operator)


@pytest.fixture
def transcript(world: World, recording: Recording, operator: Any) -> Transcript:
    """Ordered, completed, and its words read."""
    order = world.order(operator, recording, "transcript.order")
    world.work()
    world.advance(10)
    return Transcript.objects.get(key=order.made_key)


def record(world: World, account: Account, fifth: FifthSimulator, user: Any) -> Recording:
    """Start, end the call, and wait until the recording is complete."""
    call_id = fifth.place_call("Support")
    order = world.order(user, world.call(account, call_id), "recording.start")
    world.work()
    fifth.end_call(call_id)
    world.advance(5)
    return Recording.objects.get(key=order.made_key)


def tell(
    account: Account, external_id: str = "tra-1", *, source: Source = Source.WEBHOOK, **facts: Any
) -> Transcript:
    """What a provider says of one transcript, and the row that it led to."""
    snapshot = TranscriptSnapshot(external_id=external_id, **facts)
    sync.apply(account, [snapshot], source=source)
    if external_id:
        return Transcript.objects.get(account=account, external_id=external_id)
    return Transcript.objects.get(key=facts["key"])


def words(*texts: str, name: str = "words.txt", **facts: Any) -> TranscriptText:
    """A text in one file, a line an utterance."""
    content = "\n".join(texts).encode("utf-8", "surrogatepass")
    file = TextFile(name=name, content_type="text/plain", content=content)
    return TranscriptText(utterances=tuple(Utterance(text=text) for text in texts), files=(file,), **facts)


def sent(order: Operation, world: World) -> None:
    """An order whose answer is still out, and whose worker is gone."""
    Operation.objects.filter(pk=order.pk).update(
        state=Operation.State.SENT, sent_at=world.clock.utc(), first_sent_at=world.clock.utc(), due_at=None
    )


class Undo(Exception):
    """Takes back what a block wrote."""


def undone(do: Callable[[], None]) -> None:
    """Do it in a transaction that is taken back."""
    try:
        with transaction.atomic():
            do()
            raise Undo  # noqa: TRY301 - that is how a transaction is taken back
    except Undo:
        pass


def completed(**facts: Any) -> dict[str, Any]:
    return {"status": Status.COMPLETED, **facts}
