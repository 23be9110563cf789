"""Find the state_dicts in what a file holds: one, perhaps under other things, or a series of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kgon.base.verdicts import KgonError
from kgon.potential.containers import NoPointError
from kgon.potential.entry_names import NAMES, PARTS, first_of, in_note, is_new, kind_of, leaves, parts_of
from kgon.potential.steps import Step, step_of_key

DEEPEST = 16
"""Dictionaries and lists in one another in which a state_dict is looked for."""


@dataclass(frozen=True, slots=True)
class StateDict:
    """Entries of one point, or of many that are stacked.

    Attributes
    ----------
    entries : mapping
        By name: those of the state_dict, and what stands beside it in the file.
    where : str or None
        Its place in a series, ``[3]`` or ``400``; None where there is no series.
    step : int, float or None
        The step that its key says.
    """

    entries: Mapping[str, Any]
    where: str | None = None
    step: Step | None = None


def find_states(tree: Any) -> list[StateDict]:
    """Find the entries with W and b: on top, in the one part that has both, or in each of a series.

    A series is a list of state_dicts, or a dictionary whose keys are steps: numbers, or ``step_400``.

    Returns
    -------
    list of StateDict
        Those of a series have a place in it.

    Raises
    ------
    KgonError
        There are none, or several that are no series, or an entry stands twice.
    """
    if isinstance(tree, Mapping) and str(tree.get("schema")).startswith("kgon/"):
        raise NoPointError("a result of kgon's, which is no file of points")
    states = _states_in(tree, DEEPEST, set())
    if states:
        return states
    if not isinstance(tree, Mapping) and parts_of(tree) is None:
        raise NoPointError(
            "the file must hold a state_dict with W and b, as {'W': W, 'b': b}, it holds a "
            f"{type(tree).__name__}"
        )
    names = [path for path, _ in leaves(tree)]
    missing = next((part for part in ("W", "b") if part not in map(kind_of, names)), None)
    if missing is None:
        raise NoPointError(
            f"W and b do not stand together; name them: --entry W=NAME,b=NAME of {first_of(names)}"
        )
    found = f"no entry named {' or '.join(NAMES[missing][:2])} for {missing}; found {first_of(names)}"
    raise NoPointError(f"{found}; --entry W=NAME,b=NAME names them" if len(names) > 1 else found)


def _states_in(tree: Any, depth: int, seen: set[int]) -> list[StateDict]:
    """The states in a part of the file, of what is not ``seen`` yet; empty where there are none."""
    inner = parts_of(tree)
    if inner is None or not depth or not is_new(tree, seen):
        return []
    named = isinstance(tree, Mapping)
    if named and _has_point(tree):
        return [StateDict({str(name): value for name, value in tree.items()})]
    found = {
        key: states
        for key, value in inner
        if kind_of(key) != "note" and (states := _states_in(value, depth - 1, seen))
    }
    if not named:
        return _listed(tree, found)
    beside = {str(key): value for key, value in tree.items() if key not in found}
    if found and all(step_of_key(key) is not None for key in found):
        return [
            replace(_joined(_only(key, states), beside), where=str(key), step=step_of_key(key))
            for key, states in found.items()
        ]
    if len(found) > 1:
        raise KgonError(
            f"{first_of(found)} all hold W and b; say which is meant: "
            f"--entry {','.join(f'{part}={name}' for part, name in _example(tree, found))}"
        )
    return [_joined(state, beside) for states in found.values() for state in states]


def _has_point(names: Mapping[Any, Any]) -> bool:
    """Whether W and b are among the entries, not in a part of them."""
    kinds = {kind_of(name) for name, value in names.items() if parts_of(value) is None}
    return {"W", "b"} <= kinds


def _listed(tree: Any, found: Mapping[Any, list[StateDict]]) -> list[StateDict]:
    """The states of a list, each of which must be one."""
    if found and len(found) < len(tree):
        missing = next(k for k in range(len(tree)) if k not in found)
        raise KgonError(f"entry {missing} of the list has no W and b, others have")
    return [replace(_only(key, states), where=f"[{key}]") for key, states in found.items()]


def _only(key: Any, states: list[StateDict]) -> StateDict:
    if states[0].where is not None:
        raise KgonError(f"{key} holds a series, which stands in another one")
    return states[0]


def _joined(state: StateDict, beside: Mapping[str, Any]) -> StateDict:
    """A state with what stands beside it."""
    both = [name for name in beside if name in state.entries]
    if both:
        raise KgonError(f"{both[0]} stands in the state_dict and beside it")
    return replace(state, entries={**state.entries, **beside})


def _example(tree: Mapping[Any, Any], found: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """W and b of the first of several parts, as ``--entry`` takes them."""
    key = next(iter(found))
    paths = [f"{key}.{path}" for path, _ in leaves(tree[key])]
    return [(part, next(path for path in paths if kind_of(path) == part)) for part in ("W", "b")]


_NAMED = re.compile(r"(?P<name>.*?)(\[(?P<place>[0-9]+)\])?", re.S)


def pick(tree: Any, chosen: Mapping[str, str]) -> tuple[StateDict, list[str]]:
    """Take the entries that a user names: ``{"W": "net.weights", "b": "net.shift[3]"}``.

    A name is the path to the entry, its parts joined by dots; ``[3]`` takes one of several that are stacked.
    Importances and probabilities that are not named, and notes, keep their meaning.

    Returns
    -------
    StateDict
    list of str
        What is neither named nor understood.

    Raises
    ------
    KgonError
        An entry is not there, or has no such part.
    """
    flat = dict(leaves(tree))
    entries: dict[str, Any] = {}
    used = set()
    for part, text in chosen.items():
        match = _NAMED.fullmatch(text)
        name, place = (text, None) if match is None or text in flat else (match["name"], match["place"])
        if name not in flat:
            raise KgonError(f"there is no entry {name}; found {first_of(flat)}")
        entries[part] = flat[name] if place is None else _at(name, flat[name], int(place))
        used.add(name)
    rest = {name: value for name, value in flat.items() if name not in used}
    kept = {
        name: value
        for name, value in rest.items()
        if kind_of(name) in ("note", "layout", *PARTS[2:]) and kind_of(name) not in chosen
    }
    return StateDict({**kept, **entries}), [name for name in rest if name not in kept and not in_note(name)]


def _at(name: str, values: Any, place: int) -> Any:
    """One of several that are stacked."""
    try:
        return values[place]
    except (IndexError, TypeError, KeyError):
        raise KgonError(f"{name} has no part [{place}]") from None
