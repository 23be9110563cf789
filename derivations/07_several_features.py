"""Derivation 7: the potential where several features are active at once, exactly, at any sparsity.

Moments of relu(b + a·x)^k over a cube, their sum over the sets of active features, an order of integration
that never divides by a small number, how smooth the loss is, and the limit of high sparsity.
Run with ``--check`` to compare with the committed page.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise
from math import comb, factorial

import sympy as sp
from parts.page import Page, is_zero, run
from parts.sparsity import cost, limit, pentagon, smoothness

from kgon.potential import any_number
from kgon.potential.expectations import Law, Output

Q = Fraction


def subsets(items: Iterable[int]) -> list[tuple[int, ...]]:
    """All subsets, the small ones first."""
    chosen = list(items)
    return [x for size in range(len(chosen) + 1) for x in combinations(chosen, size)]


# --- 7.1 ------------------------------------------------------------------------------------------------


def model(page: Page) -> None:
    """Section 7.1: the loss as a sum of expectations, and its derivatives."""
    page.section("7.1 The model, and what has to be computed")
    page.text(
        r"""Several features may be active at once: :math:`x_i=B_iU_i` with :math:`U_i\sim U[0,1]` independent
        and :math:`B_i\in\{0,1\}`.  The set :math:`S=\{i:B_i=1\}` of active features is drawn in one of
        two ways: *Bernoulli*, each feature independently with probability :math:`p_i`, or *exactly s*,
        every set of s features with the same probability.  With s = 1 the second is the model of
        derivation 1 with uniform probabilities.  Output :math:`j` is :math:`\operatorname{relu}(y_j)`
        with""",
    )
    page.math(
        r"y_j&=b_j+\sum_i a_{ij}x_i,\qquad a_{ij}=W_i\cdot W_j,\qquad L=\sum_jI_j\,F_j,",
        r"F_j&=\mathbb E\,(x_j-\operatorname{relu}y_j)^2"
        r"=\mathbb E\,x_j^2-2\,\mathbb E\,x_j\operatorname{relu}(y_j)+\mathbb E\operatorname{relu}(y_j)^2 .",
    )
    page.text(
        r"""One output at a time, the index :math:`j` of :math:`a_i=a_{ij}`, :math:`b`, :math:`y` is dropped.
        Write :math:`g_n(y)=\operatorname{relu}(y)^n/n!` for :math:`n\ge1`, :math:`g_0` for the indicator
        of :math:`y>0` and :math:`g_{-1}` for the point mass at 0, so that :math:`g_n'=g_{n-1}`, and, for
        a monomial :math:`x^\alpha`,""",
    )
    page.math(r"V_n^\alpha(b)=\mathbb E\,x^\alpha g_n(y).")
    page.text(
        r"""**Lemma 1.** :math:`\partial_bV_n^\alpha=V_{n-1}^\alpha` and
        :math:`\partial_{a_i}V_n^\alpha=V_{n-1}^{\alpha+e_i}`, for :math:`n\ge1` where :math:`V_{n-1}` is
        continuous, and for :math:`n=0` where the density that :math:`V_{-1}` stands for is.  So
        :math:`F=\mathbb E\,x_j^2+2V_2-2V_1^{e_j}`, its gradient consists of
        :math:`2V_1^{\alpha}-2V_0^{\alpha+e_j}` with :math:`|\alpha|\le1`, and its Hessian of
        :math:`2V_0^{\alpha}-2V_{-1}^{\alpha+e_j}` with :math:`|\alpha|\le2`.  In particular
        :math:`F=\mathbb E\,x_j^2-\partial_{a_j}\mathbb E\operatorname{relu}^2+\mathbb
        E\operatorname{relu}^2`, as in Lemma 2 (i) of derivation 1.""",
        r"""**Proof.** Differentiate under the expectation; :math:`g_n` is Lipschitz for :math:`n\ge1` and has
        the derivative :math:`g_{n-1}` but at 0. For :math:`n=0` take the limit of differences: they are
        averages of the density. ∎""",
    )
    page.check(
        "the gradient by the package's exact program equals differences of its loss, at random rationals in "
        "the interior of regions, to the order of the step",
        slopes_are_differences(),
    )


def random_output(generator: random.Random, c: int) -> tuple[list[Fraction], Fraction]:
    """Random rational slopes, none of them 0, and a bias for which y has both signs."""
    a = [Q(generator.randint(1, 40) * generator.choice([-1, 1]), 16) for _ in range(c)]
    low, high = sum(min(x, 0) for x in a), sum(max(x, 0) for x in a)
    return a, -low - (high - low) * Q(generator.randint(1, 30), 31)


def slopes_are_differences() -> bool:
    """Lemma 1 at random points, by symmetric differences of width 1e-12, whose error is of its square."""
    generator, step = random.Random(1), Q(1, 10**12)
    for _ in range(4):
        (a, b), law = random_output(generator, 3), Law.bernoulli([Q(1, 3), Q(1, 2), Q(2, 7)])
        for i in range(4):
            ends = []
            for sign in (1, -1):
                at = [*a, b]
                at[i] += sign * step
                ends.append(cost(Output(at[:3], at[3], law), 0))
            own = (i,) if i < 3 else ()
            output = Output(a, b, law)
            slope = 2 * output.expectation(own, 1) - 2 * output.expectation((*own, 0), 0)
            if abs((ends[0] - ends[1]) / (2 * step) - slope) > Q(1, 10**18):
                return False
    return True


# --- 7.2 ------------------------------------------------------------------------------------------------

x, rate = sp.symbols("a lambda", nonzero=True)


def one_feature(page: Page) -> None:
    """Section 7.2: one feature integrated by parts."""
    page.section("7.2 One feature")
    page.text(
        r"""**Lemma 2.** For a feature with slope :math:`a\ne0`, :math:`q\ge0` and functions with
        :math:`g_n'=g_{n-1}`""",
    )
    page.math(
        r"\int_0^1u^q\,g_n(z+au)\,du=\sum_{i=0}^q(-1)^i\frac{q!}{(q-i)!}\,\frac{g_{n+i+1}(z+a)}{a^{i+1}}"
        r"-(-1)^q\,q!\,\frac{g_{n+q+1}(z)}{a^{q+1}} ."
    )
    page.text(
        r"""**Proof.** For :math:`q=0` this is the fundamental theorem of calculus.  For :math:`q\ge1`,
        integration by parts gives :math:`g_{n+1}(z+a)/a-(q/a)\int_0^1u^{q-1}g_{n+1}(z+au)\,du`; insert
        the statement for :math:`q-1`. ∎""",
        r"""With :math:`\varphi(t)=(e^t-1)/t` and :math:`D=\partial_z` the left-hand side is
        :math:`\varphi^{(q)}(aD)\,g_n`, and the lemma is the closed form of :math:`\varphi^{(q)}`, with
        :math:`e^{aD}` as the shift by :math:`a` and :math:`D^{-1}g_n=g_{n+1}`.""",
    )
    page.check(
        "Lemma 2 for q = 0, …, 3 and exponentials in z, whose coefficients in λ are all powers",
        all(is_zero(sp.simplify(by_parts_defect(q))) for q in range(4)),
    )


def by_parts_defect(q: int) -> sp.Expr:
    """Left-hand side minus right-hand side of Lemma 2 for g_n(z) = e^{λz} λ^{−n}, n = 0, at z = 0."""
    t = sp.Symbol("t")
    left = sp.integrate(t**q * sp.exp(rate * x * t), (t, 0, 1), conds="none")
    right = sum(
        (-1) ** i * sp.ff(q, i) * sp.exp(rate * x) * rate ** (-i - 1) / x ** (i + 1) for i in range(q + 1)
    )
    return left - right + (-1) ** q * sp.factorial(q) * rate ** (-q - 1) / x ** (q + 1)


# --- 7.3 ------------------------------------------------------------------------------------------------


def closed_forms(page: Page) -> None:
    """Section 7.3: truncated powers, and the sum over sets of active features."""
    page.section("7.3 Truncated powers")
    page.text(
        r"""**Theorem 3.** If :math:`a_1,\dots,a_s\ne0`, then for :math:`k\ge0`""",
    )
    page.math(
        r"\int_{[0,1]^s}\operatorname{relu}(b+a\cdot x)^k\,dx&=\frac{k!}{(k+s)!}\,\frac1{a_1\cdots a_s}"
        r"\sum_{T\subseteq\{1,\dots,s\}}(-1)^{s-|T|}\operatorname{relu}\Bigl(b+\sum_{i\in T}a_i\Bigr)^{k+s},",
        r"\int_{[0,1]^s}x_i\operatorname{relu}(b+a\cdot x)\,dx&=\frac1{a_i}\Bigl[\tfrac12\int_{[0,1]^{s-1}}"
        r"\operatorname{relu}(b+a_i+\dots)^2-\tfrac12\int_{[0,1]^s}\operatorname{relu}(b+a\cdot x)^2\Bigr].",
    )
    page.text(
        r"""**Proof.** Lemma 2 with :math:`q=0`, once for each feature; and once with :math:`q=1`, where
        :math:`g_3(z+a)-g_3(z)` over :math:`a` is the integral of :math:`g_2` again. ∎""",
        r"""**Theorem 4.** Let features be independent, :math:`p_i<1`, :math:`q_i=p_i/(1-p_i)` and all
        :math:`a_i\ne0`.  With the elementary symmetric polynomials :math:`e_m` of the :math:`-q_i/a_i`,
        :math:`i\notin T`,""",
    )
    page.math(
        r"V_n=\prod_i(1-p_i)\sum_{T}\prod_{i\in T}\frac{q_i}{a_i}"
        r"\sum_{m}e_m\Bigl(-\frac{q_i}{a_i}:i\notin T\Bigr)\,g_{n+|T|+m}\Bigl(b+\sum_{i\in T}a_i\Bigr)."
    )
    page.text(
        r"""So the :math:`3^c` terms of the sum over :math:`S` and :math:`T\subseteq S` are at most
        :math:`2^c(c+1)`.  For exactly s active features the same holds with :math:`q_i=1`, without the
        first product, divided by :math:`\binom cs`, and with the terms :math:`|T|+m=s` alone.""",
        r"""**Proof.** The expectation over one feature is :math:`(1-p_i)\bigl(1+q_i(e^{a_iD}-1)/(a_iD)\bigr)
        =(1-p_i)\bigl((1-\tfrac{q_i}{a_i}D^{-1})+\tfrac{q_i}{a_i}D^{-1}e^{a_iD}\bigr)`; multiply out, with
        :math:`T` the features that contribute their shift.  The power of :math:`D^{-1}` counts active
        features. ∎""",
    )
    page.check(
        "Theorem 3 at random rationals, s = 1, 2, 3 and k = 1, 2, 3, against iterated integration of "
        "piecewise polynomials, exactly",
        truncated_powers_hold(),
    )
    page.check(
        "Theorem 4 as an identity of rational functions in a_i and q_i, c = 1, …, 4: the coefficient of each "
        "truncated power, collected from Theorem 3 over all S and T, is that of the grouped form",
        all(is_zero(defect) for c in (1, 2, 3, 4) for defect in grouped_defects(c)),
    )


def truncated(a: Sequence[Fraction], b: Fraction, k: int) -> Fraction:
    """Right-hand side of the first formula of Theorem 3."""
    s, total, product = len(a), Q(0), Q(1)
    for chosen in subsets(range(s)):
        y = b + sum((a[i] for i in chosen), Q(0))
        total += (-1) ** (s - len(chosen)) * max(y, Q(0)) ** (k + s)
    for y in a:
        product *= y
    return total * Q(factorial(k), factorial(k + s)) / product


def iterated(a: Sequence[Fraction], b: Fraction, k: int) -> Fraction:
    """The same integral feature by feature: on each piece a polynomial, integrated by interpolation."""
    if not a:
        return max(b, Q(0)) ** k
    corners = [sum((a[1:][i] for i in chosen), b) for chosen in subsets(range(len(a) - 1))]
    inner = sorted({-y / a[0] for y in corners if 0 < -y / a[0] < 1})
    edges, degree = [Q(0), *inner, Q(1)], k + len(a) - 1
    weights = newton_cotes(degree)
    return sum(
        ((high - low) * w * iterated(a[1:], b + a[0] * (low + (high - low) * Q(i, degree)), k)
         for low, high in pairwise(edges) for i, w in enumerate(weights)),
        Q(0),
    )  # fmt: skip


@cache
def newton_cotes(degree: int) -> list[Fraction]:
    """Weights on [0, 1] of equidistant nodes, exact for polynomials of this degree."""
    nodes = [sp.Rational(i, degree) for i in range(degree + 1)]
    t = sp.Symbol("t")
    weights = []
    for i, node in enumerate(nodes):
        basis = sp.prod([(t - other) / (node - other) for m, other in enumerate(nodes) if m != i])
        value = sp.integrate(sp.expand(basis), (t, 0, 1))
        weights.append(Q(int(value.p), int(value.q)))
    return weights


def truncated_powers_hold() -> bool:
    """Theorem 3 at random rationals."""
    generator = random.Random(3)
    for s in (1, 2, 3):
        for k in (1, 2, 3):
            a, b = random_output(generator, s)
            if truncated(a, b, k) != iterated(a, b, k):
                return False
    return True


def grouped_defects(c: int) -> list[sp.Expr]:
    """Sum over S minus the grouped form, for each T and power, without the factor ∏(1 − p_i)."""
    a, q, t = sp.symbols(f"a:{c}", nonzero=True), sp.symbols(f"q:{c}"), sp.Symbol("t")
    collected: dict[tuple[tuple[int, ...], int], sp.Expr] = {}
    for active in subsets(range(c)):
        for chosen in subsets(active):
            term = sp.prod([q[i] / a[i] for i in active]) * (-1) ** (len(active) - len(chosen))
            collected[chosen, len(active)] = collected.get((chosen, len(active)), sp.Integer(0)) + term
    found = []
    for chosen in subsets(range(c)):
        rest = [i for i in range(c) if i not in chosen]
        symmetric = sp.Poly(sp.prod([1 - q[i] / a[i] * t for i in rest]), t)  # e_m is the coefficient of t^m
        for m in range(len(rest) + 1):
            grouped = sp.prod([q[i] / a[i] for i in chosen]) * symmetric.coeff_monomial(t**m)
            found.append(collected[chosen, len(chosen) + m] - grouped)
    return found


# --- 7.4 ------------------------------------------------------------------------------------------------


def tree(page: Page) -> None:
    """Section 7.4: the order of integration that divides by no small number."""
    page.section("7.4 Uniformly in the slopes")
    page.text(
        r"""A zero column has :math:`a_i=0` for every output, and orthogonal columns have it for each other:
        the quotients of section 7.3 then cancel to nothing, or are 0/0, although :math:`V_n^\alpha` is
        continuous in :math:`a` for :math:`n\ge1`.  The package computes as follows.  Sort the features so
        that :math:`|a_1|\ge|a_2|\ge\dots\ge|a_c|`, and let :math:`Y_m=\sum_{i>m}a_ix_i`,
        :math:`Y_m\in[\ell_m,h_m]`, :math:`R_m=h_m-\ell_m=\sum_{i>m}|a_i|`.  To find :math:`\mathbb
        E\,x^\alpha g_n(z+Y_m)`:""",
    )
    page.items(
        r"""if :math:`z+\ell_m\ge0`, it is the polynomial :math:`\sum_k\frac{z^k}{k!}\,\mathbb E\,x^\alpha
        Y_m^{n-k}/(n-k)!`;""",
        r"""if :math:`z+h_m\le0`, it is 0;""",
        r"""else take out feature :math:`m+1`, by Lemma 2 where it is active, and do the same with :math:`z`
        and :math:`z+a_{m+1}`.""",
    )
    page.text(
        r"""**Proposition 5.** (i) This computes :math:`V_n^\alpha` for all :math:`a` and :math:`b`, and
        divides by no number that is 0. (ii) Below a node where :math:`a_m` was taken out, measure in
        units of :math:`|a_m|`: replace :math:`g_n(z+Y_m)` by :math:`g_n(z+Y_m)/|a_m|^n`, and the
        coefficient that multiplies it by that times :math:`|a_m|^n`.  Then every step multiplies by the
        weights of inactive and active features, by signs and by powers of :math:`|a_{m+1}|/|a_m|\le1`,
        and every value is at most :math:`(c-m+1)^n/n!`, whatever :math:`a` and :math:`b` are.""",
        r"""**Proof.** (i) In the third case :math:`-h_m<z<-\ell_m`, so :math:`R_m>0`, and :math:`a_{m+1}`,
        the longest of those left, is not 0. The first case is the binomial theorem. (ii) In the formula
        of Lemma 2 with :math:`a=a_{m+1}` the factor :math:`a^{-i-1}` of :math:`g_{n+i+1}` is
        :math:`\pm|a|^{n}` in units of :math:`|a|^{n+i+1}`, and :math:`|a|^n` is
        :math:`(|a_{m+1}|/|a_m|)^n` in the units of the node above.  Where a node is split,
        :math:`-h_m<z<-\ell_m`, so that :math:`|z+Y_m|\le h_m-\ell_m=R_m\le(c-m)|a_{m+1}|`, and what is
        below takes only such values. ∎""",
        r"""This is what makes floating point safe: no quotient grows, what is subtracted is of the size of
        what is wanted, but for the constants of (ii), and the same program serves zero, tiny and
        orthogonal columns.  Fractions give exact values.  A ball of slopes that contains 0 never divides
        by itself: where the sign of y is not decided and the longest slope left may be 0, the value lies
        between those at both ends of :math:`Y_m`, as :math:`g_n` does not decrease and
        :math:`x^\alpha\ge0`, which is an enclosure of width proportional to the slopes left.""",
    )
    page.check(
        "the program in fractions equals Theorem 3 summed over all sets, c = 2, 3, 4, independent features "
        "and exactly two active ones, at random rationals, exactly; with a slope of 0 it equals the value "
        "without this feature",
        program_agrees(),
    )
    page.check(
        "with exactly one active feature it equals the pair functions of derivation 1, in fractions",
        one_active_agrees(),
    )


def over_sets(
    a: Sequence[Fraction], b: Fraction, n: int, chance: dict[tuple[int, ...], Fraction]
) -> Fraction:
    """V_n as the sum over sets of active features, by Theorem 3."""
    return sum(
        (p * truncated([a[i] for i in chosen], b, n) / factorial(n) for chosen, p in chance.items()), Q(0)
    )


def bernoulli(p: Sequence[Fraction]) -> dict[tuple[int, ...], Fraction]:
    """The probability of each set of active features."""
    found = {}
    for chosen in subsets(range(len(p))):
        chance = Q(1)
        for i, x in enumerate(p):
            chance *= x if i in chosen else 1 - x
        found[chosen] = chance
    return found


def program_agrees() -> bool:
    """The exact program against the sums over sets."""
    generator = random.Random(4)
    for c in (2, 3, 4):
        for _ in range(3):
            a, b = random_output(generator, c)
            p = [Q(generator.randint(1, 9), 10) for _ in range(c)]
            pairs = {chosen: Q(1, comb(c, 2)) for chosen in combinations(range(c), 2)}
            for n in (1, 2):
                if Output(a, b, Law.bernoulli(p)).expectation((), n) != over_sets(a, b, n, bernoulli(p)):
                    return False
                if Output(a, b, Law.exactly(2, c, Q(1))).expectation((), n) != over_sets(a, b, n, pairs):
                    return False
                without = Output(a, b, Law.bernoulli(p)).expectation((), n)
                if Output([*a, Q(0)], b, Law.bernoulli([*p, Q(1, 2)])).expectation((), n) != without:
                    return False
    return True


def one_active_agrees() -> bool:
    """Exactly one active feature: c F_j − 1/3 is a sum of the integrals of derivation 1."""
    generator = random.Random(5)
    for c in (2, 3, 4):
        a, b = random_output(generator, c)
        a[0] = abs(a[0])
        pairs = [any_number.diag(a[0], b)[0], *(any_number.off(y, b)[0] for y in a[1:])]
        found = cost(Output(a, b, Law.exactly(1, c, Q(1))), 0)
        if Q(1, 3) + c * found != sum(pairs, Q(0)) / 3:
            return False
    return True


def build() -> Page:
    """Derivation 7: the potential where several features are active at once."""
    page = Page(__file__, "7. Several active features")
    page.text(
        r"""In derivations 1 to 6 one feature is active at a time, the limit of high sparsity.  Here several
        may be, as in the data on which toy models are trained.  The loss is again elementary: piecewise
        rational in the scalar products of the columns and the biases.  This page derives it, an order of
        evaluation that is accurate for zero, small and orthogonal columns as well, where it is how
        smooth, and what becomes of it as :math:`p\to0`.""",
    )
    model(page)
    one_feature(page)
    closed_forms(page)
    tree(page)
    smoothness(page)
    limit(page)
    pentagon(page)
    return page


if __name__ == "__main__":
    run(build)
