"""Fingerprints of tasks: what decides the result of a call, as short texts that can be compared.

A fingerprint has two parts.  The *settings* are the function and its arguments, bit by bit.  The *sources*
are the code that may run: the modules of the function and of its arguments, and all that these import from
the package, directly or not (also inside functions), beside the versions of the numerical libraries.
Comments and docstrings do not count, nor does any other module: a new caption leaves the samples as they are.
"""

from __future__ import annotations

import ast
import enum
import hashlib
import inspect
import json
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kgon.base.settings import given
from kgon.base.verdicts import KgonError
from kgon.base.version import versions

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What decides the result of a task.

    Attributes
    ----------
    settings : str
        Hash of the function's name and its arguments.
    sources : str
        Hash of the code and of the versions of libraries.
    """

    settings: str
    sources: str


def fingerprints(function: Any, tasks: Mapping[str, tuple[Any, ...]]) -> dict[str, Fingerprint]:
    """Compute the fingerprint of ``function(*arguments)`` for every task.

    Parameters
    ----------
    function : function
        Of the top level of a module.
    tasks : mapping
        Name to arguments: numbers, text, None, enumerations, fractions, arrays, and lists, tuples, mappings
        and dataclasses of these.

    Raises
    ------
    KgonError
        Another kind of function or argument: nothing is guessed of what an unknown object may depend on.

    Examples
    --------
    >>> from kgon.base.streams import stream
    >>> found = fingerprints(stream, {"a": (0, 1), "b": (0, 2), "again": (0, 1)})
    >>> found["a"] == found["again"], found["a"] == found["b"]
    (True, False)
    """
    if not isinstance(function, types.FunctionType) or "<" in function.__qualname__:
        raise KgonError(f"a task that is kept is a function of a module's top level, got {function!r}")
    form = _Form()
    name = f"{function.__module__}.{function.__qualname__}"
    settings = {task: _hash([name, form.of(arguments)]) for task, arguments in tasks.items()}
    sources = hash_of_sources([_file_of(function), *map(_file_of, form.classes)])
    return {task: Fingerprint(text, sources) for task, text in settings.items()}


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()


# --- arguments -----------------------------------------------------------------------------------


class _Form:
    """Values as JSON data that tell apart whatever differs; objects shared by several tasks are read once."""

    def __init__(self) -> None:
        self.classes: dict[type, None] = {}
        self._known: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        """The JSON data of a value."""
        if isinstance(value, enum.Enum):
            return [self._name(value), value.value]
        if isinstance(value, np.generic):
            return self.of(value.item())
        if value is None or isinstance(value, (str, bool, int, float)):
            return value
        if isinstance(value, (list, tuple)):
            return [self.of(item) for item in value]
        if isinstance(value, Mapping):
            return {"items": sorted(([self.of(key), self.of(x)] for key, x in value.items()), key=json.dumps)}
        if id(value) not in self._known:
            self._known[id(value)] = self._object(value)
        return self._known[id(value)]

    def _object(self, value: Any) -> Any:
        if isinstance(value, Fraction):
            return {"fraction": [value.numerator, value.denominator]}
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
            return {"array": [value.dtype.str, value.shape, digest]}
        if is_dataclass(value) and not isinstance(value, type):
            parts = {name: self.of(part) for name, part in given(value).items()}
            return [self._name(value), parts]
        raise KgonError(
            f"a task that is kept has an argument of type {type(value).__name__}, which has no fingerprint: "
            "pass what decides the result as numbers, text, arrays or a dataclass"
        )

    def _name(self, value: Any) -> str:
        kind = type(value)
        self.classes[kind] = None
        return f"{kind.__module__}.{kind.__qualname__}"


# --- sources -------------------------------------------------------------------------------------


def _file_of(thing: Any) -> Path:
    try:
        file = inspect.getsourcefile(thing)
    except TypeError:  # of the interactive session, or of a library in C
        file = None
    if file is None:
        raise KgonError(f"the source of {thing.__qualname__} is in no file: what is kept is compared with it")
    return Path(file)


def hash_of_sources(files: Iterable[Path], package: Path = PACKAGE) -> str:
    """Hash the code in some files and in every module of the package that they import, directly or not."""
    found: dict[Path, str] = {}
    todo = list(files)
    while todo:
        file = todo.pop()
        if file not in found:
            found[file], imported = _read(file, package)
            todo += imported
    return _hash([sorted(found.values()), versions()])


@cache
def _read(file: Path, package: Path) -> tuple[str, tuple[Path, ...]]:
    """Hash of a file's name and code, and the files of the package that it imports."""
    try:
        tree = ast.parse(file.read_bytes())
    except OSError as error:
        raise KgonError(f"{file}: the source of what is kept cannot be read ({error.strerror})") from None
    imported = tuple(dict.fromkeys(_imports(tree, file, package)))
    return _hash([file.name, ast.dump(without_text(tree))]), imported


def without_text(tree: ast.AST) -> ast.AST:
    """Take docstrings out of a syntax tree."""
    return _WithoutText().visit(tree)  # type: ignore[no-any-return]


class _WithoutText(ast.NodeTransformer):
    """Takes docstrings out: statements that are nothing but text."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Keep what is no constant."""
        return None if isinstance(node.value, ast.Constant) else node


def _imports(tree: ast.AST, file: Path, package: Path) -> Iterator[Path]:
    """Files of the package that the import statements of a module run; all of them, wherever they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files(alias.name.split("."), package)
        elif isinstance(node, ast.ImportFrom):
            origin = (node.module or "").split(".") if node.module else []
            if node.level:
                above = file.parents[node.level - 1]
                origin = [package.name, *above.relative_to(package).parts, *origin]
            for alias in node.names:
                yield from _files([*origin, alias.name], package)


def _files(parts: list[str], package: Path) -> Iterator[Path]:
    """The modules on a dotted way, such as kgon.base.work.Work; of a package at its end the names it lists.

    A package that loads its names when they are asked for lists them in a stub, which is read like a module.
    """
    if parts[0] != package.name:
        return
    at = package
    yield at / "__init__.py"
    for part in parts[1:]:
        if (module := at / f"{part}.py").exists():
            yield module
            return
        if not (at / part / "__init__.py").exists():
            break
        at = at / part
        yield at / "__init__.py"
    if (stub := at / "__init__.pyi").exists():
        yield stub
