"""Run seeds: python -m tests.faults --seeds a..b [--case F3] prints each failure with its seed."""

import argparse
import os
import sys

SHORT, SHORT_SECONDS = "1..200", 200.0
HASHES = "0"  # Sets of texts are walked in the order of their hashes: a seed must fix that too.


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", default="", help="a..b, both included, or one number; else a short pass")
    parser.add_argument("--case", default="", help="F1 to F12, all or none; by default each in turn")
    parser.add_argument("--again", action="store_true", help="run seeds too that passed before")
    parser.add_argument("--seconds", type=float, default=0.0, help="begin no other seed after so long")
    parser.add_argument("--loud", action="store_true", help="tell of each seed what happened")
    parser.add_argument("--database-url", default="", help="a PostgreSQL server; by default SQLite in memory")
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != HASHES:
        os.environ["PYTHONHASHSEED"] = HASHES
        os.execv(sys.executable, [sys.executable, "-m", "tests.faults", *sys.argv[1:]])
    if options.database_url:
        os.environ["DATABASE_URL"] = options.database_url
    first, _, last = (options.seeds or SHORT).partition("..")
    options.seconds = options.seconds or (0.0 if options.seeds else SHORT_SECONDS)
    return _run(range(int(first), int(last or first) + 1), options)


def _run(seeds: range, options: argparse.Namespace) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings"
    import django

    django.setup()
    from django.db import connection

    from tests.faults.session import Wanted, run

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    wanted = Wanted(
        seeds=seeds,
        case=options.case,
        is_again=options.again,
        seconds=options.seconds,
        is_loud=options.loud,
    )
    try:
        return min(run(wanted), 100)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
