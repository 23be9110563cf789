"""Theorem 5 of derivation 1, the chain rule for L, against direct differentiation."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from kgon.potential import any_number
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.symbolic import FALLING, OFF, ON, RISING, Region, a, b

Forms = Mapping[str, sp.Expr]
"""A pair function by region."""


def generic_case(r: int, c: int) -> tuple[list[sp.Expr], list[sp.Expr]]:
    """Gradient and Hessian entries minus the formulas of Theorem 5, for arbitrary pair functions.

    Each ℓ_ij is an arbitrary quadratic jet at the point: L is then differentiated as a polynomial in
    W and b, and compared with the formulas evaluated from the same jets.
    """
    W = sp.Matrix(r, c, sp.symbols(f"W:{r}:{c}"))
    bias = sp.symbols(f"b:{c}")
    W0 = sp.Matrix(r, c, sp.symbols(f"U:{r}:{c}"))
    bias0 = sp.symbols(f"v:{c}")
    p, importance = sp.symbols(f"p:{c}"), sp.symbols(f"I:{c}")
    names = ("f", "fa", "fb", "faa", "fab", "fbb")
    jets = {(i, j): sp.symbols([f"{n}_{i}_{j}" for n in names]) for i, j in product(range(c), repeat=2)}
    L = sp.Integer(0)
    for (i, j), (f, fa, fb, faa, fab, fbb) in jets.items():
        da = W.col(i).dot(W.col(j)) - W0.col(i).dot(W0.col(j))
        db = bias[j] - bias0[j]
        value = f + fa * da + fb * db + (faa * da**2 + 2 * fab * da * db + fbb * db**2) / 2
        L += p[i] * importance[j] * value
    variables = [*W, *bias]
    here = dict(zip(variables, [*W0, *bias0], strict=True))
    direct_gradient = [sp.diff(L, x).subs(here) for x in variables]
    direct_hessian = [[sp.diff(L, x, y).subs(here) for y in variables] for x in variables]
    weight = {(i, j): p[i] * importance[j] for i, j in jets}
    gradient, hessian = formulas(r, c, list(map(list, W0.tolist())), jets, weight)
    size = len(variables)
    return (
        [sp.expand(x - y) for x, y in zip(direct_gradient, gradient, strict=True)],
        [sp.expand(direct_hessian[x][y] - hessian[x][y]) for x in range(size) for y in range(size)],
    )


def formulas(r: int, c: int, W: Any, jets: Mapping, weight: Mapping) -> tuple[list, list]:
    """Theorem 5: flat gradient and Hessian from the jets of the pairs and their weights p_i I_j."""
    size = r * c + c
    gradient = [sp.Integer(0)] * size
    hessian = [[sp.Integer(0)] * size for _ in range(size)]
    at = {(h, i): h * c + i for h in range(r) for i in range(c)}
    for h, k in product(range(r), range(c)):
        gradient[at[h, k]] = sum(
            W[h][i] * (weight[i, k] * jets[i, k][1] + weight[k, i] * jets[k, i][1]) for i in range(c)
        )
    for j in range(c):
        gradient[r * c + j] = sum(weight[i, j] * jets[i, j][2] for i in range(c))
        hessian[r * c + j][r * c + j] = sum(weight[i, j] * jets[i, j][5] for i in range(c))
    for i, j in product(range(c), repeat=2):
        # da: the derivative of W_i·W_j, and the only second derivatives that it has.
        da = [sp.Integer(0)] * size
        for h in range(r):
            da[at[h, i]] += W[h][j]
            da[at[h, j]] += W[h][i]
            hessian[at[h, i]][at[h, j]] += weight[i, j] * jets[i, j][1]
            hessian[at[h, j]][at[h, i]] += weight[i, j] * jets[i, j][1]
        for x in range(r * c):
            for y in range(r * c):
                hessian[x][y] += weight[i, j] * jets[i, j][3] * da[x] * da[y]
            hessian[x][r * c + j] += weight[i, j] * jets[i, j][4] * da[x]
            hessian[r * c + j][x] += weight[i, j] * jets[i, j][4] * da[x]
    return gradient, hessian


POINTS = (
    # W by rows, b, p, I; the regions of the pairs cover on, rising, falling and off.
    (((1, 0, -1), (0, 1, "1/2")), ("-1/4", "1/3", "1/5"), ("1/2", "1/4", "1/4"), (1, 2, "1/3")),
    ((("3/2", "-1/7", "2/5"), ("1/3", "5/4", -1)), ("-1/2", "-3/8", "1/9"), ("1/3", "1/3", "1/3"), (1, 1, 1)),
    (((2, "1/2", 1), ("1/4", -1, "3/7")), ("-9/2", "1/6", "-1/3"), ("2/5", "2/5", "1/5"), ("1/2", 1, 3)),
)


def region_at(slope: sp.Rational, bias: sp.Rational) -> Region:
    """Region of a rational pair in the interior of a region."""
    if bias > 0:
        return ON if slope + bias > 0 else FALLING
    return RISING if slope + bias > 0 else OFF


def symbolic_point(
    point: tuple, off_form: Forms, diag_form: Forms
) -> tuple[sp.Expr, list[sp.Expr], sp.Matrix, set[str]]:
    """L, gradient and Hessian at a rational point by differentiating L as one expression."""
    rows, biases, p, importance = ([sp.Rational(x) for x in part] for part in ((), *point[1:]))
    rows = [[sp.Rational(x) for x in row] for row in point[0]]
    r, c = len(rows), len(biases)
    W, bias = sp.Matrix(r, c, sp.symbols(f"W:{r}:{c}")), sp.symbols(f"b:{c}")
    variables = [*W, *bias]
    here = dict(zip(variables, [*[x for row in rows for x in row], *biases], strict=True))
    L, seen = sp.Integer(0), set()
    for i, j in product(range(c), repeat=2):
        slope = W.col(i).dot(W.col(j))
        region = region_at(slope.subs(here), biases[j])
        seen.add(region.name)
        form = diag_form if i == j else off_form
        L += p[i] * importance[j] * form[region.name].subs({a: slope, b: bias[j]}, simultaneous=True)
    gradient = [sp.diff(L, x) for x in variables]
    hessian = sp.Matrix([[sp.diff(g, y).subs(here) for y in variables] for g in gradient])
    return L.subs(here), [g.subs(here) for g in gradient], hessian, seen


def package_agrees(point: tuple, off_form: Forms, diag_form: Forms) -> tuple[bool, bool, set[str]]:
    """Whether the exact gradient equals, and the float Hessian is within 1e-12 of, direct differentiation."""
    value, gradient, hessian, seen = symbolic_point(point, off_form, diag_form)
    rows, biases, p, importance = (
        [[Fraction(x) for x in row] for row in point[0]],
        *([Fraction(x) for x in part] for part in point[1:]),
    )
    options = {"probability": p, "importance": importance}
    grad_W, grad_b = any_number.gradient(rows, biases, **options)
    flat = [any_number.loss(rows, biases, **options), *[x for row in grad_W for x in row], *grad_b]
    derived = [Fraction(int(x.p), int(x.q)) for x in (value, *gradient)]
    tms = TMS(
        len(biases), len(rows), probability=[float(x) for x in p], importance=[float(x) for x in importance]
    )
    measured = Potential(tms).hessian([[float(x) for x in row] for row in rows], [float(x) for x in biases])
    close = np.allclose(measured, np.array(hessian.tolist(), dtype=float), rtol=1e-12, atol=1e-12)
    return flat == derived, bool(close), seen
