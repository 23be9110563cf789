"""Sections 2 and 3 of derivation 5a: the region of the dead columns, its prior mass, and its border."""

from __future__ import annotations

from itertools import pairwise

import flint
import mpmath
import sympy as sp
from flint import arb, fmpq
from parts.layer import layer_mass
from parts.page import Page, is_zero

from kgon.kgons.polygons import regular_polygons
from kgon.potential import any_number
from kgon.potential.symbolic import ON, RISING, a, b, diag_integral, off_integral

DIGITS = 30
"""Working precision of the quadratures."""


def polygon(k: int) -> tuple[mpmath.mpf, mpmath.mpf]:
    """l and |b| of the regular k-gon."""
    (found,) = regular_polygons(k)
    return mpmath.mpf(found.length.str(40, radius=False)), -mpmath.mpf(found.bias.str(40, radius=False))


def density(u: mpmath.mpf) -> mpmath.mpf:
    """The density of the standard normal distribution at u."""
    return mpmath.exp(-u * u / 2) / mpmath.sqrt(2 * mpmath.pi)


def mass(k: int) -> mpmath.mpf:
    """P: the prior mass of the region of one dead column."""
    with mpmath.workdps(DIGITS):
        length, bias = polygon(k)
        tangent = mpmath.tan(mpmath.pi / k)

        def strip(u: mpmath.mpf) -> mpmath.mpf:
            return density(u) * mpmath.ncdf(-length * u) * (mpmath.ncdf(u * tangent) - mpmath.mpf(1) / 2)

        return 2 * k * mpmath.quad(strip, [0, bias / length])


def mass_in_polar_coordinates(k: int) -> mpmath.mpf:
    """P by a double integral over the polygon."""
    with mpmath.workdps(DIGITS):
        length, bias = polygon(k)

        def ray(theta: mpmath.mpf) -> mpmath.mpf:
            along = length * mpmath.cos(theta)
            return mpmath.quad(
                lambda r: r * mpmath.exp(-r * r / 2) * mpmath.ncdf(-r * along), [0, bias / along]
            )

        return k / mpmath.pi * mpmath.quad(ray, [0, mpmath.pi / k])


def layer(k: int, c: int) -> tuple[mpmath.mpf, mpmath.mpf]:
    """The two parts of A: the faces x·W_j = |b|, and the faces b_m = −x·W_j."""
    with mpmath.workdps(DIGITS):
        length, bias = polygon(k)
        h, tangent, third = bias / length, mpmath.tan(mpmath.pi / k), mpmath.mpf(1) / 3
        half = mpmath.mpf(1) / 2
        factor = mpmath.gamma(1 + third) * mpmath.mpf(3 * c) ** third
        edge = (2 * mpmath.ncdf(h * tangent) - 1) * density(h) * mpmath.ncdf(-bias)

        def strip(v: mpmath.mpf) -> mpmath.mpf:  # u = v³ takes the cube root away
            u = v**3
            return density(u) * (mpmath.ncdf(u * tangent) - half) * density(length * u) * 3 * v**3

        slanted = 2 * k * length**third * mpmath.quad(strip, [0, h**third])
        return factor * k * bias**third / length * edge, factor * slanted


def region(page: Page) -> None:
    """Section 5a.2: Theorem 2, on the region of the dead columns."""
    page.section("5a.2 Dead columns")
    page.text(
        r"""Let :math:`\sigma=0`, :math:`k\ge5` and :math:`\delta=c-k\ge1`. The live columns are those of the
        k-gon, with length :math:`l` and bias :math:`b=-|b|`; a dead column is a point :math:`(x,\beta_m)`
        with :math:`x=W_m` in the plane. Let :math:`D` be the set of the :math:`(x,\beta_m)` with""",
    )
    page.math(r"x\cdot W_j\le|b|\quad\text{for all live }j,\qquad\beta_m\le-\max_jx\cdot W_j.")
    page.text(
        r"""The :math:`W_j` positively span the plane, so that the maximum is at least
        :math:`l\cos\tfrac\pi k\,\lVert x\rVert\ge0`. The first condition confines :math:`x` to a regular
        k-gon, whose sides have the distance :math:`h=|b|/l` from 0.""",
        r"""**Proposition 1.** If every dead column is in :math:`D`, then :math:`L=L^*`. If they are near
        :math:`D`, but away from :math:`(0,0)`, then""",
    )
    page.math(
        r"c\,(L-L^*)=\sum_{m}\sum_{j}\left[\operatorname{off}(x_m\cdot W_j,b)"
        r"+\operatorname{off}(x_m\cdot W_j,\beta_m)\right]\ge0,"
    )
    page.text(
        r"""with equality exactly if they all are in :math:`D`; the live columns are those of the k-gon.""",
        r"""**Proof.** The first term is input :math:`m` at the output :math:`j`, the second input :math:`j`
        at the output :math:`m`; with a negative bias off is 0 exactly if slope plus bias is at most 0. It
        remains to be seen that in :math:`D` dead outputs are off for their own input and for other dead
        ones. In :math:`D`, by the bound of the maximum,""",
    )
    page.math(
        r"\lVert x\rVert\le\frac{|b|}{l\cos(\pi/k)},\qquad-\beta_m\ge l\cos\tfrac\pi k\,\lVert x\rVert,"
    )
    page.text(
        r"""so that, for two points of :math:`D`, equal or not,
        :math:`x_{m'}\cdot x_m+\beta_m\le\lVert x_m\rVert\left(\tfrac{|b|}{l\cos(\pi/k)}
        -l\cos\tfrac\pi k\right)`. The bracket is negative if
        :math:`|b|/l^2<\cos^2\tfrac\pi k`. By derivation 2, Theorem 4, a regular k-gon with
        :math:`k\ge5` has :math:`s\ge1` active neighbours on each side, that is
        :math:`m=|b|/l^2<\cos(s\alpha)\le\cos\alpha` with :math:`\alpha=\tfrac{2\pi}k`, and
        :math:`\cos\alpha\le\tfrac12(1+\cos\alpha)=\cos^2\tfrac\pi k`. So the sum is negative if
        :math:`x_m\ne0`, and equal to :math:`\beta_m<0` if :math:`x_m=0`, away from :math:`(0,0)`: strictly
        off, also near :math:`D`. ∎""",
    )
    alpha = sp.Symbol("alpha", real=True)
    page.check(
        r""":math:`\tfrac12(1+\cos\alpha)=\cos^2\tfrac\alpha2`, and
        :math:`\tfrac12(1+\cos\alpha)-\cos\alpha=\sin^2\tfrac\alpha2`""",
        is_zero(sp.expand_trig((1 + sp.cos(2 * alpha)) / 2) - sp.cos(alpha) ** 2)
        and sp.simplify((1 + sp.cos(alpha)) / 2 - sp.cos(alpha) - sp.sin(alpha / 2) ** 2) == 0,
    )
    page.check(
        r":math:`|b|/l^2<\cos^2\tfrac\pi k` in balls, for k = 5 to 60",
        all(condition(k) for k in range(5, 61)),
    )
    page.check(
        """in balls, c = 6 and 7, k = 5: with dead columns inside D the loss is that of the label; just
        outside each kind of face it is larger, by the sum of Proposition 1""",
        all(region_agrees(c) for c in (6, 7)),
    )
    corner(page)
    prior_mass(page)


def corner(page: Page) -> None:
    """Where the region touches another basin."""
    beta = sp.Symbol("beta", positive=True)
    c = sp.Symbol("c", positive=True)
    change = sp.expand((diag_integral(ON) + (c - 1) * off_integral(ON)).subs(a, 0).subs(b, beta))
    page.text(
        r"""**The corner.** At :math:`(x,\beta_m)=(0,0)`, a point of the border of :math:`D`, the loss is not
        differentiable, and it falls to the first order from there: for :math:`x=0` and :math:`\beta_m>0`
        small :math:`c\,(L-L^*)=c\,\beta_m^2-\beta_m`, on the way to a positive column. A neighbourhood of
        :math:`D` has to be cut off there. Below, :math:`Z` is the integral over a neighbourhood of the
        copies of the flat set in which all :math:`\beta_m\le-\eta`, with a fixed :math:`\eta>0`; masses
        refer to :math:`D\cap\{\beta_m\le-\eta\}`, and the constants are the limits as :math:`\eta\to0` after
        :math:`n\to\infty`. In the part that is left out :math:`\lVert x\rVert=O(\eta)`, and it has a
        mass of :math:`O(\eta^3)`.""",
    )
    page.check(
        r"""the loss of an output with :math:`x=0` and :math:`\beta_m>0` is 1/3 + cβ² − β, in units of
        1/c""",
        is_zero(change - sp.Rational(1, 3) - c * beta**2 + beta),
    )


def prior_mass(page: Page) -> None:
    """The formula of P and the constant."""
    page.text(
        r"""**Proposition 2.** With :math:`\phi` and :math:`\Phi` the standard normal density and distribution
        function the prior mass of :math:`D` is""",
    )
    page.math(
        r"P=2k\int_0^h\phi(u)\,\Phi(-lu)\left[\Phi\left(u\tan\tfrac\pi k\right)-\tfrac12\right]du,"
        r"\qquad h=\frac{|b|}l."
    )
    page.text(
        r"""**Proof.** The lines from 0 to the corners and to the middles of the sides cut the polygon into
        :math:`2k` congruent right-angled triangles. In one of them :math:`W_j` is the nearest of the
        live columns, so :math:`\max_jx\cdot W_j=lu` with :math:`u` the distance along :math:`W_j`, and
        the bias has the mass :math:`\Phi(-lu)`. Across, :math:`0\le v\le u\tan\tfrac\pi k`. ∎""",
    )
    page.text(
        r"""**Theorem 2.** :math:`F_n=\beta nL^*+\lambda\log(\beta n)+C+o(1)` with
        :math:`\lambda=\tfrac12(3k-1)` and""",
    )
    page.math(
        r"C=-\log\left[\frac{c!}{\delta!\,k}\cdot2\pi\sqrt k\,l\cdot(2\pi)^{(3k-1)/2}\,\det{}'(H)^{-1/2}"
        r"\cdot(2\pi)^{-3k/2}e^{-k(l^2+b^2)/2}\cdot P^\delta\right],"
    )
    page.text(
        r"""where :math:`H` is the Hessian of :math:`L` in the :math:`3k` coordinates of the live columns.""",
        r"""**Proof.** The copies: :math:`c!/(\delta!\,k)` ways to choose the live columns and to arrange
        them round the polygon up to rotation; all places of the dead ones are in :math:`D^\delta`. For each
        copy the integral over the dead columns is the function of the live ones that section 5a.3 calls
        :math:`M_n^\delta`; it tends to :math:`P^\delta`. What remains is Theorem 1 for the live columns,
        with :math:`d=3k` coordinates. ∎""",
    )
    with mpmath.workdps(DIGITS):
        close = all(abs(mass(k) - mass_in_polar_coordinates(k)) < 1e-20 for k in range(5, 9))
    page.check(
        """P for k = 5 to 8, by the formula and by a double integral over the polygon in polar coordinates:
        the same within 1e-20""",
        close,
    )


def condition(k: int) -> bool:
    """Whether |b|/l² < cos²(π/k) is certain for the regular k-gon."""
    with flint.ctx.workprec(256):
        (found,) = regular_polygons(k)
        cosine = arb.cos_pi_fmpq(fmpq(1, k))
        return bool(found.m < cosine * cosine)


def region_agrees(c: int) -> bool:
    """Whether L is that of Proposition 1 at places in D and beyond its faces, with the other dead column in
    D."""
    with flint.ctx.workprec(256):
        (found,) = regular_polygons(5)
        length, bias = found.length, found.bias
        angles = [fmpq(2 * j, 5) for j in range(5)]
        live = [(length * arb.cos_pi_fmpq(x), length * arb.sin_pi_fmpq(x)) for x in angles]
        h = -bias / length
        # Inside; beyond the face x·W_0 = |b|; beyond the face β = −x·W_0 (x = u(cos, sin) near W_0).
        cases = [(h * fmpq(9, 10), fmpq(1, 5), -2, 0), (h * fmpq(11, 10), fmpq(1, 20), -2, 1)]
        cases += [(h * fmpq(1, 2), fmpq(1, 10), bias / 4, 1), (-h * fmpq(1, 2), fmpq(1, 10), bias, 0)]
        results = []
        for u, v, beta, kind in cases:
            dead = [(u, u * v), (arb(0), h / 4)][: c - 5]
            dead_bias = [arb(beta), arb(-1)][: c - 5]
            columns = [*live, *dead]
            W = [[x[i] for x in columns] for i in (0, 1)]
            value = c * arb(any_number.loss(W, [*[bias] * 5, *dead_bias]))
            base = 5 * found.cost + arb(c - 5) / 3
            cost = arb(0)
            for x, own in zip(dead, dead_bias, strict=True):
                for w in live:
                    slope = x[0] * w[0] + x[1] * w[1]
                    cost += arb(any_number.off(slope, bias)[0]) / 3 + arb(any_number.off(slope, own)[0]) / 3
            # The loss and the sum of Proposition 1 agree to 60 digits; outside both are certainly larger.
            small = abs(value - base - cost) < arb("1e-50")
            results.append(bool(small) and (bool(cost > 0) if kind else bool(abs(cost) < arb("1e-50"))))
        return all(results)


def boundary(page: Page) -> None:
    """Section 5a.3: Theorem 3, on the border of the region of the dead columns."""
    page.section("5a.3 The border of the region of the dead columns")
    page.text(
        r"""Outside :math:`D` the loss grows slowly, so that the mass at finite :math:`n` exceeds :math:`P` by
        much more than :math:`1/n`. Let""",
    )
    page.math(
        r"M_n=\int\phi(x)\,\phi(\beta_m)\exp\Bigl(-\frac{\beta n}c\sum_j\left["
        r"\operatorname{off}(x\cdot W_j,b)+\operatorname{off}(x\cdot W_j,\beta_m)\right]\Bigr)\,dx\,d\beta_m"
    )
    page.text(
        r"""over a neighbourhood of :math:`D` with :math:`\beta_m\le-\eta`. (As it is written this integral
        has a limit for :math:`\eta\to0` at fixed :math:`n`; the script uses it with :math:`\eta=0`.)""",
        r"""**Theorem 3.** :math:`M_n=P+A\,(\beta n)^{-1/3}+O(n^{-2/3})` with""",
    )
    page.math(
        r"A=\Gamma\left(\tfrac43\right)(3c)^{1/3}\Bigl\{&\frac{k\,|b|^{1/3}}l\,\phi(h)"
        r"\left[2\,\Phi\left(h\tan\tfrac\pi k\right)-1\right]\Phi(-|b|)",
        r"&+2k\int_0^h\phi(u)\left[\Phi\left(u\tan\tfrac\pi k\right)-\tfrac12\right]\phi(lu)\,(lu)^{1/3}du"
        r"\Bigr\},",
    )
    page.text(
        r"""and, with :math:`C` of Theorem 2,""",
    )
    page.math(r"F_n=\beta nL^*+\lambda\log(\beta n)+C-\delta\,\frac AP\,(\beta n)^{-1/3}+O(n^{-2/3}).")
    page.text(
        r"""**Proof.** *The cost.* With :math:`a>0` and a bias :math:`-a+\varepsilon`,
        :math:`0<\varepsilon<a`, off is :math:`\varepsilon^3/(3a)`, exactly. Beyond a face :math:`x\cdot
        W_j=|b|`, with :math:`\varepsilon=x\cdot W_j-|b|`, it is
        :math:`\varepsilon^3/(3(|b|+\varepsilon))`; beyond a face :math:`\beta_m=-x\cdot W_j`, with
        :math:`\varepsilon=x\cdot W_j+\beta_m`, it is :math:`\varepsilon^3/(3\,x\cdot W_j)`. All
        other terms are 0 there, except near an edge of :math:`D`.""",
        r"""*The layer.* :math:`\int_0^\infty e^{-\kappa\varepsilon^3}d\varepsilon=\Gamma(\tfrac43)\,
        \kappa^{-1/3}` with :math:`\kappa=\beta n/(3ca)`: each face gains the integral over the face of the
        prior density times :math:`\Gamma(\tfrac43)(3ca)^{1/3}(\beta n)^{-1/3}`, times the derivative of the
        integration variable in :math:`\varepsilon`. *Faces* :math:`x\cdot W_j=|b|`, :math:`k` of them: the
        variable is :math:`u=x\cdot W_j/l`, hence the factor :math:`1/l`; :math:`a=|b|`,
        :math:`u=h`, across :math:`|v|\le h\tan\tfrac\pi k`, and :math:`\beta_m\le-|b|`. *Faces*
        :math:`\beta_m=-x\cdot W_j`, over :math:`2k` triangles: the variable is :math:`\beta_m` itself;
        :math:`a=lu`. The change of the density and of :math:`a` across the layer, and the edges, of which a
        neighbourhood of width :math:`O(n^{-1/3})` in two directions is affected, contribute
        :math:`O(n^{-2/3})`.""",
        r"""*The live columns.* They fluctuate by :math:`z=O(n^{-1/2})` and carry the faces with them. For
        fixed live columns the same proof gives
        :math:`M_n(z)=P(z)+A(z)\,(\beta n)^{-1/3}+O(n^{-2/3})`, uniformly, with the mass :math:`P(z)` and the
        layer :math:`A(z)` of the polygon of these columns. :math:`P(z)` has a Lipschitz derivative: its faces
        move along, and the density is smooth. Under the Laplace measure :math:`z` has the mean
        :math:`O(1/n)`, so that :math:`P(z)^\delta` has the mean :math:`P^\delta+O(1/n)`; and
        :math:`A(z)-A=O(\lVert z\rVert)` contributes :math:`O(n^{-1/2-1/3})`. So the live columns do not
        matter at this order. Dead columns do not act on each other (Proposition 1): the mean of
        :math:`M_n(z)^\delta` is
        :math:`P^\delta\left(1+\delta\tfrac AP(\beta n)^{-1/3}\right)+O(n^{-2/3})`. ∎""",
    )
    eps, kappa, slope = sp.symbols("varepsilon kappa a", positive=True)
    rising = off_integral(RISING).subs({a: slope, b: eps - slope}, simultaneous=True)
    page.check(
        r"""off(a, −a + ε) = ε³/(3a); :math:`\int_0^\infty e^{-\kappa\varepsilon^3}d\varepsilon
        =\Gamma(\tfrac43)\,\kappa^{-1/3}`""",
        is_zero(rising - eps**3 / (3 * slope))
        and sp.simplify(
            sp.integrate(sp.exp(-kappa * eps**3), (eps, 0, sp.oo))
            - sp.gamma(sp.Rational(4, 3)) * kappa ** sp.Rational(-1, 3)
        )
        == 0,
    )
    first, second = (float(part) for part in layer(5, 6))
    inside = float(mass(5))
    sizes = (8.0**6, 8.0**7, 8.0**8)
    excess = [(layer_mass(5, 6, nu) - inside) * nu ** (1 / 3) for nu in sizes]
    limits = [2 * y - x for x, y in pairwise(excess)]
    page.check(
        r"""by a numerical triple integral of :math:`M_n` for k = 5, c = 6 in floating point, at
        :math:`\beta n=8^6,8^7,8^8`: :math:`X=(M_n-P)(\beta n)^{1/3}` falls towards A, with half the
        difference at each step (within 3 %); :math:`2X(8\beta n)-X(\beta n)`, in which a term of the next
        order cancels, is A within 0.5 % and 0.2 %""",
        all(
            abs(x - first - second) < t * (first + second)
            for x, t in zip(limits, (0.005, 0.002), strict=True)
        )
        and all(abs((y - first - second) / (x - first - second) - 0.5) < 0.015 for x, y in pairwise(excess)),
    )
    page.check(
        "the check can fail: each of the two parts of A is more than a tenth of it",
        min(first, second) > 0.1 * (first + second),
    )
    page.table(
        ["k", "c", "P", "A", "A / P"],
        [[str(k), str(c), *numbers(k, c)] for k, c in ((5, 6), (5, 7), (6, 7), (5, 8), (6, 8), (7, 8))],
    )
    page.text(
        r"""The numbers are rounded to six digits. :math:`A/P` is large: the layer has as much mass as the
        region itself when :math:`\beta n=(A/P)^3`, which for the 5-gon at c = 6 is more than 1300. At smaller
        :math:`n` the expansion in :math:`n^{-1/3}` is of no use, and :math:`M_n` itself has to be
        computed.""",
    )
    page.check("(A/P)³ > 1300 for k = 5, c = 6", bool(((first + second) / inside) ** 3 > 1300))


def numbers(k: int, c: int) -> list[str]:
    """P, A and A/P to six digits."""
    with mpmath.workdps(DIGITS):
        inside, excess = mass(k), sum(layer(k, c))
        return [mpmath.nstr(x, 6) for x in (inside, excess, excess / inside)]
