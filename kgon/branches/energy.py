"""Compute free energies along branches of minima, and find where two branches have the same."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from kgon.base.checks import Floats, assign
from kgon.base.verdicts import KgonError
from kgon.branches.changes import EqualEnergy
from kgon.branches.maxwell import Sheet, common_grid, equality, sheets
from kgon.branches.results import STALLED, BranchEvent, KgonBranch
from kgon.branches.roles import role_shares
from kgon.free_energy.constants.barrier import least_strength
from kgon.free_energy.constants.polygon import circles
from kgon.free_energy.constants.second_order import slice_at
from kgon.free_energy.conventions import check_beta, check_sizes, check_theory
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.parameters import WeightLine, read_parameter

BRANCH_THEORIES = ("none", "prior", "laplace")
"""Theories of the constant that are known away from the catalogue's points."""


SHALLOW = "the well of one of the two is too shallow at this n for its free energy"
"""Doubt of equal free energies near a fold."""


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Where free energies along branches are compared: n, β, and the theory of the constant.

    Attributes
    ----------
    n : float
    beta : Fraction
        Given as a number or as text, which is read exactly.
    theory : str
        One of ``BRANCH_THEORIES``; laplace is for k ≥ 5.
    """

    n: float
    beta: Any = 1
    theory: str = "prior"

    def __post_init__(self) -> None:
        theory = check_theory(self.theory, BRANCH_THEORIES)
        assign(self, n=float(check_sizes(self.n)), beta=check_beta(self.beta), theory=theory)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalEnergy:
    """``F_n = βnL + λ log n + c`` at one minimum; with laplace the logarithm is that of βn."""

    loss: float
    lambda_: Fraction
    constant: float

    def at(self, n: Any, beta: float, theory: str) -> Any:
        """Compute F_n, for one or many n."""
        return (
            beta * n * self.loss
            + float(self.lambda_) * np.log(beta * n if theory == "laplace" else n)
            + self.constant
        )


def dead_region_mass(W: Floats, b: Floats, columns: list[int]) -> float:
    """Integrate the prior over a dead column's region beside live columns with b < 0, in polar coordinates.

    x·W_j ≤ −b_j for every live j, and b ≤ −max(0, max_j x·W_j).
    """
    angles = 2 * np.pi * (np.arange(1440) + 0.5) / 1440
    slopes = W[:, columns].T @ np.stack([np.cos(angles), np.sin(angles)])
    with np.errstate(divide="ignore"):
        reach = np.min(np.where(slopes > 0, -b[columns][:, None] / slopes, np.inf), axis=0)
    steepest = np.maximum(slopes.max(axis=0), 0.0)
    nodes, weights = np.polynomial.legendre.leggauss(24)
    r = reach[:, None] * (1 + nodes) / 2
    inner = np.sum(weights * r * np.exp(-r * r / 2) * ndtr(-steepest[:, None] * r), axis=1) * reach / 2
    return float(inner.mean())


def used_columns(W: Floats, b: Floats) -> list[int]:
    """List the columns that are not dead."""
    return [j for j in range(len(b)) if W[:, j].any() or b[j] >= 0]


def local_energy(
    W: Floats, b: Floats, *, tms: TMS, label: Label, share: Fraction, theory: str
) -> LocalEnergy:
    """Compute λ and the constant of a minimum on a branch.

    A 4-gon stays where it is, and as long as it is a minimum its λ and the prior at it are the catalogue's:
    the leading part of L stays of degree 2, with the same coordinates that it does not see.

    Parameters
    ----------
    W, b : (2, c) and (c,) arrays
        Dead columns at W = 0, b < 0.
    label : Label
        What was followed.
    share : Fraction
        Of its copies under permutations, those whose varied columns have their role (``role_shares``).
    theory : {"none", "prior", "laplace"}
    """
    c = len(b)
    loss = float(Potential(tms).loss(W, b))
    if label.k == 4:
        point = Catalogue(c)[label]
        if point.lambda_ is None:
            raise KgonError(f"{label} is not a local minimum: it has no free energy")
        if theory == "laplace":
            raise KgonError(f"theory {theory} has no constant of {label} away from the catalogue's point")
        constant = point.c_prior if theory == "prior" else 0.0
        return LocalEnergy(loss=loss, lambda_=point.lambda_, constant=constant)
    columns = used_columns(W, b)
    dead = [j for j in range(c) if j not in columns]
    lambda_ = Fraction(3 * len(columns) - 1, 2)
    energy = 0.5 * float(np.sum(W**2) + np.sum(b[columns] ** 2))
    if theory != "laplace":
        return LocalEnergy(loss=loss, lambda_=lambda_, constant=energy if theory == "prior" else 0.0)
    found = slice_at(W, b, tms=tms, columns=columns)
    log_det = float(np.linalg.slogdet(found.hessian)[1])
    count = circles(label, c) * share
    live = [j for j in columns if np.any(W[:, j] != 0)]
    mass = dead_region_mass(W, b, live) if dead else 1.0
    constant = -math.log(count) - math.log(2 * math.pi * found.norm) + 0.5 * math.log(2 * math.pi)
    constant += 0.5 * log_det + energy - len(dead) * math.log(mass)
    return LocalEnergy(loss=loss, lambda_=lambda_, constant=constant)


def corrected_at(sheet: Sheet, p: float) -> Floats:
    """Find the unknowns of a sheet at a value of the parameter between its points, by Newton's method."""
    assert sheet.system is not None
    x = sheet.at(p)[1]
    for _ in range(20):
        move = np.linalg.solve(sheet.system.jacobian(x, p), sheet.system.equations(x, p))
        x = x - move
        if np.abs(move).max() < 1e-13:
            return x
    raise KgonError(f"Newton's method does not settle on the branch at {p:g}")


@dataclass(frozen=True, slots=True)
class _Side:
    """A sheet of minima and its free energy; ``share`` is that of its role among all copies."""

    sheet: Sheet
    at: SampleSize
    parameter: WeightLine
    share: Fraction

    def _place(self, p: float) -> tuple[TMS, Floats, Floats]:
        """The model and the minimum at a value of the parameter; an exact branch stays where it is."""
        first, system = self.sheet.branch.points[0], self.sheet.system
        W, b = (first.W, first.b) if system is None else system.point(corrected_at(self.sheet, p))
        return self.parameter.tms(p), W, b

    def energy(self, p: float) -> float:
        tms, W, b = self._place(p)
        label, theory = self.sheet.branch.kgon, self.at.theory
        entry = local_energy(W, b, tms=tms, label=label, share=self.share, theory=theory)
        return float(entry.at(self.at.n, float(self.at.beta), theory))

    def holds(self, p: float) -> bool:
        """Whether n is large enough for the expansion about the minimum; of a 4-gon nothing is known."""
        tms, W, b = self._place(p)
        least = least_strength(W, b, tms=tms, columns=used_columns(W, b)) if self.sheet.system else 0.0
        return self.at.n * float(self.at.beta) >= least


def minimum_sheets(branch: KgonBranch) -> list[Sheet]:
    """Cut the sheets of a branch, of a k-gon that is a minimum at its start, to where it is one."""
    if branch.exact:
        (sheet,) = sheets(branch)
        low, high = sheet.p[0], sheet.p[-1]
        for event in branch.events:
            if event.kind == "minimum lost":
                border = event.parameter
                low, high = (low, border) if border > branch.start else (border, high)
        p = np.unique([low, *sheet.p[(sheet.p > low) & (sheet.p < high)], high])
        loss, slope, arclength = (
            np.interp(p, sheet.p, values) for values in (sheet.loss, sheet.slope, sheet.arclength)
        )
        x, minimum = np.zeros((len(p), 0)), np.ones(len(p), dtype=bool)
        parts = {"loss": loss, "slope": slope, "x": x, "arclength": arclength, "minimum": minimum}
        return [dataclasses.replace(sheet, p=p, **parts)]
    return [sheet.take(sheet.minimum) for sheet in sheets(branch) if sheet.minimum.sum() > 1]


def _sides(branch: KgonBranch, at: SampleSize) -> list[_Side]:
    """The sheets of a branch, as far as they are minima."""
    parameter = read_parameter(branch.parameter, branch.c)
    share = role_shares(branch.kgon, branch.c, len(parameter.columns))[branch.role]
    return [_Side(sheet, at, parameter, share) for sheet in minimum_sheets(branch)]


def energy_points(first: KgonBranch, second: KgonBranch, at: SampleSize) -> tuple[BranchEvent, ...]:
    """Find where two branches have equal free energy at one sample size, as far as both are minima.

    Examples
    --------
    >>> from kgon.branches.follow import follow_branch
    >>> six = follow_branch("6", lower=0.5, upper=1.0)
    >>> five = follow_branch("5+", lower=0.5, upper=1.0)
    >>> [round(event.parameter, 4) for event in energy_points(six, five, SampleSize(400))]
    [0.8...]
    """
    what = EqualEnergy(other=second.own, n=at.n, beta=float(at.beta), theory=at.theory)
    found = []
    for a in _sides(first, at):
        for b in _sides(second, at):
            grid = common_grid(a.sheet, b.sheet)

            def gap(p: float, a: _Side = a, b: _Side = b) -> float:
                return a.energy(p) - b.energy(p)

            gaps = np.array([gap(float(p)) for p in grid])
            for k in np.flatnonzero(np.sign(gaps[1:]) * np.sign(gaps[:-1]) < 0):
                p = float(brentq(gap, grid[k], grid[k + 1], xtol=1e-13, rtol=1e-14))
                event = equality(what, p=p, loss=a.sheet.at(p)[0], arclength=a.sheet.arclength_at(p))
                holds = a.holds(p) and b.holds(p)
                found.append(event if holds else dataclasses.replace(event, status=STALLED, doubt=SHALLOW))
    return tuple(sorted(found, key=lambda event: event.parameter))
