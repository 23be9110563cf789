"""Derivation 5: the learning coefficients of the local minima of the catalogue.

Run with ``--check`` to compare with the committed page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import sympy as sp
from parts.page import Page, is_zero, run
from parts.strata import strata
from parts.volumes import learning_coefficient, near_the_point, volumes

from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.square_flat_set import zero_cone
from kgon.kgons.values import loss_parts
from kgon.proofs.certificates import certify

SIZES = range(4, 9)
"""Numbers of features of the table."""


def definition(page: Page) -> None:
    """λ, the multiplicity, and where they are not defined."""
    page.section("5.1 Definition")
    page.text(
        r"""Let :math:`w^*` be a local minimum of :math:`L` and :math:`L^*=L(w^*)`. If, for every small enough
        ball :math:`B` about :math:`w^*`, the volume""",
    )
    page.math(r"V(\epsilon)=\operatorname{vol}\{w\in B: L(w)-L^*<\epsilon\}")
    page.text(
        r"""lies between two positive multiples of
        :math:`\epsilon^\lambda\left(\log\tfrac1\epsilon\right)^{m-1}` as :math:`\epsilon\to0`, then
        :math:`\lambda\ge0` is the *learning coefficient* and :math:`m\ge1` its *multiplicity* (Watanabe; Lau
        et al. 2023). The multiples may depend on :math:`B`; :math:`\lambda` and :math:`m` are determined by
        :math:`V`.""",
        r"""**Lemma 0.** (i) If :math:`L-L^*` lies between two positive multiples of a function :math:`Q\ge0`
        near :math:`w^*`, then :math:`\lambda` and :math:`m` may be computed from :math:`Q`. (ii) With
        these, :math:`\int_Be^{-\beta n(L-L^*)}dw` lies between two positive multiples of
        :math:`(\beta n)^{-\lambda}(\log\beta n)^{m-1}`.""",
        r"""**Proof.** (i) :math:`\{\kappa Q\le L-L^*\le KQ\}` gives :math:`V_Q(\epsilon/K)\le V(\epsilon)\le
        V_Q(\epsilon/\kappa)`. (ii) The integral is
        :math:`\int_0^\infty V(x/(\beta n))\,e^{-x}dx`, up to an exponentially small part of the range of
        :math:`x`, and :math:`\int_0^\infty x^\lambda e^{-x}dx` is finite. ∎""",
        r"""**Where there is no λ.** The definition is for local minima. At any other point
        :math:`V(\epsilon)` does not tend to 0 and tells nothing: see 5.6.""",
    )
    x, y = sp.symbols("x y", positive=True)
    page.check(
        r"""the integral by parts, for :math:`V(y)=y^\lambda` with λ = 1/2, 2, 15/2:
        :math:`\int e^{-y}dV=\int V e^{-y}dy=\Gamma(\lambda+1)`""",
        all(
            is_zero(
                sp.integrate(sp.diff(y**e, y) * sp.exp(-y), (y, 0, sp.oo))
                - sp.integrate(x**e * sp.exp(-x), (x, 0, sp.oo))
            )
            and is_zero(sp.integrate(x**e * sp.exp(-x), (x, 0, sp.oo)) - sp.gamma(e + 1))
            for e in (sp.Rational(1, 2), sp.Integer(2), sp.Rational(15, 2))
        ),
    )


def smooth(page: Page) -> None:
    """Section 5.2: Theorem A, on regular polygons with k ≥ 5."""
    page.section("5.2 Regular polygons with k ≥ 5")
    page.text(
        r"""**Theorem A.** Let :math:`k\ge5` and let the certificate of the label (derivation 3) have the
        verdict “minimum” and the flat dimension :math:`f`. Then""",
    )
    page.math(r"\lambda=\frac{3c-f}2,\qquad m=1.")
    page.text(
        r"""Here :math:`f=1+3\delta` if :math:`\sigma=0`, and :math:`f=1` if :math:`\delta=0`. There is no
        other case: a dead and a positive column together make the point a saddle (derivation 2b, Proposition
        4). So :math:`\lambda=\tfrac12(3k-1)` if :math:`\sigma=0`, and :math:`\lambda=\tfrac12(3c-1)` if
        :math:`\delta=0`. With :math:`\sigma=0` this holds wherever the dead columns stand in the interior
        of their region, where they are off and reach no vertex, all strictly.""",
        r"""**Proof.** On the certified box every pair term stays in one region, so :math:`L` is analytic
        there, and it does not depend on the coordinates of the dead columns. Let :math:`M` be the set of the
        points that differ from :math:`w^*` by a rotation and by these coordinates: a manifold of dimension
        :math:`f`, on which :math:`L=L^*`. By Theorem 3 of derivation 3 the Hessian at :math:`w^*` has
        :math:`f` zero eigenvalues, which are those along :math:`M`, and :math:`3c-f` positive ones. In
        coordinates :math:`(t,z)` near :math:`w^*` in which :math:`M` is :math:`z=0`, therefore,
        :math:`L-L^*=\tfrac12z^TH(t)z+O(\lVert z\rVert^3)` with :math:`H` positive definite, uniformly, and
        :math:`L-L^*` lies between two positive multiples of :math:`\lVert z\rVert^2`. By Lemma 0
        :math:`V` is of the order of the volume of :math:`\lVert z\rVert<\sqrt\epsilon` in
        :math:`3c-f` dimensions, :math:`\epsilon^{(3c-f)/2}`. ∎""",
    )
    found = [(label, c) for c in SIZES for label in Catalogue(c).labels if label.k >= 5]
    claims = {(label, c): certify(label, c)["claims"] for label, c in found}
    page.check(
        f"""the certificates of the {len(found)} labels with k ≥ 5, 4 ≤ c ≤ 8: the verdict is “minimum”
        exactly if σ = 0 or δ = 0; then f is as stated, and there are 3c − f positive eigenvalues and no
        negative one""",
        all(
            (claim["verdict"] == "minimum") == (label.sigma == 0 or dead(label, c) == 0)
            and (
                claim["verdict"] != "minimum"
                or (claim["flat_dimension"], claim["negative"], claim["positive"])
                == (smooth_flat(label, c), 0, 3 * c - smooth_flat(label, c))
            )
            for (label, c), claim in claims.items()
        ),
    )
    page.check(
        r"""at c = 6: :math:`\lambda=17/2` for 6 and 5⁺, 7 for 5""",
        [smooth_lambda(Label(k, s), 6) for k, s in ((6, 0), (5, 1), (5, 0))]
        == [Fraction(17, 2), Fraction(17, 2), Fraction(7)],
    )


def dead(label: Label, c: int) -> int:
    """The number of dead columns of a label without switched-off ones."""
    return c - label.k - label.sigma


def smooth_flat(label: Label, c: int) -> int:
    """The flat dimension f that Theorem A states for a label."""
    return 1 + 3 * dead(label, c) if label.sigma == 0 else 1


def smooth_lambda(label: Label, c: int) -> Fraction:
    """The learning coefficient λ that Theorem A states for a label."""
    return Fraction(3 * c - smooth_flat(label, c), 2)


def positive(page: Page) -> None:
    """Section 5.3: Theorem B, on 4-gons with positive columns."""
    page.section("5.3 The 4-gons with positive columns")
    page.text(
        r"""**Theorem B.** Let :math:`\varphi=0`, :math:`\sigma\ge1`. If the leading function satisfies
        :math:`q\ge\kappa\operatorname{dist}^2` with :math:`\kappa>0`, then :math:`f=1+\delta` and""",
    )
    page.math(r"\lambda=\frac{3c-f}2=\frac{2c+3+\sigma}2,\qquad m=1.")
    page.text(
        r"""This is Proposition 2 of derivation 2d; Theorems 5 and 6 there say for which :math:`(c,\sigma)` it
        applies: for all with :math:`c\le8`, not for all with :math:`c\ge9`. If :math:`q<0` somewhere the
        point is not a local minimum. The same proof covers :math:`\sigma=0`, :math:`\varphi=0`, which is
        also the first case of Theorem C.""",
    )
    found = [(Label(4, sigma), c) for c in range(5, 9) for sigma in range(1, c - 3)]
    claims = [certify(label, c)["claims"] for label, c in found]
    page.check(
        f"""the certificates of the {len(found)} labels with c ≤ 8 say “minimum” by a cone with κ > 0 and f =
        1 + δ, and (3c − f)/2 = (2c + 3 + σ)/2""",
        all(
            (claim["verdict"], claim["proof"]) == ("minimum", "cone")
            and Fraction(claim["growth"]) > 0
            and claim["flat_dimension"] == 1 + dead(label, c)
            and Fraction(3 * c - claim["flat_dimension"], 2) == Fraction(2 * c + 3 + label.sigma, 2)
            for (label, c), claim in zip(found, claims, strict=True)
        ),
    )


def refusals(page: Page) -> None:
    """Section 5.6: Theorem D, on points without a learning coefficient."""
    page.section("5.6 Points without a learning coefficient")
    page.text(
        r"""**Theorem D.** These are not local minima, and have no :math:`\lambda`: the 4-gons with
        :math:`\sigma\ge1` and :math:`\varphi\ge1`; the k-gons, :math:`k\ge5`, with :math:`\sigma\ge1` and
        :math:`\delta\ge1`; and the :math:`4^{\sigma+}` for which derivation 2d gives a direction of descent,
        the first of which is :math:`4^{++}` at c = 9. At such a point, for every ball :math:`B` about it,
        :math:`V(\epsilon)\ge v` with a constant :math:`v>0` for all :math:`\epsilon>0`, and
        :math:`\int_Be^{-\beta n(L-L^*)}dw` grows exponentially in :math:`n`.""",
        r"""**Proof.** That they are not local minima is derivation 2b, Proposition 4, and derivation 2d,
        Proposition 2 (ii). So there is :math:`w'\in B` with :math:`L(w')<L^*`. As :math:`L` is continuous
        there are :math:`\gamma>0` and a ball of some volume :math:`v>0` inside :math:`B` on which
        :math:`L<L^*-\gamma`. It belongs to every :math:`\{L-L^*<\epsilon\}`, and the integral over it is at
        least :math:`v\,e^{\beta n\gamma}`. ∎""",
        r"""So no power of :math:`n` describes the integral, and a number :math:`\lambda` would mean nothing
        for the free energy. This is not the case :math:`\lambda=0` of :math:`4^{----}`, where
        :math:`L=L^*` on a neighbourhood and the integral is bounded.""",
    )
    verdicts: Counter[str] = Counter()
    agrees = True
    for c in SIZES:
        for label in Catalogue(c).labels:
            verdict = certify(label, c)["claims"]["verdict"]
            verdicts[verdict] += 1
            refused = label.sigma >= 1 and (label.phi >= 1 if label.k == 4 else dead(label, c) >= 1)
            agrees = agrees and (verdict != "minimum") == refused
    page.check(
        f"""of the {verdicts.total()} certificates with 4 ≤ c ≤ 8, {verdicts["minimum"]} say “minimum”,
        {verdicts["saddle"]} “saddle” and {verdicts["not a minimum"]} “not a minimum”; the last two exactly
        for the labels of Theorem D; none is undecided""",
        agrees and not verdicts["UNDECIDED"],
    )
    page.check(
        "the certificates of 4⁺⁺ and 4⁺⁺⁺ at c = 9 say “not a minimum”, that of 4⁺ “minimum”",
        [certify(Label(4, s), 9)["claims"]["verdict"] for s in (1, 2, 3)]
        == ["minimum", "not a minimum", "not a minimum"],
    )


def minima(c: int) -> Iterator[tuple[Label, int, Fraction, str]]:
    """The labels with a λ: f from the certificate, the λ of the theorem, and the kind of proof."""
    for label in Catalogue(c).labels:
        claims = certify(label, c)["claims"]
        if claims["verdict"] != "minimum":
            continue
        f = claims["flat_dimension"]
        if label.k >= 5:
            yield label, f, smooth_lambda(label, c), "A: Morse–Bott"
        elif label.sigma:
            yield label, f, Fraction(2 * c + 3 + label.sigma, 2), "B: leading function"
        else:
            yield label, f, learning_coefficient(label, c), "C: zero cone"


def results(page: Page) -> None:
    """Section 5.7: the table of all local minima with few features."""
    page.section("5.7 The local minima with 4 ≤ c ≤ 8")
    page.text(
        r"""For the 4-gons with :math:`\varphi\ge1` the numbers are those of the standard representative. The
        multiplicity is 1 throughout.""",
    )
    every = [(c, *row) for c in SIZES for row in minima(c)]
    page.table(
        ["c", "label", ":math:`L`", "f", ":math:`\\lambda`", ":math:`m`", "theorem"],
        [
            [str(c), f":math:`{label.latex}`", loss_text(label, c), str(f), str(value), "1", proof]
            for c, label, f, value, proof in every
        ],
    )
    page.check(
        f"""for all {len(every)} rows the flat dimension f of the certificate gives the λ of the theorem,
        :math:`\\lambda=(3c-f)/2`; for σ = 0, k = 4 it is that of ``kgon.kgons.square_flat_set``""",
        all(Fraction(3 * c - f, 2) == value for c, _, f, value, _ in every)
        and all(
            zero_cone(label, c).dimension == f
            for c, label, f, _, _ in every
            if label.k == 4 and label.sigma == 0
        ),
    )


def loss_text(label: Label, c: int) -> str:
    """L as a rational number plus a multiple of the reduced loss of the k-gon."""
    q, r = loss_parts(label, c)
    terms = [str(q)] if q or not r else []
    if r:
        terms.append(f":math:`R_{label.k}`" if r == 1 else f"{r} :math:`R_{label.k}`")
    return " + ".join(terms)


def build() -> Page:
    """Derivation 5: the learning coefficient of every local minimum."""
    page = Page(__file__, "5. Learning coefficients")
    page.text(
        r"""The learning coefficient :math:`\lambda` says how the volume of almost optimal parameters
        shrinks, and with it how the free energy grows with :math:`\log n`. This page gives it for every
        local minimum of the catalogue, with its multiplicity; :math:`r=2`, :math:`p` is uniform and
        :math:`I=1`. Some of these points have no Hessian, and :math:`\lambda` is then read off a volume.""",
    )
    definition(page)
    smooth(page)
    positive(page)
    near_the_point(page)
    volumes(page)
    strata(page)
    refusals(page)
    results(page)
    return page


if __name__ == "__main__":
    run(build)
