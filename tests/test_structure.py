"""The house: eight floors, no loose module, names that exist, and a README that tells the truth."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kgon

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kgon"
ROOMS = {
    "base", "numerics", "potential", "kgons", "sampling", "proofs", "free_energy", "landscape", "branches",
    "experiments", "report", "cli",
}  # fmt: skip
"""The twelve packages; the floors are in .importlinter."""
MODULES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")
    for path in PACKAGE.rglob("*.py")
)
PACKAGES = [name for name in MODULES if (ROOT / name.replace(".", "/")).is_dir()]


def test_import_contracts():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_there_is_no_loose_module():
    loose = {path.name for path in PACKAGE.iterdir() if path.is_file()}
    assert loose == {"__init__.py", "__init__.pyi", "__main__.py", "py.typed"}
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == ROOMS


def test_floors_name_every_room_once():
    contract = (ROOT / ".importlinter").read_text().split("layers =")[1].split("\n\n")[0]
    assert sorted(re.findall(r"\w+", contract)) == sorted({*ROOMS, "__main__"})


LONGEST = {"kgon/proofs/check/kgons.py": 700}
"""Lines of a file that may be longer than the others."""


def test_no_module_is_longer_than_500_lines():
    """Far beyond what reads well (about 200): such a file has two purposes."""
    files = [path for folder in ("kgon", "derivations", "tests") for path in (ROOT / folder).rglob("*.py")]
    sizes = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in files}
    assert {name: size for name, size in sizes.items() if size > LONGEST.get(name, 500)} == {}


def exported(package: str) -> list[str]:
    """Public names of a package, as its stub lists them."""
    stub = ROOT / package.replace(".", "/") / "__init__.pyi"
    tree = ast.parse(stub.read_text()) if stub.exists() else ast.Module([], [])
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return [name.name for node in imports if node.module is not None for name in node.names]


def test_packages_are_there_after_importing_kgon_alone():
    """The documentation writes ``kgon.kgons.point_at`` and ``kgon.report.draw``."""
    code = "import sys, kgon; print('numpy' in sys.modules, kgon.kgons.point_at and kgon.report.draw and 1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1"]
    packages = {name for name in PACKAGES if name.count(".") == 1} - {"kgon.base", "kgon.cli"}
    assert packages == {getattr(kgon, name.removeprefix("kgon.")).__name__ for name in packages}


@pytest.mark.parametrize("package", [name for name in PACKAGES if exported(name)])
def test_public_names_can_be_loaded_and_are_documented(package):
    found = importlib.import_module(package)
    assert sorted(found.__all__) == sorted(exported(package))
    for name in exported(package):
        value = getattr(found, name)
        assert not callable(value) or (value.__doc__ or "").strip(), name


def test_the_top_level_is_small():
    assert 18 <= len(exported("kgon")) - 1 <= 22, "about 20 names beside the version"
    assert kgon.__version__


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_bears_the_name_of_what_its_package_exports(package):
    folder = ROOT / package.replace(".", "/")
    modules = {module.name for module in pkgutil.iter_modules([str(folder)])}
    assert not modules & set(exported(package))


def classes() -> list[tuple[str, str]]:
    """Name and file of every public class; not of the checkers, which stand alone, nor of the commands."""
    apart = [PACKAGE / "proofs/check", PACKAGE / "cli"]
    files = [path for path in PACKAGE.rglob("*.py") if not {*apart} & {*path.parents}]
    return [
        (node.name, path.name)
        for path in files
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def test_one_name_is_one_class():
    found = classes()
    names = [name for name, _ in found]
    assert len(names) > 100 and {item for item in found if names.count(item[0]) > 1} == set()


READERS = {
    "count", "endswith", "find", "index", "lstrip", "partition", "removeprefix", "removesuffix", "rpartition",
    "rsplit", "rstrip", "split", "splitlines", "startswith", "strip",
}  # fmt: skip
"""Methods that take a text apart."""
WORDS = {
    "caption", "doubt", "ended", "label", "message", "name", "note", "notes", "ours", "proof",
    "published", "reason", "representative", "rule", "summary", "text", "title", "uncertified",
}  # fmt: skip
"""Attributes of results that are words, made to be read by people, as ``headline()`` is."""


def read_back(source: str) -> list[str]:
    """The places of a source that take a result's words apart, or look for a word in them."""

    def words(node: ast.expr) -> bool:
        while isinstance(node, ast.Subscript):
            node = node.value
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Attribute) and node.func.attr == "headline"
        return isinstance(node, ast.Attribute) and node.attr in WORDS

    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(args=[ast.Constant(value=".")]):  # of a dotted name
                pass
            case ast.Call(func=ast.Attribute(value=text, attr=method)) if method in READERS:
                found += [ast.unparse(node)] * words(text)
            case ast.Compare(ast.Constant(value=str()), [ast.In() | ast.NotIn()], [text]):
                found += [ast.unparse(node)] * words(text)
    return found


def test_no_code_reads_a_sentence_back():
    """Facts are in fields, words are for people: whoever mends a sentence breaks nothing."""
    files = [path for folder in ("kgon", "derivations") for path in (ROOT / folder).rglob("*.py")]
    assert {path.name: found for path in files if (found := read_back(path.read_text()))} == {}


@pytest.mark.parametrize(
    "source",
    [
        'event.name.removeprefix("same loss as ")', 'found.headline().partition(": ")[2]',
        '[x for x in events if "index" not in x.name]', 'branch.ended[0].startswith("at")',
    ],
)  # fmt: skip
def test_sentences_that_are_read_back_are_seen(source):
    assert read_back(source)


def documents() -> list[Path]:
    """What may name a module in prose: documentation, derivations, sources."""
    patterns = ("README.md", "docs/**/*.md", "docs/**/*.rst", "kgon/**/*.py", "derivations/**/*.py")
    return [path for pattern in patterns for path in ROOT.glob(pattern) if "_build" not in path.parts]


def resolves(dotted: str) -> bool:
    """Whether ``kgon.x.y`` is a module, or an attribute of one."""
    parts = dotted.split(".")
    for k in range(len(parts), 0, -1):
        if ".".join(parts[:k]) in MODULES:
            value = importlib.import_module(".".join(parts[:k]))
            for part in parts[k:]:
                if not hasattr(value, part):
                    return False
                value = getattr(value, part)
            return True
    return False


STALE = re.compile(r"(?<![\w./-])kgon(?:\.[A-Za-z_]\w*)+(?![\w-])")


def test_every_dotted_name_in_prose_exists():
    """Docs, docstrings and strings: ``kgon.x.y`` imports (file names such as kgon.css apart)."""
    stale = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in documents()
        for name in set(STALE.findall(path.read_text(encoding="utf-8")))
        if not name.endswith(".css") and not resolves(name)
    }
    assert stale == set()


def test_every_path_in_prose_exists():
    paths = re.compile(r"\b(?:kgon|derivations|tests|docs)/[\w/.-]*\w\.(?:py|pyi|md|rst)\b")
    missing = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in documents()
        for name in set(paths.findall(path.read_text(encoding="utf-8")))
        if not (ROOT / name).exists() and not (path.parent / name).exists()
    }
    assert missing == set()


def test_the_readmes_python_is_about_ten_lines_and_prints_what_its_comments_say():
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert example is not None
    said = [line.removeprefix("# ") for line in example[1].splitlines() if line.startswith("# ")]
    assert len(said) >= 3 and len(example[1].splitlines()) <= 12
    line = [sys.executable, "-X", "utf8", "-c", example[1]]
    done = subprocess.run(line, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == said


def test_the_top_level_is_what_it_should_be():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in tracked.stdout.split()}
    assert top <= {
        "pyproject.toml", "README.md", "kgon", "derivations", "tests", "docs", ".ci", "LICENSE",
        "CITATION.cff", "CHANGELOG.md", ".gitignore", ".importlinter",
    }  # fmt: skip
