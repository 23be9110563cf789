"""Fingerprints: whatever may change a result changes them, and nothing else does."""

import enum
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kgon.base import fingerprint
from kgon.base.fingerprint import PACKAGE, fingerprints, hash_of_sources
from kgon.base.streams import stream
from kgon.base.verdicts import KgonError, Verdict
from kgon.experiments.posterior.chains import Chains, Source, tempered
from kgon.kgons.labels import Label
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.parameters import Parameter


class Colour(enum.Enum):
    """Its members have the values of other things."""

    RED = 1


@dataclass(frozen=True)
class Pair:
    """Two of anything."""

    first: object
    second: object


@dataclass(frozen=True)
class Couple:
    """The same fields as ``Pair``."""

    first: object
    second: object


def task(*arguments):
    """What is kept."""
    return {}


def other_task(*arguments):
    """Another function of the same module."""
    return {}


def settings(*arguments, function=task):
    return fingerprints(function, {"x": arguments})["x"].settings


def data_set(n, seed, **options):
    tms = TMS(6, **options)
    return EmpiricalLoss(tms, *sample(tms, n, seed=seed))


DIFFERENT = {
    "nothing": (),
    "none": (None,),
    "zero": (0,),
    "no": (False,),
    "zero as a float": (0.0,),
    "minus zero": (-0.0,),
    "empty": ("",),
    "text": ("0",),
    "nan": (np.nan,),
    "list": ([0],),
    "lists": ([0], [0]),
    "nested": ([[0], [0]],),
    "mapping": ({"a": 1, "b": 2},),
    "another value": ({"a": 1, "b": 3},),
    "number keys": ({1: 1, 2: 2},),
    "fraction": (Fraction(1, 3),),
    "float of the fraction": (1 / 3,),
    "next float": (np.nextafter(1 / 3, 1),),
    "enumeration": (Colour.RED,),
    "verdict": (Verdict.PROVED,),
    "its text": ("PROVED",),
    "integers": (np.arange(6),),
    "floats": (np.arange(6.0),),
    "shape": (np.arange(6).reshape(2, 3),),
    "other shape": (np.arange(6).reshape(3, 2),),
    "words": (np.array(["a", "b"]),),
    "pair": (Pair(1, 2),),
    "couple": (Couple(1, 2),),
    "nested pair": (Pair(Pair(1, 2), 2),),
    "label": (Label(5, 1),),
    "another label": (Label(5, 0, 1),),
    "parameter": (Parameter.parse("importance[5]", 6),),
    "another parameter": (Parameter.parse("importance[4]", 6),),
    "chains": (Chains(),),
    "more chains": (Chains(draws=101),),
    "population": (Potential(TMS(6)),),
    "other weights": (Potential(TMS(6, importance=[1, 1, 1, 1, 1, 2])),),
    "data": (data_set(50, 1),),
    "more data": (data_set(51, 1),),
    "other data": (data_set(50, 2),),
    "data of another model": (data_set(50, 1, r=3),),
}


def test_whatever_differs_has_another_fingerprint():
    found = {name: settings(*arguments) for name, arguments in DIFFERENT.items()}
    found["another function"] = settings(function=other_task)
    same = [(a, b) for a in found for b in found if a < b and found[a] == found[b]]
    assert same == []


@pytest.mark.parametrize("name", DIFFERENT)
def test_equal_arguments_have_equal_fingerprints(name):
    again = {**DIFFERENT, "data": (data_set(50, 1),), "chains": (Chains(),)}
    assert settings(*DIFFERENT[name]) == settings(*again[name])


def test_numbers_of_numpy_are_numbers_and_order_of_a_mapping_is_nothing():
    assert settings(np.int64(3), np.float64(0.5), np.bool_(True), np.str_("a")) == settings(3, 0.5, True, "a")
    assert settings({"a": 1, "b": 2}) == settings({"b": 2, "a": 1})
    strided = np.arange(12.0)[::2]
    assert settings(strided) == settings(strided.copy())
    assert settings((1, 2)) == settings([1, 2])


class Unknown:
    """Something that is no dataclass."""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Unknown(), "an argument of type Unknown, which has no fingerprint"),
        (Path("x"), "PosixPath, which has no fingerprint"),
        (np.array([object()]), "ndarray, which has no fingerprint"),
        ({1, 2}, "set, which has no fingerprint"),
        (len, "builtin_function_or_method, which has no fingerprint"),
        (Pair, "type, which has no fingerprint"),
        (Pair(1, Unknown()), "an argument of type Unknown"),
        ([{"a": Unknown()}], "an argument of type Unknown"),
    ],
)
def test_what_is_not_known_is_refused_and_never_printed_into_a_key(value, words):
    with pytest.raises(KgonError, match=words):
        settings(value)


@pytest.mark.parametrize("function", [len, lambda: {}, Unknown, Unknown(), "task"])
def test_a_function_that_cannot_be_found_again_is_refused(function):
    def inner():
        return {}

    for wrong in (function, inner):
        with pytest.raises(KgonError, match="a function of a module's top level"):
            fingerprints(wrong, {"x": ()})


def test_objects_that_tasks_share_are_read_once(monkeypatch):
    from kgon.base import fingerprint

    shared, seen = np.arange(3.0), []
    right = fingerprint._Form._object
    monkeypatch.setattr(fingerprint._Form, "_object", lambda self, x: seen.append(x) or right(self, x))
    fingerprints(task, {str(k): (shared, k) for k in range(5)})
    assert len(seen) == 1


# --- sources -------------------------------------------------------------------------------------


FILES = {
    "__init__.py": '"""A package."""\n',
    "top.py": '''"""Top."""
from pack.middle import f


def g():
    from pack import late

    return late.x + f()
''',
    "middle.py": """import json

import pack.low.base


def f():
    # One.
    return pack.low.base.one
""",
    "late.py": "from .low import lazy\n\nx = lazy()\n",
    "low/__init__.py": "import lazy_loader\n",
    "low/__init__.pyi": "from .names import lazy as lazy\n",
    "low/names.py": "def lazy():\n    return 1\n",
    "low/base.py": "one = 1\n",
    "low/alone.py": "two = 2\n",
    "caption.py": "import pack.top\n\nTEXT = 'a caption'\n",
}


@pytest.fixture
def package(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "pack"


def digest(package, copy, *changes):
    """Hash of what top.py needs, in a copy of the package with some pieces of text replaced."""
    root = package.parent.with_name(f"{package.parent.name}-{copy}") / "pack"
    shutil.copytree(package, root)
    for name, old, new in changes:
        assert (root / name).read_text().count(old) == 1
        (root / name).write_text((root / name).read_text().replace(old, new))
    return hash_of_sources([root / "top.py"], root)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("top.py", "late.x + f()", "late.x - f()"),
        ("middle.py", "low.base.one\n", "low.base.one + 0\n"),
        ("low/base.py", "one = 1", "one = 2"),
        ("late.py", "x = lazy()", "x = -lazy()"),
        ("low/names.py", "return 1", "return 2"),
        ("low/__init__.py", "import lazy_loader", "import lazy_loader as loader"),
    ],
)
def test_a_changed_module_that_is_imported_changes_the_sources(package, name, old, new):
    """Directly, over another module, inside a function, over a package that loads its names when asked."""
    assert digest(package, "changed", (name, old, new)) != digest(package, "same")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("caption.py", "a caption", "a better caption"),
        ("low/alone.py", "two = 2", "two = 3"),
        ("top.py", "Top.", "The top of it."),
        ("middle.py", "# One.", "# One, of the module below."),
        ("middle.py", "\n\n\ndef f", "\n\n\n\n\ndef f"),
    ],
)
def test_other_modules_comments_and_docstrings_change_nothing(package, name, old, new):
    assert digest(package, "changed", (name, old, new)) == digest(package, "same")


def test_the_sources_of_a_task_are_below_it_and_not_above(tmp_path, monkeypatch):
    """Of kgon itself: kernels count for a posterior, figures do not."""
    copy = shutil.copytree(PACKAGE, tmp_path / "kgon", ignore=shutil.ignore_patterns("__pycache__"))

    read, known = fingerprint._read.__wrapped__, {}

    def by_content(file, package):
        key = file, file.read_bytes()
        if key not in known:
            known[key] = read(file, package)
        return known[key]

    monkeypatch.setattr(fingerprint, "_read", by_content)

    def digest_now():
        return hash_of_sources([copy / "experiments/posterior/chains.py"], copy)

    before = digest_now()
    for name in ("report/figures/posterior.py", "cli/posterior.py", "experiments/training/plateaus.py"):
        (copy / name).write_text((copy / name).read_text() + "\nMORE = 1\n")
        assert digest_now() == before, name
    for name in ("potential/kernels/pairs.py", "sampling/tempering.py", "kgons/basins.py"):
        text = (copy / name).read_text()
        (copy / name).write_text(text + "\nMORE = 1\n")
        assert digest_now() != before, name
        (copy / name).write_text(text)
    assert digest_now() == before


def test_the_module_of_an_argument_counts():
    """A class that the function's module does not import may still run."""
    one, other = (fingerprints(stream, {"x": (value,)})["x"] for value in (1, Source(c=6)))
    assert one.sources != other.sources
    whole = fingerprints(tempered, {"x": (Source(c=6), [10.0], Chains(), 0, (1,))})["x"]
    assert whole.sources == fingerprints(tempered, {"x": ()})["x"].sources  # which it imports anyway


def test_versions_of_libraries_count(monkeypatch):
    from kgon.base import fingerprint

    before = fingerprints(task, {"x": ()})["x"]
    monkeypatch.setattr(fingerprint, "versions", lambda: {"numpy": "0"})
    after = fingerprints(task, {"x": ()})["x"]
    assert before.settings == after.settings and before.sources != after.sources


def test_code_without_a_file_is_refused():
    space: dict = {}
    exec("def made(): return {}", space)
    space["made"].__module__ = "made"
    with pytest.raises(KgonError, match="the source of made is in no file"):
        fingerprints(space["made"], {"x": ()})
