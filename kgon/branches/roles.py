"""Roles: which columns of a k-gon are those whose weights are varied, up to the symmetries of the k-gon.

All features are alike before their weights are varied, so that it does not matter which are varied: what
matters is where the k-gon has them.  A role says that in words: ``vertex`` or ``positive`` of one column, and
of several ``vertices 0,2`` (counted round the polygon from one of them), ``vertex+positive`` or ``2 dead``.
Two choices of vertices have one role if a rotation or reflection of the polygon takes one to the other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np

from kgon.base.checks import Floats
from kgon.base.verdicts import KgonError
from kgon.kgons.arrangements import arrangements, name_arranged, symmetries
from kgon.kgons.labels import Arranged, Label
from kgon.kgons.values import standard_point
from kgon.potential.parameters import Toward, WeightLine

IN_ORDER = "columns in order"
"""Role on the way to a model, where there is one arrangement of the columns alone."""
KINDS = ("vertex", "switched-off", "positive", "dead")
"""What one column can be."""
MOST_CHOICES = 10_000
"""Choices of vertices that are gone through."""


def column_kinds(label: Label, c: int) -> list[str]:
    """Tell the kind of every column of the standard representative."""
    return ["vertex" if role == "live" else role for role in label.roles(c)]


def role_of(label: Label, columns: Sequence[int], c: int) -> str:
    """Name the role of some columns of the standard representative.

    Examples
    --------
    >>> role_of(Label.parse("5+"), (1, 4), 6), role_of(Label.parse("5+"), (4, 5), 6)
    ('vertices 0,2', 'vertex+positive')
    """
    kinds = column_kinds(label, c)
    parts = []
    for kind in KINDS:
        inside = [j for j in columns if kinds[j] == kind]
        if len(inside) == 1:
            parts.append(kind)
        elif inside and kind == "vertex":
            parts.append("vertices " + ",".join(map(str, _round(inside, label.k))))
        elif inside:
            parts.append(f"{len(inside)} {kind}")
    return "+".join(parts)


def _round(vertices: Sequence[int], k: int) -> tuple[int, ...]:
    """The first of the images of a choice of vertices under the symmetries of the polygon."""
    return min(tuple(sorted(image[j] for j in vertices)) for image in symmetries(k))


def role_shares(label: Label, c: int, size: int = 1) -> dict[str, Fraction]:
    """Compute the share of each role among all choices of ``size`` columns: first those with most vertices.

    Examples
    --------
    >>> {role: str(share) for role, share in role_shares(Label.parse("5+"), 7).items()}
    {'vertex': '5/7', 'positive': '1/7', 'dead': '1/7'}
    """
    found: dict[str, Fraction] = {}
    for role, _, ways in _choices(label, c, size):
        found[role] = found.get(role, Fraction(0)) + Fraction(ways, math.comb(c, size))
    return found


def possible_roles(label: Label, c: int, size: int = 1) -> list[str]:
    """List the roles that ``size`` columns can play, each once.

    Examples
    --------
    >>> possible_roles(Label.parse("5+"), 7)
    ['vertex', 'positive', 'dead']
    >>> possible_roles(Label.parse("6"), 6, 2)
    ['vertices 0,1', 'vertices 0,2', 'vertices 0,3']
    """
    return list(role_shares(label, c, size))


@lru_cache(maxsize=256)
def _choices(label: Label, c: int, size: int) -> tuple[tuple[str, tuple[int, ...], int], ...]:
    """Choices of columns that hold every role: all of vertices, of each other kind the first ones.

    Each comes with its role before, and after with the number of choices that it stands for; those with most
    vertices come first.
    """
    kinds = column_kinds(label, c)
    places = [[j for j, kind in enumerate(kinds) if kind == wanted] for wanted in KINDS]
    found = []
    for vertices, *others in itertools.product(*(range(len(x), -1, -1) for x in places)):
        if vertices + sum(others) != size:
            continue
        if math.comb(len(places[0]), vertices) > MOST_CHOICES:
            raise KgonError(
                f"{size} of the {c} columns of {label} can be chosen in over {MOST_CHOICES} ways: vary fewer"
            )
        rest = [j for place, count in zip(places[1:], others, strict=True) for j in place[:count]]
        ways = math.prod(math.comb(len(x), count) for x, count in zip(places[1:], others, strict=True))
        for chosen in itertools.combinations(places[0], vertices):
            columns = (*chosen, *rest)
            found.append((role_of(label, columns, c), columns, ways))
    return tuple(found)


def roles_on(label: Label, parameter: WeightLine) -> list[str]:
    """List the roles that the columns of a k-gon can play along a parameter, each once."""
    c = parameter.c
    if not isinstance(parameter, Toward):
        return possible_roles(label, c, len(parameter.columns))
    classes = parameter.model.classes
    names = (name_arranged(label, columns, classes) for columns in arrangements(label, classes))
    return [name.words or IN_ORDER for name in names]


def settled_role(label: Label, parameter: WeightLine, role: str | None) -> str:
    """Settle the role, in full, of the columns that a parameter varies.

    Parameters
    ----------
    label : Label
    parameter : WeightLine
    role : str or None
        On the way to a model the words of ``kgon.kgons.labels.Arranged``.  Else a role; or a kind, which
        stands for the only role in which all columns are of it, or else the only one in which some are; or
        None for what these columns of the standard representative are.

    Raises
    ------
    KgonError
        The columns cannot have the role, or it leaves a choice; the roles are listed.

    Examples
    --------
    >>> from kgon.potential.parameters import Parameter
    >>> settled_role(Label.parse("5+"), Parameter.parse("importance[0,1]", 6), "positive")
    'vertex+positive'
    """
    c, size = parameter.c, len(parameter.columns)
    if label.words and role is not None:
        raise KgonError(f"{label} says already which columns play which part: leave the role {role!r} out")
    if isinstance(parameter, Toward):
        columns = _arranged(label, role).columns(c)
        return name_arranged(label, columns, parameter.model.classes).words or IN_ORDER
    if role is None:
        columns = label.columns(c)
        return role_of(label.label, [columns.index(j) for j in parameter.columns], c)
    roles = possible_roles(label, c, size)
    if role in roles:
        return role
    # ``positive`` alone: all are positive, or if they cannot be, one of them is.
    of_kind = [[x for x in roles if _has(x, role, whole)] for whole in (True, False)]
    found = of_kind[0] or of_kind[1]
    if len(found) == 1:
        return found[0]
    several = "a column" if size == 1 else f"{size} columns"
    asked = "; name one of these" if found else ""
    raise KgonError(f"{several} of {label} can be {'; '.join(found or roles)}{asked}, got {role!r}")


def _arranged(label: Label, role: str | None) -> Label:
    """The name whose words are a role on the way to a model; without one the label itself."""
    return label if role is None or role == IN_ORDER else Arranged.of(label, role)


def _has(role: str, kind: str, whole: bool) -> bool:
    """Whether a role has a part of a kind, or nothing else."""
    parts = ["vertex" if part.startswith("vertices") else part.split()[-1] for part in role.split("+")]
    return set(parts) == {kind} if whole else kind in parts


def arrangement(label: Label, parameter: WeightLine, role: str) -> list[int]:
    """Order the columns of the standard representative such that those that are varied have a role.

    Where they have it as they stand, all stay; otherwise they change places with the first columns that do.
    """
    c, varied, role = parameter.c, parameter.columns, settled_role(label, parameter, role)
    order = list(range(c))
    if isinstance(parameter, Toward):
        return [int(j) for j in np.argsort(_arranged(label, role).columns(c))]
    if role_of(label, varied, c) != role:
        wanted = next(x for name, x, _ in _choices(label, c, len(varied)) if name == role)
        moved = [j for j in varied if j not in wanted]
        for j, other in zip(moved, [x for x in wanted if x not in varied], strict=True):
            order[j], order[other] = other, j
    return order


def start_of_branch(label: Label, parameter: WeightLine, role: str) -> tuple[Floats, Floats]:
    """Build the catalogue's point with its columns in the ``arrangement``."""
    W, b = standard_point(label, parameter.c)
    order = arrangement(label, parameter, role)
    return W[:, order].copy(), b[order].copy()
