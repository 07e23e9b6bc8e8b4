import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="


@pytest.fixture
def manage(tmp_path):
    """Runs a command with the product's own settings, in a process with nothing else in its environment."""

    def run(*command, **env):
        inherited = {name: os.environ[name] for name in os.environ if name.startswith(("PATH", "COV"))}
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**inherited, "TAPEDECK_DATA": str(tmp_path / "data"), **env},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def values(manage):
    """The named settings, as the product would see them in such an environment."""

    def read(*names, **env):
        code = (
            "import json; from django.conf import settings;"
            f"print(json.dumps([getattr(settings, name) for name in {names!r}], default=str))"
        )
        result = manage("shell", "--no-imports", "--command", code, **env)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return read


def test_first_use_makes_keys_that_stay_and_are_private(values, tmp_path):
    first = values("SECRET_KEY", "TAPEDECK_KEYS")
    second = values("SECRET_KEY", "TAPEDECK_KEYS")

    assert first == second
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    assert modes["keys"] == modes["secret_key"] == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_keys_of_the_environment_leave_no_file(values, tmp_path):
    (keys,) = values("TAPEDECK_KEYS", TAPEDECK_KEYS=f"{KEY},second", TAPEDECK_SECRET_KEY="secret")

    assert keys == [KEY, "second"]
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize(("role", "seconds"), [("web", 1.8), ("worker", 20), ("command", 20)])
def test_sqlite_survives_power_loss_and_waits_as_its_process_can(values, role, seconds):
    (databases,) = values("DATABASES", TAPEDECK_ROLE=role)

    assert databases["default"]["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;",
        "timeout": seconds,
    }


def test_postgres_connections_persist_and_are_checked(values):
    (databases,) = values("DATABASES", DATABASE_URL="postgresql:///tapedeck")

    assert databases["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert databases["default"]["CONN_MAX_AGE"] is None
    assert databases["default"]["CONN_HEALTH_CHECKS"] is True


def test_named_sqlite_file_gets_the_same_options(values, tmp_path):
    (databases,) = values("DATABASES", DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3")

    assert databases["default"]["NAME"] == f"{tmp_path}/other.sqlite3"
    assert "synchronous=FULL" in databases["default"]["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("env", "complaint"),
    [
        ({"TAPEDECK_ROLE": "boss"}, "TAPEDECK_ROLE must be"),
        ({"PUBLIC_URL": "https://tapedeck.example/path"}, "PUBLIC_URL must be"),
        ({"PUBLIC_URL": "tapedeck.example"}, "PUBLIC_URL must be"),
        ({"DATABASE_URL": "mysql://localhost/tapedeck"}, "DATABASE_URL must name"),
        ({"TAPEDECK_KEYS": "short"}, "tapedeck.E002"),
        ({"TAPEDECK_LEASE_SECONDS": "20"}, "tapedeck.E001"),
    ],
)
def test_setting_that_cannot_be_meant_is_refused(manage, env, complaint):
    result = manage("check", **env)

    assert result.returncode == 1
    assert complaint in result.stderr


def test_public_https_address_makes_the_deployment_check_clean(manage):
    env = {"PUBLIC_URL": "https://tapedeck.example", "TAPEDECK_KEYS": KEY}

    result = manage("check", "--deploy", "--fail-level", "WARNING", **env)

    assert result.returncode == 0, result.stderr


def test_deployment_check_warns_of_the_key_beside_the_data(manage):
    result = manage("check", "--deploy", PUBLIC_URL="https://tapedeck.example")

    assert "tapedeck.W001" in result.stderr


def test_deployment_check_warns_without_a_public_https_address(manage):
    result = manage("check", "--deploy", PUBLIC_URL="http://tapedeck.example", TAPEDECK_KEYS=KEY)

    assert "tapedeck.W002" in result.stderr


def test_public_address_decides_hosts_and_cookies(values):
    names = ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SESSION_COOKIE_SECURE")

    hosts, origins, is_secure = values(*names, PUBLIC_URL="https://tapedeck.example:8443/")

    assert "tapedeck.example" in hosts
    assert origins == ["https://tapedeck.example:8443"]
    assert is_secure is True
