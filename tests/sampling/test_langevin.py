"""Langevin chains: exact moments, the step-size bias, known λ, and broken samplers that must be caught."""

import inspect
import types

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.potential.data import sample
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.kernels import langevin as kernel
from kgon.potential.kernels.sgd import make_rows
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import langevin as sampling_langevin
from kgon.sampling.diagnostics import monte_carlo_error
from kgon.sampling.langevin import Langevin, LangevinDraws, adapted, run_langevin

SIX, ONE = TMS(6), TMS(1, 1)
POINT = np.array([0.9, 0.05])


def mutant(*changes):
    """The kernel with pieces of its source replaced, compiled anew."""
    source = inspect.getsource(kernel).replace(
        "from kgon.potential.kernels._jit import njit", "from numba import njit"
    )
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    space: dict = {}
    exec(compile(source, "mutant", "exec"), space)

    constants = {name: getattr(kernel, name) for name in ("SUMS", "TOGETHER", "Dynamics")}
    return types.SimpleNamespace(chains=space["chains"], **constants)


MOVE = "w - 0.5 * step_size * drift + root * load(at.noise, k, zero)"
BROKEN = {
    "no density of the proposal": [("0.5 * reversal / step_size", "0.0")],
    "noise twice as strong": [("np.sqrt(step_size)", "np.sqrt(2.0 * step_size)")],
    "no factor 1/2": [(MOVE, MOVE.replace("0.5 * ", ""))],
    "no localiser in the drift": [
        (
            "drift = strength * load(at.fx, k, zero) + precision * (w - centre[k])",
            "drift = strength * load(at.fx, k, zero)",
        )
    ],
    "no loss in the ratio": [("log_ratio = -strength * change", "log_ratio = 0.0")],
    "no localiser in the ratio": [("log_ratio -= 0.5 * precision * moved * (x0 + y0)", "log_ratio -= 0.0")],
    "test upside down": [("if -at.log_ratio[s] <", "if at.log_ratio[s] <")],
    "a rejected proposal's loss": [
        ("    if -at.log", "    at.loss[s] = at.new[s]\n    if -at.log")
    ],
    "everything is accepted": [("if not dynamics.metropolis:", "if True:")],
}  # fmt: skip
UNADJUSTED = ("noise twice as strong", "no factor 1/2", "no localiser in the drift")
"""Those that concern SGLD."""


@pytest.fixture(scope="module")
def broken():
    return {name: mutant(*changes) for name, changes in BROKEN.items()}


# --- the checks: each returns how many of its tolerances the result is off -----------------------


def prior_alone(metropolis):
    """Moments of ‖w − w*‖² without loss, at a step that without the Metropolis test has 1/(1 − ε/4) = 1.43.

    The standard error of the mean square over d is 0.002, that of the fourth moment over d(d + 2) 0.005; the
    tolerances are five of them, and a broken sampler is off by more than two tolerances.
    """
    settings = Langevin(strength=0.0, step_size=1.2, steps=20_000, burn_in=100, metropolis=metropolis)
    found = run_langevin(Potential(SIX), np.linspace(-1, 1, 18), settings, chains=10, seed=1)
    scale = 1.0 if metropolis else 1 / (1 - 0.3)
    second = found.square.mean() / (18 * scale) - 1
    fourth = (found.square**2).mean() / (18 * 20 * scale**2) - 1
    return max(abs(second) / 0.01, abs(fourth) / 0.025)


def quadrature(strength, precision):
    """E[s (L − L(w*))] and E‖w − w*‖² for one feature in one dimension, on a grid; the loss is not kgon's."""
    x, y = np.linspace(-2.5, 3.5, 801), np.linspace(-3, 3, 801)
    X, Y = np.meshgrid(x, y, indexing="ij")
    ones = np.ones(1)
    loss = truth.loss(X.reshape(-1, 1, 1), Y.reshape(-1, 1), ones, ones).reshape(X.shape)
    excess = loss - truth.loss(POINT[:1].reshape(1, 1), POINT[1:], ones, ones)
    square = (X - POINT[0]) ** 2 + (Y - POINT[1]) ** 2
    density = np.exp(-strength * excess - 0.5 * precision * square)
    total = density.sum()
    return strength * np.sum(excess * density) / total, np.sum(square * density) / total


def one_feature():
    """MALA against quadrature: far from Gaussian, with a step at which half of the moves are rejected.

    The relative standard errors of both means are 0.004 and 0.006; the tolerance is five of the larger one,
    and a broken sampler is off by more than two tolerances.
    """
    settings = Langevin(
        strength=20.0, precision=9.0, step_size=0.04, steps=40_000, burn_in=500, metropolis=True
    )
    found = run_langevin(Potential(ONE), POINT, settings, chains=10, seed=2)
    energy, square = quadrature(20.0, 9.0)
    return max(
        abs(20 * found.excess.mean() / energy - 1) / 0.03, abs(found.square.mean() / square - 1) / 0.03
    )


def hexagon(metropolis):
    """λ̂ at the hexagon, n = 10⁹, γ = 10⁴, where L is quadratic to one part in 10³.

    With eigenvalues hᵢ of the Hessian and kᵢ = s hᵢ + γ it is Σ ½ s hᵢ/kᵢ, each term over 1 − ε kᵢ/4 for
    SGLD, which at this step is 1 more.  Tolerance 0.25, half the spacing of λ: five standard errors.
    """
    s = 1e9 / np.log(1e9)
    values = np.linalg.eigvalsh(Potential(SIX).hessian(*SIX.unpack(HEXAGON)))
    curvature = s * values + 1e4
    size = 1.0 / curvature.max()
    settings = Langevin(
        strength=s, precision=1e4, step_size=size, steps=40_000, burn_in=2000, metropolis=metropolis
    )
    found = run_langevin(Potential(SIX), HEXAGON, settings, chains=10, seed=3)
    growth = 1.0 if metropolis else 1 / (1 - size * curvature / 4)
    exact = np.sum(0.5 * s * values / curvature * growth)
    assert abs(exact - 8.5) > 1 or metropolis
    return abs(s * found.excess.mean() - exact) / 0.25


CHECKS = {
    "prior": lambda: prior_alone(True),
    "one feature": one_feature,
    "hexagon": lambda: hexagon(True),
}
SGLD_CHECKS = {"prior": lambda: prior_alone(False), "hexagon": lambda: hexagon(False)}


def _regular_hexagon():
    """The hexagon by Newton's method on the gradient; l² and b from its two equations, not the catalogue."""
    tms, angles = SIX, 2 * np.pi * np.arange(6) / 6
    x = np.array([1.15, -0.28])

    def gradient(x):
        W = x[0] * np.array([np.cos(angles), np.sin(angles)])
        grad_W, grad_b = truth.gradient(W, np.full(6, x[1]), tms.probability, tms.importance)
        return np.array([np.sum(grad_W * W) / x[0], grad_b.sum()])

    for _ in range(60):
        jacobian = np.array([(gradient(x + h) - gradient(x - h)) / 2e-6 for h in 1e-6 * np.eye(2)]).T
        x = x - np.linalg.solve(jacobian, gradient(x))
    assert np.abs(gradient(x)).max() < 1e-12
    return np.concatenate([x[0] * np.cos(angles), x[0] * np.sin(angles), np.full(6, x[1])])


HEXAGON = _regular_hexagon()


@pytest.mark.parametrize("check", CHECKS)
def test_mala_has_the_right_moments(check):
    assert CHECKS[check]() < 1


@pytest.mark.parametrize("check", SGLD_CHECKS)
def test_sgld_has_the_moments_of_its_step_size(check):
    assert SGLD_CHECKS[check]() < 1


@pytest.mark.slow  # the right kernel is held against the same numbers each time
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_mala_is_caught(monkeypatch, broken, name):
    monkeypatch.setattr(sampling_langevin, "kernel", broken[name])
    with np.errstate(all="ignore"):
        assert any(not check() <= 2 for check in CHECKS.values())  # true for NaN


@pytest.mark.slow  # the right kernel is held against the same numbers each time
@pytest.mark.parametrize("name", UNADJUSTED)
def test_a_broken_sgld_is_caught(monkeypatch, broken, name):
    monkeypatch.setattr(sampling_langevin, "kernel", broken[name])
    with np.errstate(all="ignore"):
        assert any(not check() <= 2 for check in SGLD_CHECKS.values())


# --- the step-size bias ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0.05, 0.8, 2.0])
def test_the_bias_of_a_gaussian_is_exact(size):
    """E[γ x²] = 1/(1 − εγ/4) for the localiser alone; all of ∇U is its."""
    settings = Langevin(
        strength=0.0, precision=1.5, step_size=size, steps=int(10_000 / min(size, 1)), burn_in=500
    )
    found = run_langevin(Potential(SIX), np.zeros(18), settings, chains=4, seed=4)
    exact = 18 / (1 - size * 1.5 / 4)
    # The relative standard error of the mean square is at most 0.005: 40 000 draws of 18 numbers, a share of
    # ε/2 of them new.
    assert abs(1.5 * found.square.mean() / exact - 1) < 0.02
    assert abs(found.virial.mean() / exact - 1) < 0.02
    assert abs(size / 8 * found.force.mean() - (exact - 18) / 2) < 0.02 * exact
    assert found.bias == 0  # of the loss, which does not count here


def test_the_identity_of_the_stationary_chain_holds_on_the_real_potential():
    """E[(w − w*)·∇U] = d + (ε/4) E‖∇U‖²: what is left is what ‖w − w*‖² has grown by, divided by ε·steps."""
    s = 5000 / np.log(5000)
    found = run_langevin(
        Potential(SIX), HEXAGON, Langevin(strength=s, steps=100_000, burn_in=10_000), chains=4, seed=5
    )
    gap = found.virial.mean() - 18 - found.settings.step_size / 4 * found.force.mean()
    assert found.settings.step_size / 4 * found.force.mean() > 1  # the term that the test is about
    # Noise of 2 (w − w*)·z/√ε per step: 2·1.2·32/√400 000 ≈ 0.12 / 2; five of these.
    assert abs(gap) < 0.3


def test_the_bias_is_what_mala_does_not_have():
    s = 5000 / np.log(5000)
    exact = adapted(
        Potential(SIX), HEXAGON, Langevin(strength=s, steps=50_000, burn_in=10_000, metropolis=True)
    )
    mala = s * run_langevin(Potential(SIX), HEXAGON, exact, chains=10, seed=6).excess
    found = run_langevin(
        Potential(SIX), HEXAGON, Langevin(strength=s, steps=50_000, burn_in=10_000), chains=10, seed=7
    )
    energy = s * found.excess
    error = np.hypot(monte_carlo_error(mala), monte_carlo_error(energy))
    assert error < 0.06
    assert 0.5 < found.bias < 0.9
    # The potential is not quadratic: right to a third of the bias, as an estimate should be.
    assert abs(energy.mean() - found.bias - mala.mean()) < found.bias / 3
    assert energy.mean() - mala.mean() > 0.3


@pytest.mark.slow
def test_batches_add_their_noise_to_the_bias():
    s = 5000 / np.log(5000)
    loss = EmpiricalLoss(SIX, *sample(SIX, 5000, seed=0))
    common = {"strength": s, "step_size": 2e-4, "steps": 30_000, "burn_in": 10_000}
    whole = run_langevin(loss, HEXAGON, Langevin(**common), chains=10, seed=8)
    parts = run_langevin(loss, HEXAGON, Langevin(**common, batch=50), chains=10, seed=8)
    assert parts.noise.mean() > 0.1 * parts.force.mean() and whole.noise.max() == 0
    assert parts.bias > 1.5 * whole.bias
    added = s * (parts.excess.mean() - whole.excess.mean())
    assert 0 < added < 2 * (parts.bias - whole.bias) + 0.2  # two standard errors of 0.1


# --- λ at n = 10⁶ ------------------------------------------------------------------------------


@pytest.mark.parametrize("metropolis", [False, True])
def test_lambda_of_the_hexagon_at_a_million(metropolis):
    """8.5 less about ½ Σ γ/(s hᵢ) ≈ 0.1: tolerance 0.25, half the spacing of the values that λ takes."""
    s = 1e6 / np.log(1e6)
    settings = Langevin(strength=s, precision=100.0, step_size=0.3 / s, steps=40_000, burn_in=10_000)
    if metropolis:
        settings = adapted(Potential(SIX), HEXAGON, settings, seed=9)
    energy = s * run_langevin(Potential(SIX), HEXAGON, settings, chains=10, seed=9).excess
    assert monte_carlo_error(energy) < 0.08
    assert abs(energy.mean() - 8.5) < 0.25


# --- the pieces --------------------------------------------------------------------------------


def test_the_gradient_of_a_batch_is_that_of_its_samples():
    tms, rng = TMS(5, 2, importance=[1, 2, 0.5, 1, 3]), np.random.default_rng(0)
    loss = EmpiricalLoss(tms, *sample(tms, 200, seed=1))
    for _ in range(20):
        W, b = rng.standard_normal((2, 5)), rng.standard_normal(5)
        chosen = rng.integers(0, 200, 37)
        gradient = np.empty(15)
        kernel.batch_gradient(
            loss.kernel_arrays, chosen, tms.pack(W, b), make_rows(2, tms.importance), gradient
        )
        grad_W, grad_b = tms.unpack(gradient)
        feature = np.searchsorted(loss.kernel_arrays.start, chosen, side="right") - 1
        part = EmpiricalLoss(tms, feature, loss.kernel_arrays.amplitude[chosen])
        _, right_W, right_b = part.loss_and_gradient(W, b)
        np.testing.assert_allclose(grad_W, right_W, atol=1e-12)
        np.testing.assert_allclose(grad_b, right_b, atol=1e-12)


def test_an_empty_feature_is_never_chosen():
    tms = TMS(3)
    loss = EmpiricalLoss(tms, [0, 2, 2], [0.5, 0.2, 0.9])
    W, b, gradient = np.ones((2, 3)), np.full(3, 0.1), np.empty(9)
    kernel.batch_gradient(
        loss.kernel_arrays, np.array([0, 1, 2]), tms.pack(W, b), make_rows(2, tms.importance), gradient
    )
    np.testing.assert_allclose(tms.unpack(gradient)[1], loss.loss_and_gradient(W, b)[2], atol=1e-13)


def test_batches_of_a_single_sample_have_no_noise():
    """Whatever is drawn, the estimate at a place is the gradient there."""
    loss = EmpiricalLoss(SIX, [0], [0.7])
    settings = Langevin(strength=50.0, step_size=0.01, steps=20, batch=3)
    found = run_langevin(loss, HEXAGON, settings, chains=2, seed=1)
    assert found.square.min() > 0 and found.pull.min() > 1e-6
    assert found.noise.max() < 1e-24


def test_draws_are_those_of_the_positions():
    """The last draw belongs to the last position, for accepted and rejected moves."""
    loss = EmpiricalLoss(SIX, *sample(SIX, 300, seed=2))
    settings = Langevin(strength=50.0, step_size=0.05, steps=50, metropolis=True)
    found = run_langevin(loss, HEXAGON, settings, chains=8, seed=1)
    base = loss.flat(HEXAGON[None])[0][0]
    np.testing.assert_allclose(found.excess[:, -1], loss.flat(found.w)[0] - base, atol=1e-14)
    np.testing.assert_allclose(found.square[:, -1], np.sum((found.w - HEXAGON) ** 2, axis=1), rtol=1e-12)
    moved = np.diff(found.excess, axis=1) != 0
    assert 0 < moved.mean() < 1


def test_burn_in_is_the_beginning_of_the_same_chain():
    loss = Potential(SIX)
    whole = run_langevin(loss, HEXAGON, Langevin(strength=100.0, steps=60), chains=2, seed=5)
    rest = run_langevin(loss, HEXAGON, Langevin(strength=100.0, steps=40, burn_in=20), chains=2, seed=5)
    assert np.array_equal(whole.excess[:, 20:], rest.excess) and np.array_equal(whole.w, rest.w)


@pytest.mark.parametrize("data", [False, True])
def test_places_are_positions_of_the_same_chains(data):
    """What is recorded on the way changes no draw, and belongs to the draw at the end of its part."""
    loss = EmpiricalLoss(SIX, *sample(SIX, 300, seed=2)) if data else Potential(SIX)
    options = {"strength": 300.0, "step_size": 4e-3, "burn_in": 3, "metropolis": True}
    whole = run_langevin(loss, HEXAGON, Langevin(steps=60, **options), chains=5, seed=5)
    found = run_langevin(loss, HEXAGON, Langevin(steps=60, places=6, **options), chains=5, seed=5)
    assert whole.path.shape == (5, 1, 18) and found.path.shape == (5, 6, 18)
    for name in ("excess", "square", "w"):
        assert np.array_equal(getattr(found, name), getattr(whole, name)), name
    for name in ("acceptance", "force", "pull", "virial"):
        np.testing.assert_allclose(getattr(found, name), getattr(whole, name), rtol=1e-12)
    base = loss.flat(HEXAGON[None])[0][0]
    for k in range(6):
        at_end = loss.flat(np.ascontiguousarray(found.path[:, k]))[0] - base
        np.testing.assert_allclose(found.excess[:, 10 * k + 9], at_end, atol=1e-14)


def test_chains_are_discarded_by_their_share_of_draws_below():
    """Chains of 100 draws made by hand: 5 below L(w*) are not more than 5 %, 6 are; at L(w*) is not below."""
    excess = np.full((5, 100), 0.01)
    excess[1, :5], excess[2, :6], excess[3], excess[4, 10:60] = -1e-9, -1e-9, 0.0, -1.0
    numbers = {name: np.arange(5.0) for name in sampling_langevin.COLUMNS[3:]}
    settings = Langevin(strength=100.0, steps=100)
    path, square = np.arange(10.0).reshape(5, 1, 2), np.ones((5, 100))
    made = LangevinDraws(excess=excess, square=square, path=path, settings=settings, **numbers)
    assert made.below().tolist() == [0.0, 0.05, 0.06, 0.0, 0.5]
    kept = made.keep(0.05)
    assert kept.force.tolist() == [0.0, 1.0, 3.0] and kept.w.tolist() == [[0, 1], [2, 3], [6, 7]]
    assert kept.excess.min() == -1e-9 and kept.excess.shape == (3, 100)
    assert made.keep(0.049).force.tolist() == [0.0, 3.0] and len(made.keep(0.5).w) == 5


def test_numbers_depend_on_seed_and_key_but_not_on_the_worker():
    loss, settings = Potential(SIX), Langevin(strength=100.0, steps=20)
    one = run_langevin(loss, HEXAGON, settings, chains=3, seed=5)
    mapped = run_langevin(loss, HEXAGON, settings, chains=3, seed=5, work=Work(workers=map))
    assert np.array_equal(one.excess, mapped.excess)
    for options in ({"seed": 6}, {"seed": 5, "key": (1,)}):
        other = run_langevin(loss, HEXAGON, settings, chains=3, **options)
        assert not np.any(other.excess == one.excess)


OF_A_SAMPLE = EmpiricalLoss(SIX, *sample(SIX, 300, seed=4))


@pytest.mark.parametrize(
    ("loss", "batch", "metropolis"),
    [
        (Potential(SIX), None, False),
        (Potential(SIX), None, True),
        (OF_A_SAMPLE, None, False),
        (OF_A_SAMPLE, None, True),
        (OF_A_SAMPLE, 7, False),
    ],
)
def test_a_chain_has_the_same_bits_alone_and_among_others(loss, batch, metropolis):
    """21 chains fill lanes of 16, and of 5; two leave most lanes idle."""
    options = {"strength": 300.0, "step_size": 4e-3, "steps": 30, "burn_in": 3, "metropolis": metropolis}
    settings = Langevin(**options, batch=batch)
    all_of_them = run_langevin(loss, HEXAGON, settings, chains=21, seed=5)
    some = {chains: run_langevin(loss, HEXAGON, settings, chains=chains, seed=5) for chains in (17, 2)}
    for many, found in some.items():
        for name in sampling_langevin.COLUMNS:
            assert np.array_equal(getattr(found, name), getattr(all_of_them, name)[:many]), name
    if metropolis:
        moved = np.diff(all_of_them.excess, axis=1) != 0
        assert 0.1 < moved.mean() < 0.9  # some are accepted and some are not, lane by lane


def test_chains_that_diverge_leave_the_others_alone():
    """The step is a little too large: of ten chains some leave the numbers, and stay away."""
    settings = Langevin(strength=1e6, step_size=1e-5, steps=60)
    found = run_langevin(Potential(SIX), HEXAGON, settings, chains=10, seed=2)
    left = np.isnan(found.excess)
    assert found.diverged and left[1].any() and not left[0].any()
    assert np.array_equal(left, np.maximum.accumulate(left, axis=1))
    two = run_langevin(Potential(SIX), HEXAGON, settings, chains=2, seed=2)
    for name in sampling_langevin.COLUMNS:
        assert np.array_equal(getattr(two, name), getattr(found, name)[:2], equal_nan=True), name


def test_divergence_is_seen_and_mala_does_not_diverge():
    for metropolis in (False, True):
        settings = Langevin(strength=1e6, step_size=1.0, steps=50, metropolis=metropolis)
        found = run_langevin(Potential(SIX), HEXAGON, settings, chains=2)
        assert found.diverged is not metropolis


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"strength": -1.0}, "strength"),
        ({"precision": 0.0}, "precision must be positive"),
        ({"step_size": np.inf}, "step_size must be positive and finite, got inf"),
        ({"step_size": "small"}, "step_size"),
        ({"steps": 2}, "steps must be an integer of at least 4, got 2"),
        ({"burn_in": -1}, "burn_in"),
        ({"batch": 0}, "batch"),
        ({"places": 0}, "places must be an integer of at least 1, got 0"),
        ({"steps": 60, "places": 7}, "places must be a divisor of the 60 steps, got 7"),
        ({"batch": 5, "metropolis": True}, "Metropolis test"),
    ],
)
def test_bad_settings_are_refused(change, words):
    with pytest.raises(KgonError, match=words):
        Langevin(**({"strength": 10.0} | change))


def test_bad_calls_are_refused():
    settings = Langevin(strength=1.0, batch=5)
    with pytest.raises(KgonError, match="the population loss has none"):
        run_langevin(Potential(SIX), HEXAGON, settings, chains=2)
    with pytest.raises(KgonError, match="chains must be an integer of at least 2, got 1"):
        run_langevin(Potential(SIX), HEXAGON, Langevin(strength=1.0), chains=1)


@pytest.mark.parametrize(
    ("centre", "words"),
    [(np.zeros(19), r"w must have shape \(\.\.\., 18\)"), (np.full(18, np.nan), "W must be finite")],
)
def test_a_centre_that_is_no_point_of_the_model_is_refused(centre, words):
    with pytest.raises(KgonError, match=words):
        run_langevin(Potential(TMS(6)), centre, Langevin(strength=1.0, steps=8), chains=2)
