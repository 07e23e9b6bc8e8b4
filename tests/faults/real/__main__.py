"""The real tier: python -m tests.faults.real F3 --seed 1; without a case, each of them in turn."""

import argparse
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.real import power
from tests.faults.real.environment import ROOT, environment, shimmed
from tests.faults.real.postgres import Database

DATABASE = "tapedeck.sqlite3"
NAMES = [f"F{number}" for number in range(1, 13)]
NEEDS_SHIM = {"F9": "clock", "F10": "full disk", "F11": "power cuts", "F12": "clock"}
LONGEST_SECONDS = 3600
# With the product's own clocks, as everybody has them: one figure is about them.
OWN_CLOCKS = {("F4", 1)}


def main() -> int:
    options = _options()
    if options.alone:
        from tests.faults.real.alone import run_alone

        return run_alone(options.cases[0], options.seed, Path(options.alone), is_short=options.short)
    wanted = [(case, seed) for seed in options.seeds for case in options.cases or NAMES]
    with _template(options, is_worth_it=len(wanted) > 1) as template:
        failed = [(case, seed) for case, seed in wanted if _run(case, seed, options, template)]
    _summarise(wanted, options)
    for case, seed in failed:
        print(f"FAILED {case} --seed {seed}")
    return min(len(failed), 100)


@contextmanager
def _template(options: argparse.Namespace, *, is_worth_it: bool) -> Iterator[Path | None]:
    """A migrated SQLite file, so that not every run migrates anew."""
    if _server(options) or not is_worth_it:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tapedeck-template-") as folder:
        told = environment(Path(folder), synchronous="OFF")
        words = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(words, cwd=ROOT, env={**_shell(), **told, "DATABASE_URL": ""}, check=True)
        yield Path(folder) / "data" / DATABASE


def _summarise(wanted: list[tuple[str, int]], options: argparse.Namespace) -> None:
    """The table of these runs, from the report that both tiers share."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings"
    import django

    django.setup()
    from tests.faults.report import Report, summary

    database = "postgresql" if _server(options) else "sqlite"
    lines = Report(database=database, tier="real").lines()
    print(summary(line for line in lines if (line["case"], line["seed"]) in wanted))


def _server(options: argparse.Namespace) -> str:
    return str(options.database_url or os.environ.get("DATABASE_URL", ""))


def _shell() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("TAPEDECK_")}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.real", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="F3", help="F1 to F12; all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", default="", help="a..b, both included")
    parser.add_argument("--short", action="store_true", help="fewer rounds: shows that each holds at all")
    parser.add_argument("--database-url", default="", help="a PostgreSQL server; by default SQLite")
    parser.add_argument("--synchronous", default="FULL", help="OFF loses what was acknowledged: F11 finds it")
    parser.add_argument("--keep", action="store_true", help="keep the data folder, and say where it is")
    parser.add_argument("--alone", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = set(options.cases) - set(NAMES)
    if unknown:
        parser.error(f"no case is called {', '.join(sorted(unknown))}")
    first, _, last = (options.seeds or str(options.seed)).partition("..")
    options.seeds = range(int(first), int(last or first) + 1)
    return options


def _run(case: str, seed: int, options: argparse.Namespace, template: Path | None) -> int:
    """One case and seed, as a process of its own with a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix=f"tapedeck-{case}-"))
    print(f"{case} --seed {seed}", flush=True)
    try:
        for name in ("data", "base"):
            (folder / name).mkdir()
            if template is not None:
                shutil.copy(template, folder / name)
        with Database(_server(options)) as url:
            return _start(case, seed, folder, url, options)
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _start(case: str, seed: int, folder: Path, url: str, options: argparse.Namespace) -> int:
    has_own_clocks = (case, seed) in OWN_CLOCKS and not options.short
    told = environment(
        folder,
        has_own_clocks=has_own_clocks,
        is_short=options.short,
        synchronous=options.synchronous,
    )
    env = {**_shell(), **told, "DATABASE_URL": url}
    if not url or NEEDS_SHIM.get(case) == "clock":
        try:
            env |= _shim(folder)
        except power.NoShim as exc:
            if case in NEEDS_SHIM:
                print(f"{case} not run: it needs {NEEDS_SHIM[case]}, and there is {exc}")
                return 1
    words = [sys.executable, "-m", "tests.faults.real", case, "--seed", str(seed), "--alone", str(folder)]
    words += ["--short"] * options.short
    done = subprocess.run(words, cwd=ROOT, env=env, check=False, timeout=LONGEST_SECONDS)
    if done.returncode and (folder / "product.log").exists():
        print((folder / "product.log").read_text(errors="replace")[-2000:])
    return done.returncode


def _shim(folder: Path) -> dict[str, str]:
    (folder / "skew").write_bytes(struct.pack("d", 0.0))
    return shimmed(power.build(folder), folder)


if __name__ == "__main__":
    sys.exit(main())
