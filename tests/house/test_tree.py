import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {
    *("manage.py", "pyproject.toml", "dashboard", "recordings", "transcripts", "templates"),
    *("static", "tests", "README.md", "Makefile", "LICENSE", ".gitignore", ".ci"),
    *("requirements.txt", "requirements-dev.txt"),
}
PUBLIC_TARGETS = {
    *("demo", "run", "test", "test-postgres", "faults", "bench"),
    *("check", "screenshots", "lock", "clean", "help"),
}
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def tracked(*patterns):
    command = ["git", "ls-files", "-z", "--", *patterns]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).exists()]


def makefile():
    return (ROOT / "Makefile").read_text()


def pins(lock):
    return dict(PIN.findall((ROOT / lock).read_text()))


def test_nothing_else_lies_at_the_top():
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize("package", ["dashboard", "recordings", "transcripts"])
def test_modules_stay_small(package):
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in tracked(f"{package}/*.py")
        if path.parent.name != "migrations"
    }

    assert {name: size for name, size in sizes.items() if size > allowed_lines(name)} == {}


def allowed_lines(name):
    return 400 if name.startswith("recordings/providers/") else 250


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_lock_pins_by_hash_and_names_no_address(lock):
    requirements = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())

    assert "://" not in "".join(requirements)
    assert [text for text in requirements if not PIN.match(text) or "--hash=sha256:" not in text] == []


def test_development_lock_has_the_runtime_lock_inside():
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_locks_have_every_named_dependency():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = names(config["project"]["dependencies"])
    extras = names(chain.from_iterable(config["project"]["optional-dependencies"].values()))
    dev = names(config["dependency-groups"]["dev"])

    assert runtime <= pins("requirements.txt").keys()
    assert runtime | extras | dev <= pins("requirements-dev.txt").keys()


def names(requirements):
    return {re.match(r"[A-Za-z0-9-]+", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("path", [".ci/run", "Makefile", "pyproject.toml"])
def test_build_files_name_no_host(path):
    assert re.findall(r"https?://\S+", (ROOT / path).read_text()) == []


def test_makefile_offers_what_the_design_names_and_no_more():
    offered = set(re.findall(r"^([a-z-]+):.*## ", makefile(), re.MULTILINE))

    assert offered <= PUBLIC_TARGETS
    assert PUBLIC_TARGETS - offered <= {"bench"}  # It comes with the first figure.


def test_documents_name_only_commands_that_exist():
    text = "\n".join(path.read_text() for path in tracked("*.md"))
    targets = set(re.findall(r"^([a-z-]+):", makefile(), re.MULTILINE))
    commands = {path.stem for path in tracked("*/management/commands/*.py")}
    from_django = {"createsuperuser", "migrate", "check", "shell", "dbshell", "qcluster", "collectstatic"}

    assert set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", text)) <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= commands | from_django
