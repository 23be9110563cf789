"""Derivation 2d: the 4-gon with positive columns.

The leading function of the loss at a 4-gon with four live vertices and σ ≥ 1 positive columns, for which
(c, σ) it is positive off the set of equal loss, and the learning coefficient there.  Run with ``--check``
to compare with the committed page.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from parts.cones import CERTIFICATES, DIRECTIONS, FALLS_FROM
from parts.dual import CASES, LARGEST, certificate, growth
from parts.every_c import every_c
from parts.exact import SQUARE
from parts.leading import TANGENTS, diagonal, moments, product, sample, scaled
from parts.page import Page, all_zero, is_zero, run

from kgon.kgons.labels import Label
from kgon.potential.symbolic import FALLING, ON, a, b, diag_integral, mu, off_integral

# --- 2d.1 the leading function -------------------------------------------------------------------------


def leading(page: Page) -> None:
    """The expansion of the loss to second order."""
    page.section("2d.1 The leading function")
    page.text(
        r"""Let :math:`\varphi=0`, :math:`\sigma\ge1`, :math:`c\ge5`, and let :math:`\delta=c-4-\sigma` be
        the number of dead columns. With :math:`e_j=(1,0),(0,1),(-1,0),(0,-1)`, :math:`j=0,\dots,3`
        (indices modulo 4), and :math:`t_j` the vector :math:`e_j` turned by +90°, the point :math:`w^*` has
        live columns :math:`W_j=e_j`, :math:`b_j=0`; positive columns :math:`W_p=0`,
        :math:`b_p=b=1/(2c)`; dead columns :math:`W_m=0`, :math:`b_m<0`. Coordinates near it:""",
    )
    page.items(
        r"""live: :math:`\lVert W_j\rVert^2=1+\nu_j`, the angle :math:`\varphi_j` from :math:`e_j` to
        :math:`W_j`, and :math:`b_j=\beta_j`;""",
        r"positive: :math:`W_p` and :math:`b_p=b+\eta_p`;   dead: :math:`W_m`, and any :math:`b_m<0`.",
    )
    page.text(
        r"""Let :math:`r` be the norm of all of these but the dead biases, and :math:`L^*` the loss at
        :math:`w^*`. The sums over :math:`s` below run over all positive and dead columns, and
        :math:`a_j=\varphi_j-\varphi_{j+1}`.""",
        r"""**Theorem 1.** As :math:`r\to0`, uniformly for dead biases in a compact set of negative numbers,
        :math:`c\,(L-L^*)=q+O(r^3)` with""",
    )
    page.math(
        r"q&=C+b\left(\lVert P\rVert^2+P\cdot T\right),\qquad P=\sum_pW_p,\qquad "
        r"T=\sum_{j}\left(\tfrac{\nu_j}2e_j+\varphi_jt_j\right)+\sum_mW_m,",
        r"C&=\sum_{j}\left[\frac{\nu_j^2+3\nu_j\beta_j+3\beta_j^2}3+\operatorname{off}(a_j,\beta_j)"
        r"+\operatorname{off}(a_{j-1},\beta_j)+\sum_s\operatorname{off}(W_s\cdot e_j,\beta_j)\right]"
        r"+c\sum_p\eta_p^2.",
    )
    page.text(
        r""":math:`C` is convex, not negative, and homogeneous of degree 2: :math:`\operatorname{off}(a,\beta)
        =\int(a\mu+\beta)_+^2\,d\mu` is an integral of convex functions of linear ones, and the quadratic
        form is positive definite. Only the last term of :math:`q` can be negative.""",
        r"""**Proof.** *Positive output* :math:`p`. Its bias is positive and its slopes are small, so that it
        is on for all inputs. Write :math:`N=\lVert W_p\rVert^2`, :math:`B=b+\eta_p`, and :math:`S` for the
        sum of all columns. The contribution to :math:`cL` is a polynomial:""",
    )
    N, B, c, S1, S2, eta = sp.symbols("N B c S_1 S_2 eta", real=True)
    diagonal_on = diag_integral(ON).subs({a: N, b: B}, simultaneous=True)
    total = sp.expand(diagonal_on + (c - 1) * B**2 + B * S1 + S2 / 3)
    page.math(
        r"&\operatorname{diag}(N,B)+\sum_{i\ne p}\operatorname{off}(W_i\cdot W_p,B)",
        r"&\quad=\tfrac13-B+cB^2+B\,W_p\cdot S-\tfrac23N+\tfrac13N^2"
        r"+\tfrac13\sum_{i\ne p}(W_i\cdot W_p)^2.",
    )
    page.text(
        r"""In the last sum the small columns contribute :math:`O(r^4)`, and the live ones
        :math:`\tfrac13\sum_j(e_j\cdot W_p)^2+O(r^3)=\tfrac23N+O(r^3)`, which cancels the term
        :math:`-\tfrac23N`. As :math:`\sum_je_j=0`, :math:`S=P+T+O(r^2)`. So the contribution is
        :math:`\tfrac13-\tfrac1{4c}+c\,\eta_p^2+b\,W_p\cdot(P+T)+O(r^3)`; sum over :math:`p`.""",
        r"""*Live output* :math:`j`. If it is on for all :math:`\mu`, its own input contributes
        :math:`\operatorname{diag}(1+\nu,\beta)=\int(\nu\mu+\beta)^2d\mu`. Otherwise :math:`\beta<0`, and on
        the interval :math:`\mu<|\beta|/(1+\nu)`, of length :math:`O(r)`, :math:`\mu^2` replaces
        :math:`(\nu\mu+\beta)^2`, both :math:`O(r^2)`. The neighbours :math:`j\pm1` have the slopes
        :math:`a_j+O(r^2)` and :math:`a_{j-1}+O(r^2)`, and a small column :math:`s` has
        :math:`W_s\cdot e_j+O(r^2)`. As :math:`|x_+^2-y_+^2|\le(|x|+|y|)\,|x-y|`, an error of
        :math:`O(r^2)` in the slope of a pair with slope and bias :math:`O(r)` changes off by
        :math:`O(r^3)`. The opposite vertex has a slope of at most :math:`-\tfrac12`; it contributes at most
        :math:`\tfrac23(\beta_j)_+^3`.""",
        r"""*Dead output.* :math:`b_m` stays away from 0 and the slopes are :math:`O(r)`, so it is off for
        every input: exactly :math:`\tfrac13`. ∎""",
    )
    page.check(
        """the contribution of a positive output, as a polynomial in N, B, c, the sum S₁ = W_p·S − N of the
        other slopes and the sum S₂ of their squares; off is linear in these""",
        is_zero(off_integral(ON) - b**2 - a * b - a**2 / 3)
        and is_zero(
            total.subs(S1, S1 - N)
            - (sp.Rational(1, 3) - B + c * B**2 + B * S1 - 2 * N / 3 + N**2 / 3 + S2 / 3)
        ),
    )
    x, y = sp.symbols("x y", real=True)
    squares = sum((x * e[0] + y * e[1]) ** 2 for e in SQUARE)
    page.check(
        r"""the cancellation: :math:`-\tfrac23N+\tfrac13\sum_j(e_j\cdot W_p)^2=0`; and
        :math:`-B+cB^2=-\tfrac1{4c}+c\,\eta^2` at :math:`B=\tfrac1{2c}+\eta`""",
        is_zero(squares / 3 - sp.Rational(2, 3) * (x**2 + y**2))
        and is_zero((-B + c * B**2).subs(B, 1 / (2 * c) + eta) + 1 / (4 * c) - c * eta**2),
    )
    nu, beta = sp.symbols("nu beta", real=True)
    own = diag_integral(ON).subs({a: 1 + nu, b: beta}, simultaneous=True)
    s = sp.Symbol("s", positive=True)
    opposite = off_integral(FALLING).subs({a: -s, b: beta}, simultaneous=True)
    page.check(
        r"""the quadratic form of a live output, its determinant 1/12 > 0, and
        :math:`\operatorname{off}(-s,\beta)=\beta^3/(3s)` for :math:`0<\beta<s`""",
        is_zero(own - (nu**2 + 3 * nu * beta + 3 * beta**2) / 3)
        and sp.hessian(own / 2, (nu, beta)).det() == sp.Rational(1, 12)
        and is_zero(opposite - beta**3 / (3 * s)),
    )
    page.check(
        "the first-order terms of the columns and of the slopes between neighbours, by differentiation",
        first_order(),
    )
    steps = (Fraction(1, 10**3), Fraction(1, 10**5))
    tested = [sample(c, sigma, seed) for c, sigma in CASES for seed in (0, 1)]
    errors = [[abs(d.loss_change(s) - d.q()) / s for s in steps] for d in tested]
    page.check(
        f"""in exact fractions, along {len(tested)} straight lines from the standard representatives with
        5 ≤ c ≤ {LARGEST}, with entries between −1 and 1: c(L − L*)/s² differs from q by less than 20s, for
        s = 1/1000 and s = 1/100000""",
        all(error < 20 for row in errors for error in row),
    )
    page.check(
        r"""the check can fail: with :math:`q-\tfrac23\sum_p\lVert W_p\rVert^2`, that is without the
        cancellation, every line on which a positive column moves misses the bound at s = 1/100000""",
        all(
            abs(d.loss_change(steps[1]) - d.q() + Fraction(2, 3) * sum(x * x + y * y for x, y in d.positive))
            > 20 * steps[1]
            for d in tested
            if any(x or y for x, y in d.positive)
        ),
    )


def first_order() -> bool:
    """Whether the coordinates give T and the slopes a_j to first order."""
    nu, phi, other_nu, other_phi = sp.symbols("nu phi nu_1 phi_1", real=True)
    at_zero = {nu: 0, phi: 0, other_nu: 0, other_phi: 0}

    def column(j: int, length: sp.Symbol, angle: sp.Symbol) -> sp.Matrix:
        e, t = sp.Matrix(SQUARE[j]), sp.Matrix(TANGENTS[j])
        return sp.sqrt(1 + length) * (sp.cos(angle) * e + sp.sin(angle) * t)

    claims = []
    for j in range(4):
        here, following = column(j, nu, phi), column((j + 1) % 4, other_nu, other_phi)
        claims += [here.diff(nu).subs(at_zero) - sp.Matrix(SQUARE[j]) / 2]
        claims += [here.diff(phi).subs(at_zero) - sp.Matrix(TANGENTS[j])]
        slope = here.dot(following)
        gradient = [sp.diff(slope, v).subs(at_zero) for v in (nu, phi, other_nu, other_phi)]
        claims += [sp.Matrix([slope.subs(at_zero), *gradient]) - sp.Matrix([0, 0, 1, 0, -1])]
    return all(claim.is_zero_matrix for claim in claims)


# --- 2d.2 what a positive bound gives ----------------------------------------------------------------


def consequences(page: Page) -> None:
    """The set of equal loss, the learning coefficient, and the constant in C ≥ dist²."""
    page.section("2d.2 What the sign of q decides")
    page.text(
        r"""Let :math:`\overline\varphi` be the mean of the four angles and""",
    )
    page.math(
        r"\operatorname{dist}^2=\sum_j\left(\tfrac14\nu_j^2+\beta_j^2+(\varphi_j-\overline\varphi)^2\right)"
        r"+\sum_s\lVert W_s\rVert^2+\sum_p\eta_p^2,"
    )
    page.text(
        r"""to leading order the squared distance to the set :math:`M` of the points that differ from
        :math:`w^*` by a rotation and by the dead biases. :math:`M` is a manifold of dimension
        :math:`f=1+\delta`, on which :math:`L=L^*`.""",
        r"""**Proposition 2.** (i) If :math:`q\ge\kappa\operatorname{dist}^2` with :math:`\kappa>0`, then
        :math:`w^*` is a local minimum, near it :math:`L=L^*` only on :math:`M`, and its learning
        coefficient is""",
    )
    page.math(r"\lambda=\frac{3c-f}2=\frac{2c+3+\sigma}2,\qquad\text{with multiplicity }1.")
    page.text(
        r"""(ii) If :math:`q<0` in some direction, :math:`w^*` is not a local minimum. Both hold whatever the
        negative biases of the dead columns are.""",
        r"""**Proof.** (i) A rotation changes neither :math:`L` nor dist; use it to make
        :math:`\overline\varphi=0`, where :math:`r^2` and :math:`\operatorname{dist}^2` bound each
        other up to constants. By Theorem 1 :math:`c\,(L-L^*)\ge\kappa\operatorname{dist}^2
        -K\operatorname{dist}^3`, and :math:`q\le K'\operatorname{dist}^2`, so that near :math:`w^*` the
        difference :math:`L-L^*` lies between two positive multiples of the squared distance to a manifold
        of codimension :math:`3c-f`. The volume of the points of a small ball with
        :math:`L-L^*<\epsilon` therefore lies between two multiples of
        :math:`\epsilon^{(3c-f)/2}`, without a logarithm: these are :math:`\lambda` and its multiplicity.
        (ii) :math:`q` is homogeneous of degree 2; let :math:`r\to0` in that direction. ∎""",
        r"""Without positive columns, :math:`\sigma=0`, :math:`c\ge4`, the same proofs hold with
        :math:`q=C`, and Lemma 3 below gives :math:`\kappa`: the label 4 has :math:`\lambda=(2c+3)/2`.""",
    )
    c, sigma = sp.symbols("c sigma")
    page.check(
        r""":math:`\tfrac12(3c-1-\delta)=\tfrac12(2c+3+\sigma)`; at c = 6 this is 15/2, 8 and 17/2
        for σ = 0, 1, 2""",
        is_zero(3 * c - 1 - (c - 4 - sigma) - (2 * c + 3 + sigma))
        and [Fraction(2 * 6 + 3 + s, 2) for s in (0, 1, 2)] == [Fraction(15, 2), 8, Fraction(17, 2)],
    )
    page.text(
        r"""**Lemma 3.** :math:`C\ge\kappa_0\operatorname{dist}^2` with
        :math:`\kappa_0=\dfrac1{48\,(c-2)}`.""",
        r"""**Proof.** Neither side changes if a constant is added to all :math:`\varphi_j`; let
        :math:`\overline\varphi=0`. From
        :math:`a_+\mu\le(a\mu+\beta)_++|\beta|` follows
        :math:`\operatorname{off}(a,\beta)\ge\tfrac16a_+^2-\beta^2`, and as off is not negative, also
        :math:`\operatorname{off}\ge\theta\,(\tfrac16a_+^2-\beta^2)` for :math:`0\le\theta\le1`. Take
        :math:`\theta=1/(8(c-2))=6\kappa_0`. Each live output has :math:`c-2` such terms, so their sum costs
        :math:`\tfrac18\beta_j^2`. A small column gives
        :math:`\sum_j(W_s\cdot e_j)_+^2=\lVert W_s\rVert^2`. Each :math:`a_j` occurs at two outputs, and
        :math:`\sum a_j=0`, so at most three :math:`a_j` are positive and
        :math:`\sum(a_j)_-^2\le\left(\sum(a_j)_-\right)^2=\left(\sum(a_j)_+\right)^2\le3\sum(a_j)_+^2`. Hence
        :math:`2\sum(a_j)_+^2\ge\tfrac12\sum a_j^2=\tfrac12\sum(\varphi_j-\varphi_{j+1})^2
        \ge\sum\varphi_j^2`. Together""",
    )
    page.math(
        r"C\ge\kappa_0\Bigl(\sum_s\lVert W_s\rVert^2+\sum_j\varphi_j^2\Bigr)+\sum_j\left[\tfrac13\nu_j^2"
        r"+\nu_j\beta_j+\tfrac78\beta_j^2\right]+c\sum_p\eta_p^2,"
    )
    page.text(
        r"""and the bracket exceeds :math:`\kappa_0(\tfrac14\nu_j^2+\beta_j^2)`, because
        :math:`4(\tfrac13-\tfrac14\kappa_0)(\tfrac78-\kappa_0)>1` for :math:`\kappa_0\le\tfrac1{96}`. ∎""",
    )
    largest = sp.Rational(1, 96)
    cycle = sp.Matrix(4, 4, lambda i, j: 2 if i == j else -1 if (i - j) % 2 else 0)
    page.check(
        r"""the last inequality at 1/96, where the left side is smallest; the eigenvalues 0, 2, 2, 4 of
        :math:`\sum(\varphi_j-\varphi_{j+1})^2`""",
        4 * (sp.Rational(1, 3) - largest / 4) * (sp.Rational(7, 8) - largest) > 1
        and cycle.eigenvals() == {0: 1, 2: 2, 4: 1},
    )
    x, y = sp.symbols("x y", nonnegative=True)
    page.check(
        r""":math:`2(x^2+y^2)-(x+y)^2=(x-y)^2`, the step :math:`(x+y)^2\le2x^2+2y^2` in the bound of off""",
        is_zero(2 * (x**2 + y**2) - (x + y) ** 2 - (x - y) ** 2),
    )
    tested = [sample(c, sigma, seed) for c, sigma in CASES for seed in range(2)]
    page.check(
        f"the lemma at {len(tested)} rational points, exactly",
        all(d.C() >= d.distance() / (48 * (d.c - 2)) for d in tested),
    )


# --- 2d.3 reductions --------------------------------------------------------------------------------


def reductions(page: Page) -> None:
    """Jensen, symmetry, a slightly larger b, linear minorants, and the live quadratic."""
    page.section("2d.3 Reductions")
    page.text("To prove :math:`q\\ge\\kappa\\operatorname{dist}^2` it is enough to do less:")
    page.items(
        r"""*A slightly larger b.* Let :math:`\varepsilon>0`, :math:`B=(1+\varepsilon)\,b`, and suppose that
        :math:`Q_B=C+B(\lVert P\rVert^2+P\cdot T)\ge0` everywhere. Then :math:`q=(1-\tfrac bB)\,C
        +\tfrac bB\,Q_B\ge\tfrac\varepsilon{1+\varepsilon}C`, and with Lemma 3
        :math:`\kappa=\tfrac\varepsilon{1+\varepsilon}\,\kappa_0`.""",
        r"""*Jensen.* :math:`P` and :math:`T` depend on the small columns only through :math:`P` and
        :math:`D=\sum_mW_m`, and off is convex in its slope: at each live output the positive columns
        contribute at least :math:`\sigma\operatorname{off}(P\cdot e_j/\sigma,\beta_j)`, the dead ones at
        least :math:`\delta\operatorname{off}(D\cdot e_j/\delta,\beta_j)`.""",
        r"""*Symmetry.* The symmetries of the square, with the permutations of the live columns, leave
        :math:`Q_B` as it is. So let :math:`P_x\ge P_y\ge0`: :math:`P=x\,(1,0)+y\,(1,1)`,
        :math:`x,y\ge0`.""",
        r"""*Linear minorants.* For every function :math:`\lambda(\mu)\ge0` on :math:`[0,1]`,
        :math:`X_+^2\ge2\lambda X-\lambda^2`, since the difference is at least :math:`(X_+-\lambda)^2`. So
        :math:`\operatorname{off}(a,\beta)\ge2M_1a+2M_0\beta-M_2`, :math:`M_0=\int\lambda`,
        :math:`M_1=\int\mu\lambda`, :math:`M_2=\int\lambda^2`. Here :math:`\lambda` is
        :math:`k\,(\mu-\tau)_+` with :math:`k\ge0`, :math:`0\le\tau<1`, or a sum of two of these.""",
        r"""*The live quadratic.* :math:`\min_{\nu,\beta}\left[\tfrac13(\nu^2+3\nu\beta+3\beta^2)+p\,\nu
        +r\beta\right]=-(3p^2-3pr+r^2)`.""",
    )
    k, tau, low, X = sp.symbols("k tau u X", real=True)
    lam = k * (mu - tau)
    integrals = [sp.integrate(sp.expand(f), (mu, tau, 1)) for f in (lam, mu * lam, lam**2)]
    mixed = sp.integrate(sp.expand(lam * (mu - low)), (mu, tau, 1))
    page.check(
        r"""the moments :math:`M_0=\tfrac12k(1-\tau)^2`, :math:`M_1=\tfrac16k(1-\tau)^2(2+\tau)`,
        :math:`M_2=\tfrac13k^2(1-\tau)^3`, and :math:`\int(\mu-\tau)_+(\mu-u)_+\,d\mu
        =\tfrac13(1-\tau)^3+\tfrac12(\tau-u)(1-\tau)^2` for :math:`u\le\tau`""",
        all_zero(x - y for x, y in zip(integrals, symbolic_moments(k, tau), strict=True))
        and is_zero(mixed - k * ((1 - tau) ** 3 / 3 + (tau - low) * (1 - tau) ** 2 / 2)),
    )
    thirds = [Fraction(i, 3) for i in range(3)]
    page.check(
        "the functions of the script are these moments, at rational points",
        all(
            moments(Fraction(2), t)
            == tuple(Fraction(str(x)) for x in symbolic_moments(2, sp.Rational(str(t))))
            and product(Fraction(2), t, Fraction(2), t) == moments(Fraction(2), t)[2]
            for t in thirds
        ),
    )
    page.check(
        r""":math:`X^2-2\lambda X+\lambda^2=(X-\lambda)^2`; for :math:`X<0\le\lambda` the difference is
        :math:`-2\lambda X+\lambda^2\ge\lambda^2`""",
        is_zero(X**2 - 2 * k * X + k**2 - (X - k) ** 2),
    )
    nu, beta, p, r = sp.symbols("nu beta p r", real=True)
    function = (nu**2 + 3 * nu * beta + 3 * beta**2) / 3 + p * nu + r * beta
    solution = sp.solve([sp.diff(function, v) for v in (nu, beta)], (nu, beta), dict=True)[0]
    page.check(
        "the minimum over (ν, β), at the only critical point of a positive definite form",
        is_zero(function.subs(solution) + 3 * p**2 - 3 * p * r + r**2),
    )


def symbolic_moments(k: sp.Expr, tau: sp.Expr) -> tuple[sp.Expr, ...]:
    """M₀, M₁, M₂ of k(μ − τ)₊."""
    h = 1 - tau
    return k * h**2 / 2, k * h**2 * (2 + tau) / 6, k**2 * h**3 / 3


# --- 2d.5 descent directions --------------------------------------------------------------------------


def descents(page: Page) -> None:
    """Section 2d.5: directions in which the leading function is negative."""
    page.section("2d.5 Directions of descent")
    page.text(
        r"""Consider directions that are symmetric about the diagonal:
        :math:`v=(p,w,f,g,\nu_0,\beta_0,\nu_2,\beta_2)` stands for :math:`W_p=p\,(1,1)` for each positive
        column, :math:`W_m=-w\,(1,1)` for each dead one, and""",
    )
    page.math(
        r"\varphi=(-f,f,g,-g),\quad\nu=(\nu_0,\nu_0,\nu_2,\nu_2),\quad"
        r"\beta=(\beta_0,\beta_0,\beta_2,\beta_2),\quad\eta=0,"
    )
    page.text(
        r"""divided by the largest of the absolute values in :math:`v`. The columns move on the straight lines
        :math:`W_j=e_j+s\,(\tfrac12\nu_je_j+\varphi_jt_j)`. In these directions
        :math:`P=\sigma p\,(1,1)` and
        :math:`T=\left(\tfrac12(\nu_0-\nu_2)-f-g-\delta w\right)(1,1)`. The gain is :math:`b\,P\cdot T`, with
        :math:`T` opposite to :math:`P`: once the biases of the outputs 2 and 3 have fallen, the dead columns
        can move some way against :math:`P` before they reach these outputs, and the more there are, the
        longer is :math:`T`.""",
    )
    falling = [case for case in CASES if case not in CERTIFICATES]
    lines = {case: diagonal(*case, scaled(DIRECTIONS[case[1]])) for case in falling}
    page.check(
        f"""in exact fractions, for each of the {len(falling)} cases with “not a local minimum” in section
        2d.6: q < 0, and L < L* (``kgon.potential.any_number.loss``) at s = 1/100 and at s = 1/1000 from the
        standard representative""",
        all(
            d.q() < 0 and d.loss_change(Fraction(1, 100)) < 0 and d.loss_change(Fraction(1, 1000)) < 0
            for d in lines.values()
        ),
    )
    minima = [case for case in CASES if case in CERTIFICATES]
    every = {scaled(v) for v in DIRECTIONS.values()}
    page.check(
        f"""the check can fail: in none of these {len(every)} directions is q negative at any of the
        {len(minima)} local minima; nor is L < L* at s = 1/1000""",
        all(
            diagonal(*case, v).q() > 0 and diagonal(*case, v).loss_change(Fraction(1, 1000)) > 0
            for case in minima
            for v in every
        ),
    )


# --- 2d.6 results ---------------------------------------------------------------------------------------


def results(page: Page) -> None:
    """Section 2d.6: the table of the cases with few features."""
    page.section(f"2d.6 The cases with 5 ≤ c ≤ {LARGEST}")
    page.text(
        rf"""**Theorem 5.** For :math:`5\le c\le{LARGEST}` the 4-gons with :math:`\varphi=0` and
        :math:`\sigma\ge1` are local minima, or not, as the table says; :math:`\kappa` is the constant of
        Proposition 4 and :math:`v` the direction of section 2d.5. The set of equal loss near a local minimum
        is that of Proposition 2, and :math:`\lambda=(2c+3+\sigma)/2` with multiplicity 1.""",
    )
    rows = []
    for c, sigma in CASES:
        label = f":math:`{Label(4, sigma).latex}`"
        if (c, sigma) in CERTIFICATES:
            kappa = f":math:`\\kappa=1/{(1 / growth((c, sigma))).numerator}`"
            decided = ["local minimum", kappa, str(Fraction(2 * c + 3 + sigma, 2))]
        else:
            decided = ["not a local minimum", f":math:`v={DIRECTIONS[sigma]}`", "—"]
        rows.append([str(c), label, str(c - 4 - sigma), *decided])
    page.table(["c", "label", "δ", "verdict", "proved by", "λ"], rows)
    up_to_8 = [(c, sigma) for c, sigma in CASES if c <= 8]
    page.check(
        f"""every 1/κ above is an integer; the {len(up_to_8)} cases with c ≤ 8 are local minima; the first
        that are not have c = 9""",
        all((1 / growth(case)).denominator == 1 for case in CASES if case in CERTIFICATES)
        and all(case in CERTIFICATES for case in up_to_8)
        and [case for case in CASES if case[0] == 9 and case not in CERTIFICATES] == [(9, 2), (9, 3)],
    )
    page.check(
        "in the table, the label is not a local minimum exactly for c ≥ c₀(σ) of Theorem 6, where σ ≤ 8",
        all(((c, sigma) in CERTIFICATES) == (c < FALLS_FROM[sigma]) for c, sigma in CASES),
    )
    page.text(
        r"""The constants :math:`\kappa` are not sharp. None of this can be read off a Hessian at the point:
        :math:`q` is not quadratic.""",
    )


def build() -> Page:
    """Derivation 2d: the 4-gon with positive columns."""
    page = Page(__file__, "2d. The 4-gon with positive columns")
    page.text(
        r"""A 4-gon with at least one positive column and four live vertices, label :math:`4^{\sigma+}`, is
        a critical point (derivation 2b, Theorem 1). The point lies on kinks of the second derivative: there
        is no Hessian. Up to eight features it is always a local minimum; from nine on this depends on
        :math:`c` and :math:`\sigma`. Again :math:`r=2`, :math:`p` is uniform and :math:`I=1`.""",
    )
    leading(page)
    consequences(page)
    reductions(page)
    certificate(page)
    descents(page)
    results(page)
    every_c(page)
    return page


if __name__ == "__main__":
    run(build)
