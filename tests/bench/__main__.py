"""``python -m tests.bench``: every figure beside its limit or peer, in one run, with the spread."""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator

from tests.bench.figures import MEASURES, Figure, Measure, Size


def main() -> int:
    """Measure on the database of ``DATABASE_URL``, else on SQLite. Answers 1 when a limit is missed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    asked = _arguments().parse_args()
    import django

    django.setup()
    size = Size(transcripts=2_000, rounds=10, is_quick=True) if asked.quick else Size()
    if asked.transcripts:
        size = Size(transcripts=asked.transcripts, rounds=size.rounds, is_quick=asked.quick)
    chosen = list(_chosen(asked.only))
    print(_HEAD, flush=True)
    missed = 0
    for measure in chosen:
        missed += _run(measure, size)
    return 1 if missed and not asked.quick else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="P12", help="only these figures")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that everything runs")
    parser.add_argument("--transcripts", type=int, help="how many are searched (100,000)")
    return parser


def _chosen(only: list[str]) -> Iterator[Measure]:
    """Every module of this package registers what it measures."""
    import tests.bench

    for module in pkgutil.iter_modules(tests.bench.__path__):
        if not module.name.startswith("__"):
            importlib.import_module(f"tests.bench.{module.name}")
    for numbers, measure in MEASURES.items():
        if not only or not set(only).isdisjoint(numbers):
            yield measure


def _run(measure: Measure, size: Size) -> int:
    """Each has a database of its own, so that none measures what another left."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        missed = 0
        for figure in measure(size):
            print(_line(figure, connection.vendor), flush=True)
            missed += figure.verdict == "MISSED"
        return missed
    finally:
        teardown_databases(made, verbosity=0)


def _line(figure: Figure, database: str) -> str:
    limits = "" if figure.must is None else f"{figure.must:g} / {figure.goal:g}"
    facts = f"{figure.here} against {figure.peer}" if figure.peer else figure.here
    return (
        f"{figure.number:4} {database:10} {figure.what:52} {figure.ratio:9.2f}"
        f" {limits:>12} {figure.verdict:6}  {facts}"
    )


_HEAD = f"{'':4} {'database':10} {'figure':52} {'ratio':>9} {'must / goal':>12} {'':6}  here against peer"

if __name__ == "__main__":
    sys.exit(main())
