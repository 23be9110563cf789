"""What code a function can reach, definition by definition, read from the syntax trees without importing it.

A function reaches the definitions of the names that it uses, and what these reach, through imports at the
head of a module or inside functions, and through annotations.  Of a module of which anything is reached, the
statements count as well that may do something when they run, such as the decorator that enters a function
in a register.  Comments, docstrings and whatever else stands in the file do not count.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kgon.base.fingerprint import PACKAGE, without_text

DECLARES = frozenset(("study", "claims", "table", "figure", "method", "page"))
"""Decorators that declare an artefact, which is asked for by name: what they do themselves does not count."""
WORDS = frozenset(("shows", "seen", "unseen", "command", "cites"))
"""What a declaration only says: another word leaves what is made as it is."""
QUIET = DECLARES | {
    "at_precision", "cache", "contextmanager", "dataclass", "dataclass_transform", "lru_cache", "njit",
    "overload", "result", "total_ordering", "wraps",
}  # fmt: skip
"""Decorators that enter nothing in a register."""
FORM = "3"
"""Of what is remembered of a file."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a function can reach.

    Attributes
    ----------
    modules : dict
        Name of a module to the hash of what is reached in it.
    libraries : tuple of str
        Packages other than the standard library, by the names under which they are imported.
    classes : frozenset of str
        Classes of the package, by module and name.
    """

    modules: dict[str, str]
    libraries: tuple[str, ...]
    classes: frozenset[str]


Node = tuple[Path, int]
"""A statement of a file."""


class Sources:
    """The code of a package.

    Parameters
    ----------
    package : Path
        Its folder.
    known : dict, optional
        What was read of files, by the hash of their contents; is added to.
    """

    def __init__(self, package: Path = PACKAGE, known: dict[str, Any] | None = None) -> None:
        self.package = package
        self.known = {} if known is None else known
        self._files: dict[Path, SourceFile] = {}
        self._new = False
        self._modules: dict[Path, str] = {}
        self._edges: dict[Node, tuple[frozenset[Node], frozenset[str]]] = {}
        self._resolved: dict[tuple[str, ...], tuple[Node, ...]] = {}

    def file(self, path: Path) -> SourceFile:
        """Read a file, or remember it."""
        if path not in self._files:
            text = path.read_bytes()
            key = hashlib.sha256(f"{FORM} {sys.version_info[:2]} {path.name} ".encode() + text).hexdigest()
            if key not in self.known:
                self.known[key] = _read(ast.parse(text))
                self._new = True
            self._files[path] = SourceFile(self.known[key], path)
        return self._files[path]

    def grown(self) -> bool:
        """Say whether anything was read that was not known."""
        return self._new

    def module_of(self, path: Path) -> str:
        """Name the module of a file; of a file elsewhere, its stem."""
        if path not in self._modules:
            self._modules[path] = self._module_of(path)
        return self._modules[path]

    def _module_of(self, path: Path) -> str:
        if self.package not in path.parents:
            return path.stem
        parts = [self.package.name, *path.relative_to(self.package).with_suffix("").parts]
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def path_of(self, module: str) -> Path:
        """Find the file of a module of the package."""
        place = self.package.joinpath(*module.split(".")[1:])
        return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")

    def reached(self, starts: Iterable[tuple[Path, str]]) -> Reached:
        """Find what can be reached from definitions: a file, and a name in it, or empty for all of it."""
        found: dict[Node, None] = {}
        libraries: set[str] = set()
        todo = [node for path, name in starts for node in self._named(path, name)]
        while todo:
            node = todo.pop()
            if node not in found:
                found[node] = None
                nodes, others = self._out(node)
                todo += nodes
                libraries |= others
        modules: dict[Path, list[int]] = {}
        for path, index in sorted(found):
            modules.setdefault(path, []).append(index)
        return Reached(
            {self.module_of(path): self.file(path).hash_of(indices) for path, indices in modules.items()},
            tuple(sorted(libraries)),
            frozenset(
                f"{self.module_of(path)}.{name}"
                for path, indices in modules.items()
                for name in self.file(path).classes_at(indices)
            ),
        )

    def _named(self, path: Path, name: str) -> list[Node]:
        """The statements that bind a name in a file, or all, and those that run in any case."""
        file = self.file(path)
        if name in file.bound:
            return [(path, k) for k in dict.fromkeys([*file.bound[name], *file.always])]
        if name in file.imports:
            nodes, _ = self._followed(path, file.imports[name].split("."))
            return [*nodes]
        return [(path, k) for k in range(len(file.statements))]

    def _out(self, node: Node) -> tuple[frozenset[Node], frozenset[str]]:
        """The statements that one uses, and the libraries."""
        if node not in self._edges:
            path, index = node
            file = self.file(path)
            _, uses, inner, _ = file.statements[index]
            nodes: set[Node] = {(path, k) for k in file.always}
            libraries: set[str] = set()
            for use in uses:
                head, *rest = use.split(".")
                if head in inner or (head in file.imports and head not in file.bound):
                    ways = [*inner.get(head, []), *([file.imports[head]] if head in file.imports else [])]
                    for way in ways:
                        more, others = self._followed(path, [*way.split("."), *rest])
                        nodes.update(more)
                        libraries |= others
                elif head in file.bound:
                    nodes.update((path, k) for k in file.bound[head])
            self._edges[node] = frozenset(nodes), frozenset(libraries)
        return self._edges[node]

    def _followed(self, path: Path, parts: list[str]) -> tuple[tuple[Node, ...], set[str]]:
        """Where a dotted name leads: statements of the package, or a library."""
        if level := len(parts[0]) if parts[0] and not parts[0].strip("<") else 0:  # relative
            above = path.parents[level - 1].relative_to(self.package).parts
            parts = [self.package.name, *above, *(part for part in parts[1:] if part)]
        if parts[0] != self.package.name:
            return (), set() if parts[0] in sys.stdlib_module_names else {parts[0]}
        key = tuple(parts)
        if key not in self._resolved:
            self._resolved[key] = ()  # a circle ends here
            self._resolved[key] = tuple(self._resolve(parts[1:]))
        return self._resolved[key], set()

    def _resolve(self, parts: list[str]) -> list[Node]:
        at = self.package
        for k, part in enumerate(parts):
            if (module := at / f"{part}.py").exists():
                return self._named(module, parts[k + 1] if k + 1 < len(parts) else "")
            if (at / part / "__init__.py").exists():
                at = at / part
                continue
            stub, own = at / "__init__.pyi", at / "__init__.py"
            if stub.exists() and (way := self.file(stub).imports.get(part)):
                return [*self._followed(stub, [*way.split("."), *parts[k + 1 :]])[0]]
            if part.startswith("__") or part in self.file(own).bound or part in self.file(own).imports:
                return self._named(own, part) if not part.startswith("__") else []
            break
        return [node for path in sorted(at.rglob("*.py")) for node in self._named(path, "")]


class SourceFile:
    """What was read of a file: see ``_read``."""

    def __init__(self, record: dict[str, Any], path: Path) -> None:
        self.path = path
        self.statements: list[tuple[str, list[str], dict[str, list[str]], str]] = record["statements"]
        self.bound: dict[str, list[int]] = record["bound"]
        self.imports: dict[str, str] = record["imports"]
        self.declared: list[dict[str, Any]] = record["declared"]
        self.taken: dict[str, list[str]] = record["taken"]

    @cached_property
    def always(self) -> list[int]:
        """Statements that count as soon as their module does."""
        return [k for k, (*_, kind) in enumerate(self.statements) if kind == "runs"]

    def hash_of(self, indices: list[int]) -> str:
        """Hash some statements."""
        text = " ".join(self.statements[k][0] for k in indices)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def classes_at(self, indices: list[int]) -> Iterator[str]:
        """The classes that some statements define."""
        wanted = {k for k in indices if self.statements[k][3].startswith("class ")}
        return (self.statements[k][3].removeprefix("class ") for k in wanted)


def _read(tree: ast.Module) -> dict[str, Any]:
    """What stands in a file, as JSON data.

    ``statements`` are a hash, the dotted names used, the imports inside, and what it is: a class with its
    name, something that ``runs`` in any case, or empty.  ``bound`` are names to statements, ``imports`` those
    at the head of the file, ``declared`` the artefacts, and ``taken``
    the parameters of functions that they name.
    """
    statements: list[tuple[str, list[str], dict[str, list[str]], str]] = []
    bound: dict[str, list[int]] = {}
    imports: dict[str, str] = {}
    declared: list[dict[str, Any]] = []
    for node in _plain(tree.body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports |= dict(_imported(node))
            continue
        names, kind = _binds(node)
        for name in names:
            bound.setdefault(name, []).append(len(statements))
        inner: dict[str, list[str]] = {}
        for part in ast.walk(node):
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                for name, way in _imported(part):
                    inner.setdefault(name, []).append(way)
        declared += _declared(node)
        text = ast.dump(without_text(_without_words(node)))
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        statements.append((digest, sorted(set(_uses(node))), inner, kind))
    named = {x["name"] for each in declared for x in each["how"].values() if "name" in x}
    functions = [x for x in tree.body if isinstance(x, ast.FunctionDef) and x.name in named]
    found = {
        "statements": statements, "bound": bound, "imports": imports, "declared": declared,
        "taken": {x.name: _parameters(x) for x in functions},
    }  # fmt: skip
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def _parameters(node: ast.FunctionDef) -> list[str]:
    return [x.arg for x in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _declared(node: ast.stmt) -> Iterator[dict[str, Any]]:
    """Declarations of artefacts: how, the function, what it takes, and what it says of itself."""
    for call in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
        if isinstance(call, ast.Call) and _last(call) in DECLARES and isinstance(node, ast.FunctionDef):
            yield {
                "kind": _last(call),
                "function": node.name,
                "parameters": _parameters(node),
                "says": ast.get_docstring(node) or "",
                "how": {
                    str(x.arg): {"name": x.value.id}
                    if isinstance(x.value, ast.Name)
                    else {"value": ast.literal_eval(x.value)}
                    for x in call.keywords
                },
            }


def _without_words(node: ast.stmt) -> ast.stmt:
    """Take out of a declaration what it only says."""
    for call in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
        if isinstance(call, ast.Call) and _last(call) in DECLARES:
            call.keywords = [x for x in call.keywords if x.arg not in WORDS]
    return node


def _plain(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements at the head of a module, without texts; what only type checkers run is as good."""
    for node in body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from _plain(node.body)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield node


def _binds(node: ast.stmt) -> tuple[list[str], str]:
    """The names that a statement binds, and what it is."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        registers = any(_last(x) not in QUIET for x in node.decorator_list)
        kind = f"class {node.name}" if isinstance(node, ast.ClassDef) else "runs" if registers else ""
        return [node.name], kind
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    flat = [y for x in targets for y in (x.elts if isinstance(x, ast.Tuple) else [x])]
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and all(
        isinstance(x, ast.Name) for x in flat
    ):
        return [x.id for x in flat if isinstance(x, ast.Name)], ""
    inside = [x for x in ast.walk(node) if isinstance(x, (ast.Name, ast.FunctionDef, ast.ClassDef))]
    stored = [x.id for x in inside if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)]
    return [*stored, *(x.name for x in inside if not isinstance(x, ast.Name))], "runs"


def _last(decorator: ast.expr) -> str:
    at = decorator.func if isinstance(decorator, ast.Call) else decorator
    return at.attr if isinstance(at, ast.Attribute) else at.id if isinstance(at, ast.Name) else ""


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import binds, and where they come from; ``<`` stands for each level above."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            origin = [*(["<" * node.level] if node.level else []), *([node.module] if node.module else [])]
            yield alias.asname or alias.name, ".".join([*origin, alias.name])
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            head = alias.name.partition(".")[0]
            yield head, head


def _uses(node: ast.AST, hidden: frozenset[str] = frozenset()) -> Iterator[str]:
    """The dotted names in a statement, each as long as it is written, but for parameters of functions."""
    parts, at = list[str](), node
    while isinstance(at, ast.Attribute):
        parts, at = [at.attr, *parts], at.value
    if isinstance(at, ast.Name):
        if at.id not in hidden:
            yield ".".join([at.id, *parts])
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DECLARES:
        for keyword in node.keywords:
            yield from _uses(keyword.value, hidden)
        return
    inside = hidden
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        taken = node.args
        every = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg]
        inside = hidden | {x.arg for x in every if x is not None}
    body = node.body if isinstance(node, ast.FunctionDef) else []
    for child in ast.iter_child_nodes(node):
        own = child in body or (isinstance(node, ast.Lambda) and child is node.body)
        yield from _uses(child, inside if own else hidden)
