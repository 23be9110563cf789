"""The Python reference: a section for each package, with the names of its ``__all__``, each once.

Nothing is listed by hand: what a package makes public, in its ``__init__.pyi`` or its ``__all__``, appears.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

import kgon

ROOT = Path(__file__).parents[1]
PAGE = "api"


def packages() -> list[str]:
    """Every package with public names, from the lowest floor up."""
    layers = (ROOT / ".importlinter").read_text().split("layers =")[1].split("\n\n")[0]
    floors = re.findall(r"\w+", layers)[::-1]
    found = [x.name for x in pkgutil.walk_packages(kgon.__path__, "kgon.") if x.ispkg]
    public = [name for name in found if hasattr(importlib.import_module(name), "__all__")]
    return sorted(public, key=lambda name: (floors.index(name.split(".")[1]), name))


def owners() -> dict[str, str]:
    """The package under which each public name stands: the innermost of those that offer it."""
    inwards = sorted(packages(), key=lambda package: package.count("."))
    return {name: package for package in inwards for name in importlib.import_module(package).__all__}


def entry(package: str, name: str) -> str:
    """The directive for one public name; a constant has its docstring in the module that it is from."""
    value = getattr(importlib.import_module(package), name)
    if inspect.isclass(value):
        return f".. autoclass:: {package}.{name}\n   :members:\n"
    if callable(value) and hasattr(value, "__name__") and not hasattr(value, "__origin__"):
        return f".. autofunction:: {package}.{name}\n"
    words = ModuleAnalyzer.for_module(source_of(package, name)).find_attr_docs()["", name]
    return f".. py:data:: {package}.{name}\n\n" + "".join(f"   {line}\n" for line in words)


def source_of(package: str, name: str) -> str:
    """The module that a package's stub takes a name from."""
    module = importlib.import_module(package)
    for node in ast.parse(Path(str(module.__file__)).with_suffix(".pyi").read_text()).body:
        if isinstance(node, ast.ImportFrom) and name in (alias.name for alias in node.names):
            return f"{package}.{node.module}"
    raise LookupError(f"{name} is not in the stub of {package}")


def section(package: str, owned: dict[str, str]) -> str:
    """A package: what it holds, its names, and links to those that it takes from packages inside it."""
    module = importlib.import_module(package)
    others = [name for name in module.__all__ if owned[name] != package]
    parts = [f"## {package}", inspect.cleandoc(module.__doc__ or "").split("\n\n")[0]]
    if others:
        parts.append(eval_rst("Also offered here: " + links(others, owned) + ".\n"))
    own = [entry(package, name) for name in module.__all__ if owned[name] == package]
    return "\n\n".join([*parts, eval_rst("\n".join(own))]) if own else "\n\n".join(parts)


def links(names: list[str], owned: dict[str, str]) -> str:
    """Names with links to where they are written down."""
    return ", ".join(f":py:obj:`{name} <{owned[name]}.{name}>`" for name in names)


def eval_rst(text: str) -> str:
    """A block of reStructuredText in a Markdown page."""
    return f"```{{eval-rst}}\n{text}```"


def reference() -> str:
    """The generated part of the page."""
    owned = owners()
    most_used = sorted({*kgon.__all__} - {"__version__"}, key=str.lower)
    first = f"The names most used are imported from ``kgon`` itself: {links(most_used, owned)}.\n"
    return "\n\n".join([eval_rst(first), *(section(package, owned) for package in packages())]) + "\n"


def write(app: Sphinx, page: str, source: list[str]) -> None:
    """Add the generated part to the page of the reference as it is read."""
    if page == PAGE:
        source[0] += "\n" + reference()


def mend(app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Mend what napoleon makes of a docstring.

    Attributes that share a line get an entry each, as parameters do; of a property, words before a colon are
    no type.
    """
    shared = re.compile(r":(ivar|vartype) (\w+(?:, \w+)+):(.*)")
    for k in reversed(range(len(lines))):
        if found := shared.fullmatch(lines[k]):
            kind, names, rest = found.groups()
            lines[k : k + 1] = [f":{kind} {one}:{rest}" for one in names.split(", ")]
    types = [k for k, line in enumerate(lines) if line.startswith(":type: ")]
    if what in ("attribute", "property") and types:
        words = lines.pop(types[0]).removeprefix(":type: ")
        lines[0] = f"{words}: {lines[0]}"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("source-read", write)
    app.connect("autodoc-process-docstring", mend, priority=900)  # napoleon comes first
