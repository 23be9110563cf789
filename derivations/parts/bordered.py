"""Section 3 of derivation 4: bordered matrices, the systems of events, normal forms."""

from __future__ import annotations

import sympy as sp
from parts.page import Page, is_zero, tex


def bordered(page: Page) -> None:
    """Bordered matrices, the augmented systems, branch points, kinks, textbook examples."""
    page.section("4.3 Bordered systems")
    _borders(page)
    _events(page)
    _branch_points(page)
    _kinks(page)
    _examples(page)


def _borders(page: Page) -> None:
    page.text(
        r"""Let :math:`F:\mathbb R^n\times\mathbb R\to\mathbb R^n` be :math:`C^2`, with
        :math:`F=\nabla L` symmetric where that is used, :math:`H=F_x`, :math:`g=F_p`. A solution is
        *regular* if the :math:`n\times(n+1)` matrix :math:`F'=(H,g)` has rank :math:`n`: then the solutions
        near it are one curve, with tangent :math:`t`, the unit vector with :math:`F't=0` (up to sign).""",
        r"""**Lemma 4.** Let :math:`A` be :math:`n\times n`, and
        :math:`M=\begin{pmatrix}A&b\\c^{\mathsf T}&d\end{pmatrix}`. (i) If :math:`A` is regular,
        :math:`\det M=\det A\,(d-c^{\mathsf T}A^{-1}b)`. (ii) If :math:`\ker A` is spanned by :math:`v` and
        :math:`\ker A^{\mathsf T}` by :math:`\psi`, then :math:`M` is regular exactly if
        :math:`\psi^{\mathsf T}b\ne0` and :math:`c^{\mathsf T}v\ne0`. (iii) If :math:`\dim\ker A\ge2`,
        :math:`M` is singular.""",
        r"""**Proof.** (i) Eliminate. (ii) Let :math:`M(x,y)=0`. Then
        :math:`\psi^{\mathsf T}b\,y=0`. If :math:`\psi^{\mathsf T}b\ne0`, :math:`y=0`, :math:`x=\alpha v`,
        :math:`\alpha\,c^{\mathsf T}v=0`; so :math:`M` is regular if :math:`c^{\mathsf T}v\ne0`, and
        :math:`(v,0)` is in its kernel otherwise. If :math:`\psi^{\mathsf T}b=0`, the first :math:`n` rows of
        :math:`M` are dependent, as :math:`\psi` annihilates them. (iii) The first :math:`n` rows have rank at
        most :math:`n-1`. ∎""",
    )
    n = 3
    A = sp.Matrix(n, n, sp.symbols(f"a:{n * n}"))
    b, c, d = sp.Matrix(sp.symbols(f"b:{n}")), sp.Matrix(sp.symbols(f"c:{n}")), sp.Symbol("d")

    def full(inner: sp.Matrix) -> sp.Matrix:
        return sp.Matrix(sp.BlockMatrix([[inner, b], [c.T, sp.Matrix([[d]])]]))

    eliminated = d * A.det() - (c.T * A.adjugate() * b)[0]
    simple = sp.diag(0, A[4], A[8])
    page.check(
        r"""Lemma 4 (i) for three symbolic dimensions; (ii) for :math:`A=\operatorname{diag}(0,a_1,a_2)`,
        where :math:`\det M=-a_1a_2\,b_0c_0`; (iii) for :math:`\operatorname{diag}(0,0,a_2)`""",
        is_zero(full(A).det() - eliminated)
        and is_zero(full(simple).det() + A[4] * A[8] * b[0] * c[0])
        and is_zero(full(sp.diag(0, 0, A[8])).det()),
    )
    page.text(
        r"""**Proposition 5 (pseudo-arclength).** The matrix of a step, :math:`F'` with the row
        :math:`\tau^{\mathsf T}` below, is regular exactly if the solution is regular and
        :math:`\tau\cdot t\ne0`. A solution is regular where :math:`H` is, and at a *simple fold*:
        :math:`\ker H=\langle v\rangle`, :math:`v\cdot g\ne0`; there :math:`t=(v,0)`, and on the curve
        :math:`\ddot p=-D^3L[v,v,v]/(v\cdot g)` by arclength.""",
        r"""**Proof.** The kernel of the matrix is the set of multiples of :math:`t` orthogonal to
        :math:`\tau`, if :math:`F'` has rank :math:`n`, and not 0 otherwise. At a simple fold :math:`g` is
        not in :math:`\operatorname{ran}H=v^\perp`. Differentiate :math:`F=0` twice along the curve and
        multiply by :math:`v`: :math:`D^3L[v,v,v]+v\cdot g\,\ddot p=0`. ∎""",
        r"""So folds are ordinary points for the walk; :math:`\dot p` changes sign there if
        :math:`D^3L[v,v,v]\ne0`.""",
    )


def _events(page: Page) -> None:
    page.text(
        r"""The package locates and encloses an event as a zero of a larger square system
        (``kgon.branches.events``). Newton's method converges and Krawczyk's test can succeed only where the
        Jacobian is regular:""",
        r"""**Theorem 6.** Let :math:`F=\nabla L`. (i) *Fold:* at a zero of
        :math:`(F,\;Hv,\;\lvert v\rvert^2-1)` in :math:`(x,p,v)` the Jacobian is regular exactly if
        :math:`\dim\ker H=1`, :math:`v\cdot g\ne0` and :math:`D^3L[v,v,v]\ne0`.
        (ii) *Symmetry breaking:* let :math:`x` range over the symmetric subspace, with the blocks
        :math:`H_+`, :math:`H_-` of Proposition 3. At a zero of :math:`(F_+,\;H_-v,\;\lvert v\rvert^2-1)` it
        is regular exactly if :math:`(H_+,g)` has full rank, :math:`\dim\ker H_-=1`, and along the branch
        :math:`\tfrac d{ds}\,v^{\mathsf T}H_-v\ne0`. (iii) *Border:* at a zero of :math:`(F,\varphi)` in
        :math:`(x,p)` it is regular exactly if the solution is regular and
        :math:`\varphi` has a derivative :math:`\ne0` along the branch. (iv) *Maxwell point:* at a zero of
        :math:`(F_1,\;F_2,\;L_1-L_2)` in :math:`(x_1,x_2,p)` its determinant is
        :math:`\det H_1\,\det H_2\,(\partial_pL_1-\partial_pL_2)`: regular exactly if both points are
        nondegenerate and the losses cross with different slopes.""",
        r"""**Proof.** (i) Let :math:`(\xi,\pi,\nu)` be in the kernel:""",
    )
    page.math(
        r"H\xi+g\pi=0,\qquad D^3L[v,\xi]+\pi\,\partial_pH\,v+H\nu=0,\qquad v\cdot\nu=0.",
    )
    page.text(
        r"""Let the three conditions hold. Times :math:`v`, the first equation gives :math:`\pi=0`; so
        :math:`\xi=\alpha v`. Times :math:`v`, the second gives :math:`\alpha D^3L[v,v,v]=0`, so
        :math:`\xi=0`; then :math:`H\nu=0`, :math:`v\cdot\nu=0`, so :math:`\nu=0`. Conversely, if
        :math:`\dim\ker H\ge2` the first :math:`n` rows have rank at most :math:`n-1`. If
        :math:`D^3L[v,v,v]=0`, :math:`\xi=v`, :math:`\pi=0` solves the first equation, and the second can be
        solved for :math:`\nu\perp v`. If :math:`D^3L[v,v,v]\ne0` and
        :math:`v\cdot g=0`, take :math:`\pi=1`, :math:`\xi=\xi_0+\alpha v` with :math:`H\xi_0=-g`, and
        :math:`\alpha` such that the second can be solved. (ii) The first rows say that :math:`(\xi,\pi)` is a
        multiple :math:`\alpha` of the tangent if their rank is full, and otherwise are dependent. As in (i)
        the second ones can be solved for :math:`\nu\perp v` exactly if
        :math:`\alpha\,\tfrac d{ds}v^{\mathsf T}H_-v=0`. If :math:`\dim\ker H_-\ge2`, some
        :math:`\nu\perp v` in it is in the kernel of all. (iii) Proposition 5 with
        :math:`\tau=\varphi'`. (iv) The gradients in the last row vanish, so the matrix is block triangular.
        ∎""",
        r"""Two eigenvalues that vanish at once, or a cusp, cannot be proved in this way.""",
    )
    # (i) on the two-dimensional model with every coefficient symbolic.
    x, y, p, v, w = sp.symbols("x y p v w")
    k = sp.symbols("k:8")
    L = p * (k[0] * x + k[1] * y) + k[2] * y**2 / 2 + k[3] * x**3 / 6
    L += k[4] * x**2 * y / 2 + k[5] * x * y**2 / 2 + p * (k[6] * x**2 / 2 + k[7] * x * y)
    F = [sp.diff(L, q) for q in (x, y)]
    H = sp.hessian(L, (x, y))
    system = sp.Matrix([*F, *(H * sp.Matrix([v, w])), v**2 + w**2 - 1])
    at = {x: 0, y: 0, p: 0, v: 1, w: 0}
    determinant = system.jacobian([x, y, p, v, w]).subs(at).det()
    page.check(
        r"""Theorem 6 (i) for two unknowns, :math:`H=\operatorname{diag}(0,k_2)` and all other coefficients
        up to order three that enter symbolic: the determinant is, up to sign, :math:`2k_2^2\,(v\cdot
        g)\,D^3L[v,v,v]`""",
        is_zero(determinant**2 - (2 * k[2] ** 2 * k[0] * k[3]) ** 2),
    )
    # (ii): one even and one odd unknown.
    L = k[0] * p * x + k[1] * x**2 / 2 + (k[2] * p + k[3] * x) * y**2 / 2 + k[4] * y**4
    odd = sp.diff(L, y, 2).subs(y, 0)
    system = sp.Matrix([sp.diff(L, x).subs(y, 0), odd * v, v**2 - 1])
    determinant = system.jacobian([x, p, v]).subs({x: 0, p: 0, v: 1}).det()
    along = (odd.subs(x, -k[0] * p / k[1])).diff(p)
    page.check(
        r"""Theorem 6 (ii) for one even and one odd unknown: the determinant is :math:`\pm2H_+\,\tfrac
        d{dp}H_-`""",
        is_zero(determinant**2 - (2 * k[1] * along) ** 2),
    )


def _branch_points(page: Page) -> None:
    page.text(
        r"""**Theorem 7 (simple branch points).** Let :math:`G:\mathbb R^{n+1}\to\mathbb R^n` be
        :math:`C^3`, :math:`G(u_0)=0`, :math:`\ker G'(u_0)=\langle\phi_1,\phi_2\rangle`,
        :math:`\psi^{\mathsf T}G'(u_0)=0`, and :math:`\alpha_{ij}=\psi^{\mathsf T}G''[\phi_i,\phi_j]`. The
        *algebraic branching equation* is""",
    )
    page.math(r"\alpha_{11}\zeta_1^2+2\alpha_{12}\zeta_1\zeta_2+\alpha_{22}\zeta_2^2=0.")
    page.text(
        r"""If :math:`\alpha_{12}^2-\alpha_{11}\alpha_{22}>0`, the zeros of :math:`G` near :math:`u_0` are two
        :math:`C^1` curves that cross there, with its two roots as tangents; if it is negative, :math:`u_0`
        is an isolated zero. In the first case the bordered determinant changes sign along each of the two
        curves.""",
        r"""**Proof.** Write :math:`u=u_0+\zeta_1\phi_1+\zeta_2\phi_2+\eta`, :math:`\eta\perp\ker G'`. The
        part of :math:`G=0` in :math:`\operatorname{ran}G'` is solved for :math:`\eta=\eta(\zeta)`,
        :math:`\eta'(0)=0`, by the implicit function theorem; what is left is one equation
        :math:`f(\zeta)=\psi^{\mathsf T}G=0` with :math:`f(0)=0`, :math:`f'(0)=0`,
        :math:`f''(0)=(\alpha_{ij})`. Apply Morse's lemma. Let :math:`t` be one root and
        :math:`\phi` in the kernel independent of it. In bases that begin with
        :math:`\psi` and :math:`\phi`, :math:`t`, the bordered matrix at arclength :math:`s` is regular but
        for the entry :math:`s\,\psi^{\mathsf T}G''[t,\phi]+o(s)`; this is not 0, because :math:`t` is a
        simple root of the form. ∎""",
        r"""With :math:`G=F` and a branch :math:`x=0`, this is the *transcritical* point if
        :math:`\psi^{\mathsf T}F_{xx}[\phi,\phi]\ne0`, and a *pitchfork* if it is 0, as it is
        where a symmetry turns :math:`\phi` into :math:`-\phi`: then one root is
        :math:`\dot p=0`. ``switch`` solves :math:`G=0` together with
        :math:`\lvert K(u-u_0)\rvert=r`, :math:`K` the projection to the kernel: four solutions near the
        four half branches.""",
    )
    # The bordered determinant of the general quadratic form in two dimensions.
    s, z1, z2 = sp.symbols("s zeta_1 zeta_2")
    r1, r2, q1, q2, third = sp.symbols("r_1 r_2 q_1 q_2 e")
    form = (r2 * z1 - r1 * z2) * (q2 * z1 - q1 * z2) + third * z1**3
    row = sp.Matrix([[sp.diff(form, z) for z in (z1, z2)], [r1, r2]])
    slope = sp.diff(row.subs({z1: s * r1, z2: s * r2}).det(), s).subs(s, 0)
    page.check(
        r"""for the form with roots :math:`r`, :math:`q` in two unknowns the bordered determinant along
        :math:`r` is :math:`s\,\lvert r\rvert^2(r_1q_2-r_2q_1)` to first order, up to sign""",
        is_zero(slope**2 - ((r1**2 + r2**2) * (r1 * q2 - r2 * q1)) ** 2),
    )


def _kinks(page: Page) -> None:
    page.text(
        r"""**Theorem 8 (borders of smoothness).** Let :math:`F` be continuous, equal to the :math:`C^1`
        functions :math:`F_1` where :math:`\varphi\le0` and :math:`F_2` where :math:`\varphi\ge0`, near a
        solution on the border with :math:`\varphi'\ne0`. Then :math:`F_2'=F_1'+\kappa\,\varphi'` for some
        vector :math:`\kappa`, and
        :math:`D=\det\begin{pmatrix}F_i'\\\varphi'\end{pmatrix}` is the same for :math:`i=1,2`. If
        :math:`D\ne0`, exactly one half branch leaves the point on each side. With tangents scaled to
        :math:`\varphi't_i=1` (from side 1 to side 2), :math:`\dot p_i=\det\partial_xF_i/D`: the parameter
        turns round at the border exactly if :math:`\det\partial_xF_1` and :math:`\det\partial_xF_2` have
        opposite signs. In particular, if :math:`F=\nabla L`, it does so exactly if the number of negative
        eigenvalues changes by an odd number.""",
        r"""**Proof.** :math:`F_1=F_2` on the border, so their derivatives agree along it, on the kernel of
        :math:`\varphi'`. A multiple of the last row may be added to the others. :math:`D\ne0` says that
        :math:`F_i` has rank :math:`n` and that its curve crosses the border; the half on side :math:`i`
        belongs to :math:`F`. The formula for :math:`\dot p` is Cramer's rule for
        :math:`F_i't=0`, :math:`\varphi't=1`. ∎""",
    )
    n = 2
    first = sp.Matrix(n, n + 1, sp.symbols(f"f:{n * (n + 1)}"))
    jump, slope = sp.Matrix(sp.symbols("kappa:2")), sp.Matrix([sp.symbols("h:3")])
    second = first + jump * slope

    def whole(top: sp.Matrix) -> sp.Matrix:
        return sp.Matrix.vstack(top, slope)

    cramer = [
        is_zero((whole(top).adjugate() * sp.Matrix([0, 0, 1]))[2] - top[:, :2].det())
        for top in (first, second)
    ]
    page.check(
        r"""for two unknowns, all entries symbolic: D is the same on both sides, and
        :math:`D\,\dot p_i=\det\partial_xF_i`""",
        is_zero(whole(first).det() - whole(second).det()) and all(cramer),
    )
    page.text(
        r"""Of the borders of this potential only :math:`\lVert W_j\rVert^2+b_j=0` is one: the others are
        crossed with continuous second derivatives (derivation 1, Propositions 3 and 4), unless
        :math:`W_i\cdot W_j=b_j=0`.""",
    )


def _examples(page: Page) -> None:
    page.text(
        r"""The tests of ``kgon.numerics.continuation`` use textbook equations with exact answers. An event at
        :math:`(x,p)` on the list is a simple fold (:math:`F=F_x=0`, :math:`F_{xx}F_p\ne0`), or a simple
        branch point (:math:`F=F_x=F_p=0`, :math:`F_{xp}^2-F_{xx}F_{pp}>0`):""",
    )
    x, p = sp.symbols("x p", real=True)
    h, r, e = sp.symbols("h r e", positive=True)
    b = sp.Symbol("b", positive=True)
    oval = (x**2 + p**2) ** 2 - 2 * (p**2 - x**2) + 1 - b**4
    cases: list[tuple[str, sp.Expr, list[tuple[str, sp.Expr, sp.Expr]]]] = [
        ("fold", x**2 + p, [("fold", 0, 0)]),
        ("transcritical", p * x - x**2, [("branch point", 0, 0)]),
        ("pitchfork", p * x - x**3, [("branch point", 0, 0)]),
        ("broken pitchfork", x * p - x**3 + 2 * e**3, [("fold", -e, 3 * e**2)]),
        ("cusp unfolded", x**3 - 3 * r**2 * x - p, [("fold", -r, 2 * r**3), ("fold", r, -2 * r**3)]),
        (
            "fold beside a branch point",
            x * (p - h * x - x**2),
            [("branch point", 0, 0), ("fold", -h / 2, -(h**2) / 4)],
        ),
        ("circle", x**2 + p**2 - 1, [("fold", 0, 1), ("fold", 0, -1)]),
        (
            r"isola, :math:`b<1`",
            oval,
            [("fold", 0, sp.sqrt(1 + b**2)), ("fold", 0, sp.sqrt(1 - b**2))],
        ),
        ("lemniscate", oval.subs(b, 1), [("branch point", 0, 0), ("fold", 0, sp.sqrt(2))]),
        ("Bratu, two points", x - p / 9 * sp.exp(x), [("fold", 1, 9 / sp.E)]),
    ]
    rows, holds = [], True
    for name, f, events in cases:
        places = []
        for kind, at_x, at_p in events:
            holds &= _is(kind, f, x, p, at_x, at_p)
            places.append(f"{kind} :math:`({tex(sp.sympify(at_x))},\\,{tex(sp.sympify(at_p))})`")
        rows.append([name, f":math:`{tex(f)}`", ", ".join(places)])
    page.table(["", ":math:`F`", "events :math:`(x,p)`"], rows)
    page.check("every event of the table, symbolically", holds)
    page.check(
        "a cusp is none of these: x³ − p at (0, 0), where the fold's third condition fails",
        not _is("fold", x**3 - p, x, p, 0, 0),
    )
    u = sp.Matrix(sp.symbols("u_1 u_2"))
    bratu = sp.Matrix([[2, -1], [-1, 2]]) * u - p / 9 * u.applyfunc(sp.exp)
    at = {u[0]: 3, u[1]: 3, p: 27 * sp.exp(-3)}
    jacobian = bratu.jacobian(u).subs(at)
    page.check(
        """Bratu's equation on two points has at u₁ = u₂ = 3, p = 27e⁻³ the antisymmetric null vector (1, −1),
        and its symmetric eigenvalue is not 0""",
        all(is_zero(z) for z in [*bratu.subs(at), *(jacobian * sp.Matrix([1, -1]))])
        and (jacobian * sp.Matrix([1, 1]))[0] != 0,
    )
    page.check(
        """Lorenz's equations have at 0 the determinant 80(p − 1)/3, and the branch x = y = ±√(8(p − 1)/3),
        z = p − 1""",
        _lorenz(),
    )
    left, right = sp.symbols("l r", real=True)
    page.check(
        r"""a kink: :math:`p=lx` for :math:`x<0` and :math:`rx` for :math:`x>0` has the determinants
        :math:`l`, :math:`r`, and by Theorem 8 :math:`\dot p=l`, :math:`r` on the two sides: it turns for
        :math:`lr<0`""",
        all(
            sp.Matrix([[slope, -1], [1, 0]]).det() == 1
            and sp.Matrix([[slope, -1], [1, 0]]).solve(sp.Matrix([0, 1]))[1] == slope
            for slope in (left, right)
        ),
    )


def _is(kind: str, f: sp.Expr, x: sp.Symbol, p: sp.Symbol, at_x: sp.Expr, at_p: sp.Expr) -> bool:
    """Whether f has a simple fold or branch point at a place."""

    def value(*orders: sp.Symbol) -> sp.Expr:
        return sp.simplify((sp.diff(f, *orders) if orders else f).subs({x: at_x, p: at_p}))

    if value() != 0 or value(x) != 0:
        return False
    if kind == "fold":
        return bool(value(x, x) != 0 and value(p) != 0)
    discriminant = value(x, p) ** 2 - value(x, x) * value(p, p)
    return bool(value(p) == 0 and discriminant.is_positive)


def _lorenz() -> bool:
    X, Y, Z, p = sp.symbols("X Y Z p")
    F = sp.Matrix([10 * (Y - X), X * (p - Z) - Y, X * Y - sp.Rational(8, 3) * Z])
    root = sp.sqrt(sp.Rational(8, 3) * (p - 1))
    determinant = F.jacobian([X, Y, Z]).det().subs({X: 0, Y: 0, Z: 0})
    branch = F.subs({X: root, Y: root, Z: p - 1})
    return bool(
        is_zero(determinant - sp.Rational(80, 3) * (p - 1)) and all(sp.simplify(z) == 0 for z in branch)
    )
