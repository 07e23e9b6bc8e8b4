"""The report of the seeds: what may be left out the next time, and what the table says."""

from pathlib import Path

from tests.faults.report import Report, summary
from tests.faults.runner import Outcome
from tests.faults.watch import Problem

TWICE = Problem(category="twice", text="a start was sent again")
LOST = Problem(category="lost", text="a callback has no row")


def test_only_what_passed_need_not_run_again(tmp_path: Path) -> None:
    report = Report(database="sqlite", folder=tmp_path)

    report.add(Outcome(seed=1, case="F1"))
    report.add(Outcome(seed=2, case="F1", problems=[TWICE]))
    before = report.passed()
    report.add(Outcome(seed=2, case="F1"))

    assert before == {("F1", 1)}
    assert report.passed() == {("F1", 1), ("F1", 2)}


def test_each_database_has_its_own_seeds(tmp_path: Path) -> None:
    Report(database="sqlite", folder=tmp_path).add(Outcome(seed=1, case="F1"))

    assert Report(database="postgresql", folder=tmp_path).passed() == set()


def test_table_counts_the_seeds_in_which_something_went_wrong(tmp_path: Path) -> None:
    report = Report(database="sqlite", folder=tmp_path)
    numbers = {"orders": 10, "sent": 4, "callbacks": 100, "states": {"in_doubt": 1}}

    report.add(Outcome(seed=1, case="F10", numbers=numbers, problems=[TWICE, TWICE, LOST]))
    report.add(Outcome(seed=2, case="F10", numbers=numbers))
    report.add(Outcome(seed=3, case="F2", numbers=numbers))
    head, f2, f10, everything = [line.split() for line in summary(report.lines()).splitlines()]

    assert head[:8] == ["case", "seeds", "orders", "sent", "callbacks", "lost", "twice", "late"]
    assert f2 == ["F2", "1", "10", "4", "100", "0", "0", "0", "0", "0", "1"]
    assert f10 == ["F10", "2", "20", "8", "200", "1", "1", "0", "0", "0", "2"]
    assert everything == ["sum", "3", "30", "12", "300", "1", "1", "0", "0", "0", "3"]
