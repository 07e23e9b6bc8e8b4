from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

from dashboard.keyfiles import read_or_create


def test_processes_that_start_together_get_one_key(tmp_path):
    numbers, start = count(), Barrier(8)

    def make():
        start.wait(5)  # All have seen that there is no file.
        return f"key-{next(numbers)}"

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: read_or_create(tmp_path / "key", make), range(8)))

    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_existing_key_is_read_and_none_is_made(tmp_path):
    (tmp_path / "key").write_text("kept\n")

    assert read_or_create(tmp_path / "key", lambda: "new") == "kept"
