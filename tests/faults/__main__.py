"""Run seeds: python -m tests.faults --seeds a..b [--case F3] prints each failure with its seed."""

import argparse
import os
import subprocess
import sys
from typing import Any

SHORT, SHORT_SECONDS = "1..200", 200.0
HASHES = "0"  # Sets of texts are walked in the order of their hashes: a seed must fix that too.
MODULE = "tests.faults"


def main() -> int:
    options = _options()
    if os.environ.get("PYTHONHASHSEED") != HASHES:
        os.environ["PYTHONHASHSEED"] = HASHES
        os.execv(sys.executable, [sys.executable, "-m", MODULE, *sys.argv[1:]])
    if options.database_url:
        os.environ["DATABASE_URL"] = options.database_url
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings"
    first, _, last = (options.seeds or SHORT).partition("..")
    seeds = range(int(first), int(last or first) + 1)
    options.seconds = options.seconds or (0.0 if options.seeds else SHORT_SECONDS)
    jobs = min(options.jobs, len(seeds))
    if options.part is None and jobs > 1:
        return _share(seeds, options, jobs)
    return _run(seeds, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__)
    parser.add_argument("--seeds", default="", help="a..b, both included, or one number; else a short pass")
    parser.add_argument("--case", default="", help="F1 to F12, all or none; by default each in turn")
    parser.add_argument("--again", action="store_true", help="run seeds too that passed before")
    parser.add_argument("--seconds", type=float, default=0.0, help="begin no other seed after so long")
    parser.add_argument("--loud", action="store_true", help="tell of each seed what happened")
    parser.add_argument("--database-url", default="", help="a PostgreSQL server; by default SQLite in memory")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="so many processes")
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _share(seeds: range, options: argparse.Namespace, jobs: int) -> int:
    """Each process takes its turn among the seeds; all of them write to one report."""
    own = [f"--jobs={jobs}", f"--seconds={options.seconds}", f"--seeds={seeds[0]}..{seeds[-1]}"]
    command = [sys.executable, "-m", MODULE, *sys.argv[1:], *own]
    workers = [subprocess.Popen([*command, f"--part={part}"]) for part in range(jobs)]
    failed = sum(worker.wait() for worker in workers)
    import django

    django.setup()
    from tests.faults.session import conclude

    print(conclude(_wanted(seeds, options)))
    return min(failed, 100)


def _run(seeds: range, options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.db import connection

    from tests.faults.session import conclude, run

    is_part = options.part is not None
    mine = seeds[options.part :: options.jobs] if is_part else seeds
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        failed = run(_wanted(mine, options))
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    if not is_part:
        print(conclude(_wanted(seeds, options)))
    return min(failed, 100)


def _wanted(seeds: range, options: argparse.Namespace) -> Any:
    from tests.faults.session import Wanted

    return Wanted(
        seeds=seeds,
        case=options.case,
        is_again=options.again,
        seconds=options.seconds,
        is_loud=options.loud,
    )


if __name__ == "__main__":
    sys.exit(main())
