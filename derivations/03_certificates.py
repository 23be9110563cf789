"""Derivation 3: what a certificate proves, by which theorem, and why the flat directions do no harm.

Run with ``--check`` to compare with the committed page.
"""

from __future__ import annotations

import copy
import json
from collections import Counter

import sympy as sp
from parts.page import Page, is_zero, run

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.square_flat_set import is_certified, zero_cone
from kgon.proofs.certificates import certify, digest
from kgon.proofs.check import check_certificate

SIZES = range(4, 9)
"""Numbers of features whose certificates are computed and checked here."""


def theorems(page: Page) -> None:
    """The theorems that a smooth certificate rests on."""
    page.section("3.1 Existence")
    page.text(
        r"""**Theorem 1 (Krawczyk).** Let :math:`F:\mathbb R^n\to\mathbb R^n` be :math:`C^1` on a box
        :math:`X` with midpoint :math:`x`, :math:`Y` any matrix, and :math:`F'(X)` an interval matrix that
        contains :math:`F'(z)` for all :math:`z\in X`. If""",
    )
    page.math(r"K=x-YF(x)+(I-YF'(X))(X-x)\subset\operatorname{int}X,")
    page.text(
        r"""then :math:`F` has exactly one zero in :math:`X`, and it lies in :math:`K`.""",
        r"""**Proof.** For :math:`z\in X` the mean value theorem gives
        :math:`z-YF(z)\in K` (row by row, with derivatives at points of :math:`X`), so that
        :math:`z\mapsto z-YF(z)` maps :math:`X` into its interior; by Brouwer it has a fixed point, where
        :math:`YF=0`. The inclusion implies that every matrix of :math:`I-YF'(X)` has norm below 1 in the
        maximum norm scaled by the radii of the box, so :math:`Y` and every mean-value matrix of :math:`F`
        on :math:`X` are invertible: :math:`F=0` there, and two zeros would be equal. ∎""",
        r"""It is applied to :math:`F=(\partial_\tau R,\partial_bR)`, the reduced equations of derivation 2,
        on a box of radius :math:`2^{-100}` on which exactly the claimed :math:`s` neighbours are active.
        By symmetric criticality (derivation 2) and the equations of the other columns (derivation 2b)
        the k-gon with that :math:`(\tau,b)` is a critical point of :math:`L`: the *exact point*. No
        enclosure of the full gradient could show that it is exactly 0; the symmetry does.""",
    )
    page.section("3.2 Uniqueness, and why the flat directions do no harm")
    page.text(
        r""":math:`L` is constant along rotations, and along the coordinates of a dead column; its Hessian
        is singular and no test for an isolated zero can succeed on all :math:`3c` coordinates. The
        certificate removes exactly these directions.""",
        r"""**Gauge.** The coordinate :math:`y_0` is fixed at 0 and the equation
        :math:`\partial L/\partial y_0=0` is dropped. Nothing is lost: rotation invariance says""",
    )
    page.math(r"\sum_j\Big(x_j\frac{\partial L}{\partial y_j}-y_j\frac{\partial L}{\partial x_j}\Big)=0,")
    x0, y0, theta = sp.symbols("x_0 y_0 theta", real=True)
    turned = sp.diff(x0 * sp.sin(theta) + y0 * sp.cos(theta), theta).subs(theta, 0)
    page.check(r"the derivative of the rotated :math:`y_0` in the angle is :math:`x_0`", is_zero(turned - x0))
    page.text(
        r"""and where all other partial derivatives vanish this is :math:`x_0\,\partial L/\partial y_0=0` with
        :math:`x_0>0`. Every critical point near the exact one can be turned so that :math:`y_0=0`.""",
        r"""**Dead columns, σ = 0.** Near the exact point a dead column is off as an output, and as an
        input it reaches no output, all strictly (the region table). So :math:`L` does not depend on its
        three coordinates at all: they are left out, and :math:`3\delta` flat directions remain.""",
        r"""**Dead columns, σ ≥ 1.** A dead column :math:`m` now reaches the positive outputs. Its bias is
        still flat. On the region table the terms with input :math:`m` are
        :math:`\operatorname{off}(W_m\cdot W_p,b_p)=b_p^2+b_p\,W_m\cdot W_p+\tfrac13(W_m\cdot W_p)^2`,
        summed over :math:`p`. At :math:`W_p=0` the gradient in :math:`W_m` vanishes for every
        :math:`W_m`, and that in :math:`W_p` depends on :math:`\sum_mW_m` alone: moving dead columns
        with a constant sum stays critical, with the same loss. Those are :math:`2(\delta-1)` flat
        directions; the first dead column's :math:`W` is kept among the unknowns.""",
        r"""**Theorem 2.** If every matrix :math:`H` of the interval Hessian :math:`H(B)` of the unknowns
        satisfies :math:`\lVert I-YH\rVert_\infty<1`, the exact point is the only critical point in
        :math:`B` with :math:`y_0=0` and the flat coordinates at their values.""",
        r"""**Proof.** :math:`B` is convex and :math:`L` is smooth on it (the regions are strict). The
        difference of the gradients at two points is :math:`\bar H` times their difference, with
        :math:`\bar H=\int_0^1H\,dt` in the interval matrix, hence invertible. ∎""",
    )
    page.section("3.3 Signs")
    page.text(
        r"""**Theorem 3.** If :math:`C^THC` is strictly diagonally dominant for every symmetric
        :math:`H\in H(B)`, then all of them have the same inertia: the signs of the diagonal.""",
        r"""**Proof.** A strictly dominant matrix is invertible, so :math:`C` is. On the path
        :math:`D+t(C^THC-D)`, with :math:`D` the diagonal, every matrix is strictly dominant, so no eigenvalue
        crosses 0, and :math:`C^THC` has the inertia of :math:`D`; by Sylvester :math:`H` has it too. ∎""",
        r"""The Hessian in all coordinates has in addition one zero for the rotation (its vector has
        the component :math:`x_0\ne0` at :math:`y_0`, so that the unknowns are a complement) and one for
        each flat coordinate. *No negative sign:* :math:`L` is convex on :math:`B` in the unknowns, and
        constant in the rest, so the point is a local minimum, and the set of equal loss is a manifold
        across which the Hessian is positive (Morse–Bott). *A negative sign in column* :math:`q`:
        :math:`t\mapsto L(w^*+t\,C_q)` has zero slope at 0 and a negative second derivative as long as
        :math:`\lvert t\rvert\max\lvert C_q\rvert\le\rho`: it falls on the whole segment.""",
    )


def squares(page: Page) -> None:
    """Section 3.4: what a certificate of a 4-gon proves."""
    page.section("3.4 The 4-gons")
    page.text(
        r"""The 4-gons are rational and lie on kinks, where the Hessian depends on the direction. Their
        gradient is computed in fractions and is exactly 0. Without positive columns the point is a local
        minimum (derivation 2b, Proposition 3). To second order :math:`L-L^*` vanishes exactly on a
        polyhedral cone :math:`\{x:Ax\le0\}` in the angles of the live columns and the coordinates of
        the others: adjacent live columns may not come closer than 90°, and no dead or switched-off
        column may reach a live one.""",
        r"""**Theorem 4 (Stiemke).** Let :math:`y\ge0` with :math:`y^TA=0`, and :math:`x` with
        :math:`(Ax)_i=0` where :math:`y_i>0` and :math:`(Ax)_i<0` elsewhere. Then the rows with
        :math:`y_i>0` vanish on the whole cone, and its dimension is the number of variables less the
        rank of these rows.""",
        r"""**Proof.** On the cone :math:`\sum y_i(Ax)_i=0` with all terms :math:`\le0`. Within the
        subspace where these rows vanish, the given :math:`x` is interior. ∎""",
    )
    rows = []
    sound = True
    for label in [label for label in Catalogue(6).labels if label.k == 4 and label.sigma == 0]:
        cone = zero_cone(label, 6)
        size = sum(1 if role == "live" else 3 for role in label.roles(6))
        sound = sound and is_certified(cone, size)
        tight = sum(y > 0 for y in cone.multipliers)
        rows.append([f":math:`{label.latex}`", str(len(cone.rows)), str(tight), str(cone.dimension)])
    page.check("the multipliers and interior points are exact for the 4-gons with σ = 0 at c = 6", sound)
    page.table(["label, c = 6", "inequalities", "equalities among them", "dimension of the cone"], rows)
    page.text(
        r"""With σ ≥ 1 and φ ≥ 1 the certificate gives a curve, polynomial in :math:`u`, along which
        :math:`3c(L-L^*)` is a polynomial that is negative for :math:`0<u\le r`: every pair term
        stays in one region, where it is a polynomial (no quotient occurs), and after division by the
        lowest power of :math:`u` the rest is bounded on the interval.""",
    )


def results(page: Page) -> None:
    """What the certificates say, and that the checker agrees."""
    page.section("3.5 Results")
    rows = []
    agree = True
    for c in SIZES:
        verdicts: Counter[str] = Counter()
        for label in Catalogue(c).labels:
            document = certify(label, c)
            verdict = document["claims"]["verdict"]
            verdicts[verdict] += 1
            expected = "UNDECIDED" if verdict == "UNDECIDED" else "PROVED"
            agree = agree and check_certificate(json.dumps(document)).verdict == expected
        kinds = ("minimum", "saddle", "not a minimum", "UNDECIDED")
        rows.append([str(c), str(sum(verdicts.values())), *(str(verdicts[kind]) for kind in kinds)])
    page.table(["c", "certificates", "minimum", "saddle", "not a minimum", "undecided"], rows)
    page.check(f"the independent checker agrees with every one of them, c = {SIZES[0]} to {SIZES[-1]}", agree)
    page.check(
        "and rejects one whose verdict, number of negative eigenvalues or loss has been changed",
        all(check_certificate(json.dumps(document)).verdict == "REJECTED" for document in near_misses()),
    )


def near_misses() -> list[dict[str, object]]:
    """Certificates with one changed claim and a matching digest."""
    found = []
    for key, value in (("verdict", "saddle"), ("negative", 1), ("loss", ["7/100", "8/100"])):
        document = copy.deepcopy(certify(Label(5), 6))
        document["claims"][key] = value
        document["digest"] = digest(document)
        found.append(document)
    return found


def build() -> Page:
    """Derivation 3: why a certificate proves what it claims."""
    page = Page(__file__, "3. Certificates")
    page.text(
        r"""The format of a certificate is described on the page *Certificates*. This page says why it
        proves what it claims.""",
    )
    theorems(page)
    squares(page)
    results(page)
    return page


if __name__ == "__main__":
    run(build)
