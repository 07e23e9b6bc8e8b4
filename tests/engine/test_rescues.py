"""Rescues: media copied here whole, from where a death left them, and checked before they count."""

import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied

from recordings import batches, copies, decisions, housekeeping, kept, media, minting, rescues, sync, tasks
from recordings.models import Account, Batch, Errand, Operation, Recording, Rescue, Rule, RuleMatch
from recordings.models.mirror import Source
from recordings.models.work import BACKGROUND
from recordings.providers.base import Media
from recordings.providers.snapshots import RecordingSnapshot, Status
from recordings.rescues import copying
from recordings.sync.recordings import merge
from recordings.validation import OrderRefused
from recordings.work import claim
from tests.engine.test_media import Sounding
from tests.engine.test_rules import a_rule, now, tell
from tests.fifth.adapter import FifthAdapter
from tests.simulators.http import Request, Response
from tests.world import World

PIECE = 1000
SOUND = os.urandom(3 * PIECE + 10)
DIGEST = hashlib.sha256(SOUND).hexdigest()


class Room(NamedTuple):
    """What a disk tells of itself."""

    total: int
    used: int
    free: int


class Kept(Sounding):
    sound = SOUND

    def _media(self, recording_id: str, request: Request) -> Response:
        if recording_id not in self.recordings:
            return Response(status=404)
        return super()._media(recording_id, request)


@pytest.fixture
def fifth(world: World) -> Kept:
    return Kept(clock=world.clock)


@pytest.fixture
def recording(account: Account, fifth: Kept) -> Recording:
    return completed(account, fifth)


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.TAPEDECK_DATA = tmp_path
    monkeypatch.setattr(copying, "PIECE_BYTES", PIECE)
    minting.forget()
    yield
    minting.forget()


@pytest.fixture
def manager(operator: Any) -> Any:
    operator.user_permissions.add(Permission.objects.get(codename="manage_bulk"))
    return operator


def completed(account: Account, fifth: Kept, external_id: str = "rec-1") -> Recording:
    call = fifth.place_call()
    fifth.recordings[external_id] = {
        "id": external_id,
        "call": call,
        "status": "done",
        "key": "",
        "options": {},
        "started": fifth._time(),
        "changed": fifth._time(),
        "duration": 60.0,
    }
    return Recording.objects.create(
        account=account, external_id=external_id, status=Status.COMPLETED, sort_at=fifth.clock.utc()
    )


def ordered(user: Any, recording: Recording, **facts: Any) -> Operation:
    return rescues.order(user, recording, **{"order_key": str(uuid.uuid4()), **facts})


def one_step() -> None:
    lease = claim(worker="one", served=set())
    assert lease is not None
    tasks.perform(lease)


def outcome(operation: Operation) -> tuple[str, str]:
    operation.refresh_from_db()
    return operation.state, operation.outcome


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One piece a step, as if each took its time."""
    ticks = iter(range(0, 1_000_000, 15))
    monkeypatch.setattr(copying.time, "monotonic", lambda: next(ticks))


# The whole way.


def test_media_are_copied_whole_checked_and_played_from_here(
    world: World, fifth: Kept, recording: Recording, manager: Any
) -> None:
    operation = ordered(manager, recording)
    world.work()

    rescue = Rescue.objects.get()
    assert outcome(operation) == ("succeeded", f"0.0 MiB kept, SHA-256 {DIGEST}.")
    assert (rescue.size, rescue.sha256, rescue.variant) == (len(SOUND), DIGEST, "audio")
    assert kept.path_of(rescue.key).read_bytes() == SOUND
    assert str(rescue) == f"audio of {recording.pk}"
    assert [step.kind for step in operation.steps.all()] == ["ordered", "decided"]
    fifth.status = 404
    asked = len(fifth.asked())
    assert media.piece(recording, "audio").body == SOUND
    assert len(fifth.asked()) == asked


def test_rescued_media_outlive_those_of_the_provider(
    world: World, fifth: Kept, recording: Recording, manager: Any
) -> None:
    ordered(manager, recording)
    world.work()

    gone = RecordingSnapshot(external_id="rec-1", status=Status.DELETED)
    sync.apply(recording.account, [gone], source=Source.SWEEP)
    recording.refresh_from_db()

    (variant,) = media.variants(recording)
    assert (variant.name, variant.label, variant.content_type) == ("audio", "Sound, kept here", "audio/mpeg")
    assert media.piece(recording, "audio", "bytes=10-19").body == SOUND[10:20]


def test_copy_goes_on_where_a_dead_worker_left_it(
    world: World, fifth: Kept, recording: Recording, manager: Any, small_steps: None
) -> None:
    operation = ordered(manager, recording)
    one_step()
    told = outcome(operation)
    with kept.partial(operation.key).open("ab") as file:
        file.write(b"what a worker wrote before it died")
    world.work()

    first = [f"bytes={at}-{at + PIECE - 1}" for at in range(0, 4 * PIECE, PIECE)]
    assert told == ("queued", "0.0 MiB of 0.0 MiB are copied.")
    assert fifth.asked() == first
    assert Rescue.objects.get().sha256 == DIGEST


def test_lost_partial_file_begins_anew(
    world: World, fifth: Kept, recording: Recording, manager: Any, small_steps: None
) -> None:
    operation = ordered(manager, recording)
    one_step()
    kept.partial(operation.key).unlink()
    world.work()

    assert fifth.asked()[1] == f"bytes=0-{PIECE - 1}"
    assert Rescue.objects.get().sha256 == DIGEST


def test_file_that_the_disk_changed_is_copied_anew(
    world: World, fifth: Kept, recording: Recording, manager: Any, small_steps: None
) -> None:
    operation = ordered(manager, recording)
    one_step()
    with kept.partial(operation.key).open("r+b") as file:
        file.write(b"rot")
    world.work()
    told = outcome(operation)
    world.advance(10)

    assert told == ("queued", copying.CHANGED)
    assert Rescue.objects.get().sha256 == DIGEST


def test_file_that_changes_at_the_provider_is_copied_anew(
    world: World, fifth: Kept, recording: Recording, manager: Any, small_steps: None
) -> None:
    ordered(manager, recording)
    one_step()
    fifth.sound = os.urandom(2 * PIECE)
    world.work()

    assert Rescue.objects.get().sha256 == hashlib.sha256(fifth.sound).hexdigest()


@pytest.mark.parametrize("size", [10, 2 * PIECE + 5])
def test_provider_that_ignores_ranges_is_read_in_one_go(
    world: World, fifth: Kept, recording: Recording, manager: Any, size: int
) -> None:
    fifth.sound, fifth.has_ranges = os.urandom(size), False
    ordered(manager, recording)
    world.work()

    assert Rescue.objects.get().sha256 == hashlib.sha256(fifth.sound).hexdigest()


def test_adapter_that_knows_of_no_ranges_is_not_asked_for_them(
    world: World, fifth: Kept, recording: Recording, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = FifthAdapter.media
    monkeypatch.setattr(FifthAdapter, "media", lambda *args: replace(given(*args), has_ranges=False))
    ordered(manager, recording)
    world.work()

    assert fifth.asked() == [""]
    assert Rescue.objects.get().sha256 == DIGEST


def test_link_is_read_without_credentials(
    world: World, fifth: Kept, recording: Recording, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = FifthAdapter.media

    def link(*args: Any) -> Media:
        found = given(*args)
        return replace(found, headers={})

    monkeypatch.setattr(FifthAdapter, "media", link)
    operation = ordered(manager, recording)
    one_step()

    # The simulator wants credentials: whoever reads a link has none.
    errand = Errand.objects.get(kind="media.rescue")
    assert outcome(operation)[0] == "failed"
    assert (errand.state, errand.problem) == ("failed", "The provider refused to give the file.")


# What goes wrong.


def test_file_that_is_gone_fails_the_order_and_says_so(
    world: World, fifth: Kept, recording: Recording, manager: Any
) -> None:
    fifth.status = 410
    operation = ordered(manager, recording)
    world.work()

    assert outcome(operation) == ("failed", "The provider does not have this file any more.")
    assert operation.outcome_code == "rescue_failed"
    assert not Rescue.objects.exists()


def test_provider_that_stumbles_is_asked_again(
    world: World, fifth: Kept, recording: Recording, manager: Any
) -> None:
    fifth.status = 503
    operation = ordered(manager, recording)
    world.work()
    fifth.status = 0
    housekeeping.ensure_standing()
    world.advance(180, step=20)

    assert outcome(operation)[0] == "succeeded"


@pytest.mark.parametrize("told", ["bytes 7-9/3010", "nonsense"])
def test_provider_that_gives_another_part_is_asked_again(
    world: World, fifth: Kept, recording: Recording, manager: Any, told: str
) -> None:
    fifth.headers = {"Content-Range": told}
    ordered(manager, recording)
    world.work()

    assert "another part of the file" in Errand.objects.get(kind="media.rescue").problem
    assert not Rescue.objects.exists()


def test_full_disk_waits_for_room(
    world: World, fifth: Kept, recording: Recording, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = {"free": 1000}
    monkeypatch.setattr(copying.shutil, "disk_usage", lambda _: Room(0, 0, room["free"]))
    operation = ordered(manager, recording)
    world.work()
    told = outcome(operation)
    room["free"] = 10**12
    world.clock.advance(601)
    world.work()

    assert told == ("queued", copying.FULL)
    assert outcome(operation)[0] == "succeeded"


def test_order_that_is_cancelled_leaves_no_file(
    world: World, fifth: Kept, recording: Recording, manager: Any, small_steps: None
) -> None:
    operation = ordered(manager, recording)
    one_step()

    assert decisions.cancel(operation)
    world.work()

    assert not kept.partial(operation.key).exists()
    assert not Rescue.objects.exists()
    assert Errand.objects.get(kind="media.rescue").state == "done"


def test_order_that_is_cancelled_during_the_last_piece_keeps_nothing(
    world: World, fifth: Kept, recording: Recording, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = copying._checked

    def cancelled_meanwhile(*args: Any) -> str | None:
        decisions.cancel(Operation.objects.get())
        return checked(*args)

    monkeypatch.setattr(copying, "_checked", cancelled_meanwhile)
    operation = ordered(manager, recording)
    world.work()

    assert outcome(operation)[0] == "cancelled"
    assert not kept.partial(operation.key).exists()
    assert not Rescue.objects.exists()


def test_errand_whose_order_is_gone_ends(world: World, account: Account) -> None:
    for given_up in (False, True):
        Errand.objects.create(
            account=account,
            kind="media.rescue",
            subject=str(uuid.uuid4()),
            due_at=now(world),
            deaths=3 if given_up else 0,
        )
    world.work()

    assert sorted(Errand.objects.values_list("state", flat=True)) == ["done", "failed"]


# Deletion.


def test_deletion_takes_the_rescued_file_too(
    world: World,
    fifth: Kept,
    recording: Recording,
    manager: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    ordered(manager, recording)
    world.work()
    path = kept.path_of(Rescue.objects.get().key)

    with django_capture_on_commit_callbacks(execute=True):
        world.order(manager, recording, "recording.delete")
        world.work()

    assert not path.exists()
    assert not Rescue.objects.exists()
    recording.refresh_from_db()
    assert media.variants(recording) == ()


def test_account_that_forgets_with_its_provider_keeps_nothing(
    world: World, fifth: Kept, recording: Recording, manager: Any
) -> None:
    Account.objects.update(forgets_with_provider=True)
    recording.refresh_from_db()
    ordered(manager, recording)
    world.work()

    account = Account.objects.get()
    gone = RecordingSnapshot(external_id="rec-1", status=Status.DELETED)
    sync.apply(account, [gone], source=Source.SWEEP)

    assert not Rescue.objects.exists()


def test_two_rows_that_are_one_keep_one_file_of_each_form(
    world: World, fifth: Kept, account: Account, recording: Recording, manager: Any
) -> None:
    other = completed(account, fifth, "rec-2")
    for each in (recording, other):
        ordered(manager, each)
    world.work()
    first = Rescue.objects.get(recording=recording)
    Rescue.objects.create(
        recording=other, variant="video", content_type="video/mp4", size=1, sha256="x", kept_at=now(world)
    )
    other.external_id = ""
    other.save()

    row = merge(recording, other)

    assert set(row.rescues.values_list("variant", flat=True)) == {"audio", "video"}
    assert row.rescues.get(variant="audio") == first


def test_files_without_a_row_are_taken_away_after_a_day(
    world: World, account: Account, recording: Recording, manager: Any
) -> None:
    ordered(manager, recording)
    world.work()
    good = kept.path_of(Rescue.objects.get().key)
    old, fresh = kept.folder() / "old", kept.folder("rescuing") / "fresh"
    for path in (good, old, fresh):
        path.touch()
    long_ago = time.time() - 2 * 86400
    for path in (good, old):
        os.utime(path, (long_ago, long_ago))

    housekeeping.ensure_standing()
    account.errands.filter(kind="account.tidy").update(due_at=now(world))
    world.work()

    assert good.exists()
    assert not old.exists()
    assert fresh.exists()


def test_row_whose_file_is_gone_is_read_at_the_provider(
    world: World, fifth: Kept, recording: Recording, manager: Any
) -> None:
    ordered(manager, recording)
    world.work()
    kept.path_of(Rescue.objects.get().key).unlink()

    assert kept.find(recording.key, "audio") is None
    assert copies.find(recording.key, "audio") is None
    assert media.piece(recording, "audio").body == SOUND


# Ordering.


def test_same_order_twice_is_one(world: World, recording: Recording, manager: Any) -> None:
    first = ordered(manager, recording, order_key="one")

    assert ordered(manager, recording, order_key="one") == first
    assert ordered(manager, recording, order_key="two") == first
    assert Errand.objects.filter(kind="media.rescue", lane=BACKGROUND).count() == 1


def test_only_managers_rescue(recording: Recording, operator: Any) -> None:
    with pytest.raises(PermissionDenied):
        ordered(operator, recording)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"status": Status.DELETED}, "It is deleted: there is nothing to copy."),
        ({"is_buried": True}, "It is deleted: there is nothing to copy."),
        ({"status": Status.PROCESSING}, "The provider offers no media to copy."),
    ],
)
def test_what_cannot_be_rescued_says_why(
    recording: Recording, manager: Any, facts: dict[str, Any], reason: str
) -> None:
    Recording.objects.update(**facts)
    recording.refresh_from_db()

    with pytest.raises(OrderRefused, match=reason):
        ordered(manager, recording)


def test_what_is_kept_already_and_switched_off_accounts_are_refused(
    world: World, account: Account, recording: Recording, manager: Any
) -> None:
    ordered(manager, recording)
    world.work()
    with pytest.raises(OrderRefused, match="kept here already"):
        ordered(manager, recording)

    recording.account.is_active = False
    with pytest.raises(OrderRefused, match="switched off"):
        ordered(manager, recording)


def test_many_are_rescued_as_a_batch(
    world: World, fifth: Kept, account: Account, recording: Recording, manager: Any
) -> None:
    others = [completed(account, fifth, f"more-{number}") for number in range(3)]
    bad = Recording.objects.create(
        account=account, external_id="bad", status=Status.COMPLETED, sort_at=now(world)
    )
    things = [recording, *others, bad]
    picks = [batches.Pick(account=each.account, key=each.key) for each in things]
    batch = batches.draft(manager, "recording.rescue", subject="recording", label="Many", picks=picks)
    batches.confirm(batch)
    world.advance(60)

    batch.refresh_from_db()
    found = sorted(item.outcome for item in batch.items.select_related("operation"))
    assert found == ["failed", *["succeeded"] * 4]
    assert batch.state == Batch.State.DONE
    assert batches.failed_of(batch, manager) == [bad.key]
    assert Rescue.objects.count() == 4


# By rule.


def test_rule_rescues_what_completes_once_and_not_what_is_kept(
    world: World, fifth: Kept, account: Account, manager: Any
) -> None:
    rule = a_rule(account, Rule.Does.RESCUE, monthly_count=1)
    completed(account, fifth)
    Recording.objects.all().delete()

    recording = tell(account, "rec-1", completed_at=now(world, 1))
    tell(account, "rec-2", completed_at=now(world, 1))
    world.work()
    Recording.objects.filter(external_id="rec-1").update(status=Status.FAILED)
    tell(account, "rec-1", completed_at=now(world, 1))

    operation = Operation.objects.get()
    assert (operation.rule, operation.kind) == (rule, "recording.rescue")
    assert Rescue.objects.get().recording == recording
    held = RuleMatch.objects.waiting().get()
    assert held.reason == "The rule's limit is reached: 1 a month."


def test_rule_s_order_waits_for_media_that_are_still_prepared(
    world: World, fifth: Kept, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_rule(account, Rule.Does.RESCUE)
    completed(account, fifth)
    Recording.objects.all().delete()
    with monkeypatch.context() as patch:
        patch.setattr(FifthAdapter, "variants", lambda *_: ())
        tell(account, "rec-1", completed_at=now(world, 1))
        world.work()
        waiting = outcome(Operation.objects.get())

    world.clock.advance(31)
    world.work()

    assert waiting == ("queued", copying.PREPARED)
    assert outcome(Operation.objects.get())[0] == "succeeded"
    assert Operation.objects.get().options == {"variant": "audio", "label": "Sound"}


def test_media_that_are_never_offered_are_given_up_after_a_day(
    world: World, fifth: Kept, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_rule(account, Rule.Does.RESCUE)
    monkeypatch.setattr(FifthAdapter, "variants", lambda *_: ())
    tell(account, "rec-1", completed_at=now(world, 1))
    Operation.objects.update(created_at=now(world, -90_000))
    world.work()

    assert outcome(Operation.objects.get()) == ("failed", "The provider offers no media to copy.")


def test_held_rescue_that_was_ordered_by_hand_is_not_released(
    world: World, fifth: Kept, account: Account, manager: Any
) -> None:
    from recordings import rules

    rule = a_rule(account, Rule.Does.RESCUE, monthly_count=0)
    completed(account, fifth)
    Recording.objects.all().delete()
    recording = tell(account, "rec-1", completed_at=now(world, 1))
    ordered(manager, recording)
    world.work()

    assert rules.release(rule) == 0
    assert not RuleMatch.objects.exists()


def test_dry_run_of_a_rescue_costs_nothing(world: World, account: Account) -> None:
    from recordings import rules

    tell(account, completed_at=now(world, -1))
    rule = a_rule(account, Rule.Does.RESCUE)
    found = rules.trial(rule, [account])

    assert (found.ordered, found.amounts, found.unpriced) == (1, {}, 0)
    assert found.rows[0].at == now(world, 0) - timedelta(seconds=1)
