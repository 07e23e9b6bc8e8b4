"""Backing up while everything runs, and bringing it back."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from dashboard import backups, restoring
from recordings.models import Account, Operation
from recordings.providers.snapshots import TextFile
from transcripts import storage
from transcripts.models import Transcript, TranscriptText

ROOT = Path(__file__).resolve().parents[2]
is_sqlite = connection.vendor == "sqlite"
only_sqlite = pytest.mark.skipif(not is_sqlite, reason="PostgreSQL keeps its own database")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def data(tmp_path, settings, monkeypatch):
    """A data folder of its own; what is restored goes there and never over the tests' database."""
    settings.TAPEDECK_DATA = tmp_path / "data"
    settings.TAPEDECK_DATA.mkdir()
    if is_sqlite:
        monkeypatch.setattr(restoring, "_database", lambda: settings.TAPEDECK_DATA / "tapedeck.sqlite3")
    return settings.TAPEDECK_DATA


@pytest.fixture
def transcript(data):
    account = Account.objects.create(provider="recall", name="Support")
    transcript = Transcript.objects.create(account=account, external_id="t-1", sort_at=timezone.now())
    file = TextFile(name="words.json", content_type="application/json", content=b'["a rare word"]')
    files = storage.keep(transcript, [file])
    TranscriptText.objects.create(transcript=transcript, files=files, words=1, stored_at=timezone.now())
    (data / "media").mkdir()
    (data / "media" / "one.audio.mpeg").write_bytes(b"sound")
    (data / "media" / "partial-1").write_bytes(b"half")
    (data / "keys").write_text("never in a backup")
    return transcript


@pytest.fixture
def backup(transcript, tmp_path):
    target = tmp_path / "backup"
    call_command("backup", str(target))
    return target


def contents(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_backup_holds_database_and_files_and_no_key(backup, transcript, settings):
    manifest = backups.Manifest.read(backup)

    (kept,) = manifest.files
    assert (backup / "files" / kept.path).read_bytes() == b'["a rare word"]'
    assert [entry.path for entry in manifest.media] == ["media/one.audio.mpeg"]
    assert manifest.missing == ()
    assert contents(backup) == {
        *(["database.sqlite3"] if is_sqlite else []),
        f"files/{kept.path}",
        "manifest.json",
    }
    text = (backup / "manifest.json").read_text()
    assert manifest.keys == tuple(backups.fingerprint(key) for key in settings.TAPEDECK_KEYS)
    assert not [key for key in settings.TAPEDECK_KEYS if key in text]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in backup.rglob("*") if path.is_file())


@only_sqlite
def test_backup_is_of_one_moment_while_others_write(data, tmp_path):
    Account.objects.create(provider="recall", name="Support")

    target = tmp_path / "backup"
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=5)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE recordings_account SET name = 'not committed'")
    call_command("backup", str(target))
    other.rollback()
    other.close()

    with sqlite3.connect(target / "database.sqlite3") as copy:
        assert copy.execute("SELECT name FROM recordings_account").fetchall() == [("Support",)]


def test_postgresql_is_told_to_use_its_own_tool(transcript, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(connection, "vendor", "postgresql")

    call_command("backup", str(tmp_path / "backup"))

    assert "pg_dump" in capsys.readouterr().out
    assert backups.Manifest.read(tmp_path / "backup").database is None


def test_media_are_copied_on_demand(transcript, tmp_path, data, capsys):
    target = tmp_path / "backup"
    call_command("backup", str(target), "--with-media")
    (data / "media" / "one.audio.mpeg").unlink()

    call_command("restore", str(target), "--force")

    assert (data / "media" / "one.audio.mpeg").read_bytes() == b"sound"
    said = capsys.readouterr().out
    assert "2 files, 1 media listed" in said
    assert "The keys are not in it" in said


def test_files_that_are_not_there_are_named(transcript, tmp_path, capsys):
    storage.discard(storage.folder_of(transcript))

    call_command("backup", str(tmp_path / "backup"))

    missing = transcript.text.files[0]["path"]
    assert backups.Manifest.read(tmp_path / "backup").missing == (missing,)
    assert "1 files were not there" in capsys.readouterr().out


def test_file_that_goes_while_it_is_copied_is_left_out(transcript, tmp_path, monkeypatch):
    def vanish(source, target):
        raise FileNotFoundError

    monkeypatch.setattr(backups, "copy_file", vanish)

    assert backups.back_up(tmp_path / "backup", with_media=False).files == ()


def test_folder_that_holds_anything_is_no_target(backup):
    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", str(backup))


def test_restore_refuses_where_there_is_data_and_force_puts_it_aside(backup, data, transcript, capsys):
    kept = data / transcript.text.files[0]["path"]
    kept.write_bytes(b"changed since")

    with pytest.raises(CommandError, match="There is data in"):
        call_command("restore", str(backup))
    call_command("restore", str(backup), "--force")

    assert kept.read_bytes() == b'["a rare word"]'
    (aside,) = data.glob("before-restore-*")
    assert (aside / kept.relative_to(data)).read_bytes() == b"changed since"
    assert (data / "keys").read_text() == "never in a backup"
    said = capsys.readouterr().out
    assert "What was here lies in" in said
    assert "delete it again" in said


@pytest.fixture
def emptied(backup, data):
    for folder in ("transcripts", "media"):
        (data / folder).rename(data.parent / folder)
    return backup


def refuse(backup, match, *options):
    with pytest.raises(CommandError, match=match):
        call_command("restore", str(backup), *options)


def test_damaged_file_is_found_before_anything_is_touched(emptied, data):
    next((emptied / "files").rglob("*words.json")).write_bytes(b"[]")

    refuse(emptied, "is not what it was")

    assert not (data / "transcripts").exists()


def test_missing_file_is_found(emptied):
    next((emptied / "files").rglob("*words.json")).unlink()

    refuse(emptied, "The backup is not whole")


@only_sqlite
def test_damaged_database_is_found(emptied):
    with (emptied / "database.sqlite3").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    refuse(emptied, "is not what it was")

    alter(emptied, database=vars_of(backups.entry_of(emptied / "database.sqlite3", "database.sqlite3")))
    refuse(emptied, "is damaged")


def vars_of(entry):
    return {"path": entry.path, "size": entry.size, "sha256": entry.sha256}


def alter(backup, **changes):
    told = json.loads((backup / "manifest.json").read_text())
    (backup / "manifest.json").write_text(json.dumps(told | changes))


@pytest.mark.parametrize("path", ["../../keys", "transcripts/../../../keys", "/etc/passwd", "keys"])
def test_path_that_leads_out_is_refused(emptied, path):
    alter(emptied, files=[{"path": path, "size": 1, "sha256": "0"}])

    refuse(emptied, "outside its folders")


@pytest.mark.parametrize("change", [{"format": 2}, {"files": [{}]}, {"keys": None}])
def test_foreign_manifest_is_refused(emptied, change):
    alter(emptied, **change)

    refuse(emptied, "another version" if "format" in change else "no whole backup")


def test_folder_without_manifest_is_no_backup(tmp_path):
    refuse(tmp_path, "is no whole backup")


def test_backup_of_the_other_database_is_refused(emptied):
    entry = {"path": "database.sqlite3", "size": 1, "sha256": "0"}
    alter(emptied, database=None if is_sqlite else entry)

    refuse(emptied, "This backup holds")


def test_missing_keys_are_named_by_fingerprint_and_can_be_done_without(emptied, data, settings):
    lost = settings.TAPEDECK_KEYS[0]
    settings.TAPEDECK_KEYS = ["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk9"]

    refuse(emptied, backups.fingerprint(lost))
    call_command("restore", str(emptied), "--without-keys")

    assert (data / "transcripts").exists()


def test_waiting_order_is_not_sent_a_second_time(emptied, transcript, capsys):
    order = Operation.objects.create(
        account=transcript.account,
        order_key="o",
        kind="transcript.delete",
        fingerprint="f",
        due_at=timezone.now(),
    )

    call_command("restore", str(emptied))

    order.refresh_from_db()
    assert (order.state, order.due_at) == ("cancelled", None)
    assert "may have been sent since" in order.outcome
    assert "1 orders that waited" in capsys.readouterr().out


@only_sqlite
def test_running_tapedeck_is_not_restored_over(backup, data):
    database = data / "tapedeck.sqlite3"
    running = sqlite3.connect(database)
    running.execute("PRAGMA journal_mode=WAL")
    running.execute("CREATE TABLE present (x)")
    running.execute("SELECT * FROM present").fetchall()

    refuse(backup, "Tapedeck is running", "--force")
    running.close()
    call_command("restore", str(backup), "--force")

    with sqlite3.connect(database) as restored:
        assert restored.execute("SELECT name FROM recordings_account").fetchall() == [("Support",)]


SOW = """
import django; django.setup()
from django.utils import timezone
from recordings import connections
from recordings.models import Account
from recordings.providers.snapshots import TextFile
from transcripts import storage
from transcripts.models import Transcript, TranscriptText
now = timezone.now()
account = Account(provider="recall", name="Support")
connections.set_secrets(account, {"api_key": "the key"})
account.save()
transcript = Transcript.objects.create(account=account, external_id="t-1", sort_at=now)
files = storage.keep(transcript, [TextFile(name="w.json", content_type="application/json", content=b"words")])
TranscriptText.objects.create(transcript=transcript, files=files, words=1, stored_at=now)
print("ready", flush=True)
input()
"""
REAP = """
import django; django.setup()
from recordings import connections
from transcripts import storage
from transcripts.models import Transcript
transcript = Transcript.objects.get(external_id="t-1")
path = storage.path_of(transcript.text.files[0])
print(connections.secrets_of(transcript.account)["api_key"], path.read_text())
"""


def run(data, *command, **more):
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("TAPEDECK_", "DATABASE_"))
    }
    env |= {
        "TAPEDECK_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "PYTHONPATH": str(ROOT),
    }
    env["TAPEDECK_KEYS"] = os.environ["TAPEDECK_KEYS"]
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        **more,
    )


def said(process):
    out, _ = process.communicate("\n", timeout=120)
    assert process.returncode == 0, out
    return out


def test_from_one_machine_to_another_while_the_first_runs(tmp_path):
    old, new, target = tmp_path / "old", tmp_path / "new", tmp_path / "backup"
    said(run(old, "manage.py", "migrate", "--verbosity=0"))
    running = run(old, "-c", SOW)
    assert running.stdout.readline() == "ready\n"

    said(run(old, "manage.py", "backup", str(target)))
    said(running)
    said(run(new, "manage.py", "restore", str(target)))

    assert said(run(new, "-c", REAP)) == "the key words\n"
