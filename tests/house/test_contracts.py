import ast
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("dashboard", "recordings", "tests", "transcripts")
LINT_IMPORTS = Path(sysconfig.get_path("scripts")) / "lint-imports"

# For each contract, by id: a module and an import there that breaks it.
BREAKS = {
    "packages": ("recordings/apps.py", "import dashboard.models"),
    "recordings": ("recordings/connections.py", "import recordings.actions"),
    "providers": ("recordings/providers/base.py", "import django"),
    "registry": ("recordings/actions.py", "import recordings.providers.registry"),
    "product": ("transcripts/apps.py", "import tests.settings"),
    "simulators": ("tests/simulators/__init__.py", "import recordings.providers"),
}


def contracts():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["id"] for contract in config["tool"]["importlinter"]["contracts"]]


def lint_imports(tree, contract):
    command = [LINT_IMPORTS, "--no-logo", "--no-cache", "--contract", contract]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=python_only)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def python_only(folder, names):
    return [name for name in names if "." in name and not name.endswith(".py")]


@pytest.mark.parametrize("contract", contracts())
def test_one_import_breaks_the_contract(tree, contract):
    path, line = BREAKS[contract]
    broken = tree / path
    for module in (broken, imported_file(tree, line)):
        module.touch()
    broken.write_text(f"{broken.read_text()}\n{line}\n")

    result = lint_imports(tree, contract)

    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout


def imported_file(tree, line):
    path = tree / line.removeprefix("import ").replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_simulators_import_the_standard_library_only():
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "tests/simulators").rglob("*.py")
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("tests.simulators")
    }

    assert foreign == set()


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
