"""Evidence of the basins: exact curves, plain Monte Carlo, workers, resuming, agreement of runs."""

import json
import math

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.base.work import Work
from kgon.experiments.posterior import evidence_sampling
from kgon.experiments.posterior.evidence import sample_evidence
from kgon.experiments.posterior.evidence_plan import EvidenceBranch, EvidenceSettings, Marks, branches
from kgon.experiments.posterior.evidence_result import Evidence, EvidenceEffort
from kgon.experiments.posterior.masses import Masses, hermite
from kgon.kgons.basins import Basins
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.kgons.values import standard_point
from kgon.potential.descent import LEVEL_TOLERANCE
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.sampling import smc
from kgon.sampling.hmc import State


def evidence_of(*, particles=768, replicates=8, **options):
    """The evidence with this many particles and replicates; ``split`` and so on are marks."""
    marks = {name: options.pop(name) for name in ("split", "separate", "counted") if name in options}
    effort = EvidenceEffort(particles=particles, replicates=replicates)
    return sample_evidence(effort=effort, marks=Marks(**marks), **options)


# --- masses ------------------------------------------------------------------------------------

SIZES = (100.0, 150.0, 250.0, 400.0)


def curve(level, lam, constant, s):
    """F = s L + λ log s + c and its derivative."""
    s = np.asarray(s, dtype=float)
    return level * s + lam * np.log(s) + constant, level + lam / s


FIVE, SIX = (0.0687, 7.0, -10.0), (0.0482, 8.5, -12.5)


def exact_masses(noise=0.0, replicates=4, known=True):
    """Two rows along exact curves; each replicate's mass is off by a factor of mean 1."""
    rng = np.random.default_rng(1)
    values = np.array([curve(*row, SIZES) for row in (FIVE, SIX)])  # (rows, 2, sizes)
    factors = 1 + noise * rng.standard_normal((replicates, 2, 1))
    if noise:
        factors /= factors.mean(axis=0)
    log_mass = -values[None, :, 0] + np.log(factors)
    if not known:
        log_mass[:, 0, -1] = np.nan
    return Masses.of(SIZES, log_mass, np.broadcast_to(values[:, 1], log_mass.shape)), factors


@pytest.mark.parametrize("s", [100.0, 101.0, 123.0, 180.0, 250.0, 333.0, 400.0])
def test_interpolation_follows_the_asymptotic_form(s):
    masses, _ = exact_masses()
    ones = np.ones(4)
    # What is left of the form is λ log s − λ s/s₁, whose second part the cubic follows to about 1e-3 λ.
    for row, law in enumerate((FIVE, SIX)):
        assert masses.curve([row], s, ones) == pytest.approx(float(curve(*law, s)[0]), abs=0.01)
    joint = -np.logaddexp(-curve(*FIVE, s)[0], -curve(*SIX, s)[0])
    assert masses.curve([0, 1], s, ones) == pytest.approx(float(joint), abs=0.02)


def test_hermite_meets_values_and_slopes():
    ends, values, slopes = (100.0, 150.0), np.array([3.0, 5.0]), np.array([0.2, -0.1])
    h = 1e-4
    assert hermite(100.0, ends, values, slopes) == pytest.approx(3, rel=1e-14)
    assert hermite(150.0, ends, values, slopes) == pytest.approx(5, rel=1e-14)
    for s, slope in zip((100.0, 150.0), slopes, strict=True):
        change = hermite(s + h, ends, values, slopes) - hermite(s - h, ends, values, slopes)
        assert change / (2 * h) == pytest.approx(slope, abs=1e-6)


def test_the_crossing_is_where_the_exact_curves_cross():
    masses, _ = exact_masses()
    found = masses.crossing([0], [1], np.ones(4))
    gap = curve(*FIVE, found)[0] - curve(*SIX, found)[0]
    assert 100 < found < 400
    assert abs(gap) < 2e-3
    assert math.isnan(masses.crossing([0], [0, 1], np.ones(4)))  # a part is below the whole everywhere


def test_the_standard_error_is_that_of_the_mean_mass():
    """Jackknife against the delta method, which is exact for small spread; joined rows keep covariance."""
    masses, factors = exact_masses(noise=0.02, replicates=12)
    for rows in ([0], [1], [0, 1]):
        found = masses.jackknife(lambda weights, rows=rows: masses.curve(rows, 250.0, weights))
        mass = np.exp(-np.array([curve(*law, 250.0)[0] for law in (FIVE, SIX)]))[None, :, None] * factors
        total = mass[:, rows, 0].sum(axis=1)
        assert found.value == pytest.approx(-math.log(total.mean()), rel=1e-12)
        assert found.stderr == pytest.approx(total.std(ddof=1) / total.mean() / math.sqrt(12), rel=0.02)


def test_no_mass_is_infinite_and_unknown_mass_is_nan():
    log_mass = np.array([[[-1.0, -np.inf]], [[-2.0, -np.inf]]])
    masses = Masses.of((1.0, 2.0), log_mass, np.zeros_like(log_mass))
    free, _ = masses.nodes([0], np.ones(2))
    assert free[0] == pytest.approx(-math.log((math.exp(-1) + math.exp(-2)) / 2), rel=1e-14)
    assert free[1] == np.inf
    unknown, _ = exact_masses(known=False)
    assert np.isnan(unknown.nodes([0], np.ones(4))[0]).tolist() == [False, False, False, True]
    assert np.isnan(unknown.nodes([0, 1], np.ones(4))[0][-1])


# --- basins ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def particles():
    """2000 points of the posterior at s = 150 and 300."""
    rng, tms = np.random.default_rng(2), TMS(6)
    return smc.pilot(
        rng, smc.prior(rng, Potential(tms), 2000), Potential(tms), 0.0, (150.0, 300.0), keep=(150.0, 300.0)
    ).kept


@pytest.mark.parametrize("labels", [("6",), ("5+",), ("5",), ("5", "5+"), ("6", "5+")])
def test_short_cuts_of_the_indicator_change_nothing(particles, labels):
    basins = Basins(6)
    for state in particles.values():
        whole = np.isin(basins.of(state.w), [basins.index(label) for label in labels])
        assert 20 < whole.sum() < len(whole) - 20
        assert np.array_equal(basins.inside(labels)(state), whole)


def test_end_points_have_the_structure_of_their_label(particles):
    basins = Basins(6)
    ends = basins.descend(particles[300.0].w[:300])
    checked, good = basins.confirmed(ends, most=60)
    assert (checked, good) == (60, 60)
    # A label that is wrong is not confirmed: the same points under the losses of other labels.
    ends.loss[:] = np.roll(basins.levels, 1)[basins.named(ends)]
    assert basins.confirmed(ends, most=60)[1] == 0


def test_an_irregular_minimum_at_the_loss_of_a_k_gon_has_its_own_basin():
    """c = 8: six columns of length 1.32, one positive, one of length about 0.5, at the octagon's loss."""
    basins, rng = Basins(8), np.random.default_rng(0)
    at = basins.index("8")
    ends = basins.descend(0.8 * rng.standard_normal((500, 24)))
    same_loss = ends.converged & (np.abs(ends.loss - basins.levels[at]) <= LEVEL_TOLERANCE)
    assert same_loss.sum() > 20
    longest = np.linalg.norm(basins.tms.unpack(ends.w)[0], axis=1).max(axis=1)
    regular = longest > 1.4  # the octagon's columns have length 1.55
    assert (basins.named(ends)[same_loss & ~regular] == basins.index("6+:mute")).all()
    W, b = standard_point(Label.parse("8"), 8)
    octagon = np.concatenate([W.ravel(), b]) + 1e-3 * rng.standard_normal((20, 24))
    assert (basins.of(octagon) == at).all()


@pytest.mark.parametrize("c", [4, 5, 6, 7, 8])
def test_every_level_has_one_label(c):
    basins = Basins(c)
    assert len(basins.labels) == len(basins.levels) == len(set(basins.labels))
    assert (np.diff(basins.levels) > 0).all()
    with pytest.raises(KgonError, match="'9' is not a basin"):
        basins.index("9")


# --- plan --------------------------------------------------------------------------------------


def _settings(sizes, split=300.0, separate=700.0):
    return EvidenceSettings(c=6, sizes=sizes, particles=100, marks=Marks(split=split, separate=separate))


def test_groups_come_first_and_divide():
    found = branches(_settings((200.0, 500.0, 1000.0)), ("6", "5+", "5"))
    assert found == [
        EvidenceBranch(labels=("6",), start=300.0, parent=(), sizes=(500.0, 1000.0)),
        EvidenceBranch(labels=("5+", "5"), start=300.0, parent=(), sizes=(500.0, 700.0)),
        EvidenceBranch(labels=("5+",), start=700.0, parent=("5+", "5"), sizes=(1000.0,)),
        EvidenceBranch(labels=("5",), start=700.0, parent=("5+", "5"), sizes=(1000.0,)),
    ]


def test_short_ranges_need_no_division():
    assert branches(_settings((200.0, 500.0)), ("5+", "5")) == [
        EvidenceBranch(labels=("5+", "5"), start=300.0, parent=(), sizes=(500.0,))
    ]
    assert branches(_settings((200.0,), split=None), ("6",)) == branches(_settings((200.0,)), ("6",)) == []
    assert _settings((200.0, 300.0)).marks.split is None and _settings((301.0,)).marks.split == 300.0
    directly = branches(_settings((500.0, 1000.0), separate=300.0), ("5+", "5"))
    assert [(b.labels, b.start, b.parent) for b in directly] == [(("5+",), 300.0, ()), (("5",), 300.0, ())]


# --- small runs: files, workers, JSON ----------------------------------------------------------

SMALL = {
    "sizes": (20.0, 60.0, 100.0, 120.0), "particles": 128, "replicates": 3, "seed": 5, "split": 60.0,
    "separate": 100.0, "counted": 100.0, "targets": ("4", "5", "5+"),
}  # fmt: skip


@pytest.fixture(scope="module")
def small():
    return evidence_of(**SMALL)


@pytest.mark.slow
def test_two_workers_give_the_same_bits(small):
    assert evidence_of(**SMALL, work=Work(workers=2)).to_json() == small.to_json()


def test_the_seed_matters(small):
    assert not np.array_equal(evidence_of(**{**SMALL, "seed": 6}).masses.relative, small.masses.relative)


def test_a_killed_run_goes_on_where_it_was(small, tmp_path, monkeypatch):
    made = []
    right = evidence_sampling.replicate

    def counting(settings, chosen, index):
        made.append(index)
        return right(settings, chosen, index)

    monkeypatch.setattr(evidence_sampling, "replicate", counting)
    work = Work(folder=tmp_path)
    assert evidence_of(**SMALL, work=work).to_json() == small.to_json()
    assert made == [0, 1, 2]
    finished = (tmp_path / "evidence.json").read_bytes()

    assert evidence_of(**SMALL, work=work).to_json() == small.to_json()  # read, not made
    assert made == [0, 1, 2]

    (tmp_path / "evidence.json").unlink()
    (tmp_path / "replicate-0001.npz").unlink()
    assert evidence_of(**SMALL, work=work).to_json() == small.to_json()
    assert made == [0, 1, 2, 1]
    assert (tmp_path / "evidence.json").read_bytes() == finished

    # Damaged files are made again.
    (tmp_path / "evidence.json").write_text("{", encoding="utf-8")
    (tmp_path / "pilot.npz").write_text("{}", encoding="utf-8")
    (tmp_path / "replicate-0000.npz").write_bytes(b"PK\x03\x04 cut short")
    assert evidence_of(**SMALL, work=work).to_json() == small.to_json()
    assert made == [0, 1, 2, 1, 0]
    assert (tmp_path / "evidence.json").read_bytes() == finished

    # Those of other settings are neither used nor replaced.
    other = {**SMALL, "seed": 6}
    with pytest.raises(KgonError, match=r"evidence\.json was made with other settings \(seed 5, now 6\)"):
        evidence_of(**other, work=work)
    assert (tmp_path / "evidence.json").read_bytes() == finished
    (tmp_path / "evidence.json").unlink()
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert evidence_of(**other, work=work).to_json() == evidence_of(**other).to_json()
    assert all(path.stat().st_mtime_ns == then for path, then in stamps.items())


def test_more_replicates_use_those_that_are_there(small, tmp_path, monkeypatch):
    evidence_of(**{**SMALL, "replicates": 2}, work=Work(folder=tmp_path))
    made = []
    right = evidence_sampling.replicate

    def counting(settings, chosen, index):
        made.append(index)
        return right(settings, chosen, index)

    monkeypatch.setattr(evidence_sampling, "replicate", counting)
    assert evidence_of(**SMALL, work=Work(folder=tmp_path)).to_json() == small.to_json()
    assert made == [2]
    with pytest.raises(KgonError, match=r"other settings \(replicates 3, now 2\): give another folder than"):
        evidence_of(**{**SMALL, "replicates": 2}, work=Work(folder=tmp_path))


def test_json_there_and_back(small):
    again = Evidence.from_json(small.to_json())
    assert again.to_json() == small.to_json()
    for part in ("effort", "marks", "masses", "energies", "checks"):
        before, after = getattr(small, part).by_name(), getattr(again, part).by_name()
        for name, value in before.items():
            same = (
                np.array_equal(value, after[name], equal_nan=value.dtype.kind == "f")
                if isinstance(value, np.ndarray)
                else value == after[name]
            )
            assert same, name
    assert (again.c, again.seed, again.labels, again.targets) == (6, 5, small.labels, small.targets)
    assert again.free_energy(("5", "5+"), 50.0) == small.free_energy(("5", "5+"), 50.0)
    json.dumps(small.to_dict(), allow_nan=False)


def test_the_parts_add_up_to_the_whole(small):
    """Where all basins are counted their masses sum to Z in every replicate; shares sum to 1."""
    whole = small.labels.index("all")
    for j, s in enumerate(small.sizes):
        if s > 60.0:
            continue
        masses = small.masses
        mass = masses.relative[:, :, j] * np.exp(masses.reference[:, j] - masses.reference[whole, j])
        assert np.allclose(mass[:, :whole].sum(axis=1), mass[:, whole], rtol=1e-12)
    total = [sum(column[np.isfinite(column)]) for column in small.energies.shares.T]
    assert total == pytest.approx([1.0] * 4, rel=1e-12)  # above the counted sizes too


def test_the_table_is_what_the_method_says(small):
    for i, label in enumerate(small.labels):
        for j, s in enumerate(small.sizes):
            if not np.isnan(small.energies.table[i][j]):
                found = small.free_energy(label, s)
                assert (found.value, found.stderr) == (
                    small.energies.table[i][j],
                    small.energies.table_stderr[i][j],
                )
    assert small.energies.log_z.tolist() == [-small.free_energy("all", s).value for s in small.sizes]
    assert "5+" in str(small)
    assert "c = 6" in repr(small)


def test_questions_without_an_answer_are_refused(small):
    with pytest.raises(KgonError, match="s = 10 is outside the sizes 20 to 120"):
        small.free_energy("5", 10)
    with pytest.raises(KgonError, match="'7' is none of the basins"):
        small.free_energy("7", 50)
    with pytest.raises(KgonError, match="must be different and not all"):
        small.free_energy(("all", "5"), 50)
    with pytest.raises(KgonError, match="must be different and not all"):
        small.free_energy((), 50)
    with pytest.raises(KgonError, match="the mass of 4---- was not measured at s = 120: no particle"):
        small.free_energy("4----", 120)
    assert small.find_crossing("all", "5") is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": (2.0, 1.0)}, "sizes must be positive, finite and increasing"),
        ({"sizes": ()}, "sizes must be positive"),
        ({"sizes": (0.0, 1.0)}, "sizes must be positive"),
        ({"sizes": (1.0, math.inf)}, "sizes must be positive"),
        ({"particles": 8}, "particles must be an integer of at least 16, got 8"),
        ({"replicates": 1}, "replicates must be an integer of at least 2, got 1"),
        ({"seed": -1}, "seed must be an integer of at least 0, got -1"),
        ({"seed": True}, "seed must be an integer"),
        ({"split": 0.0}, "split must be positive and finite"),
        ({"separate": math.nan}, "separate must be positive and finite"),
        ({"counted": -1.0}, "counted must be positive and finite"),
        ({"targets": ("7",)}, "'7' is not a basin of c = 6"),
        ({"c": 3}, "c of a catalogue must be an integer from 4 to 64"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(KgonError, match=message):
        evidence_of(**options)
    with pytest.raises(KgonError, match="workers must be an integer from 1 to 64, got 0"):
        evidence_of(work=Work(workers=0))


def test_a_target_without_particles_is_named():
    with pytest.raises(KgonError, match="no particle of the pilot is in the basin of 4---- at s = 100"):
        evidence_of(sizes=(100.0, 120.0), particles=32, replicates=2, split=100.0, targets=("4----",))


def test_progress_is_told(capsys):
    lines = []
    evidence_of(sizes=(1.0, 2.0), particles=32, replicates=2, work=Work(progress=lines.append))
    assert lines[1:] == ["replicate 1 of 2", "replicate 2 of 2"]
    evidence_of(sizes=(1.0, 2.0), particles=32, replicates=2, work=Work(progress=True))
    assert "replicate 2 of 2" in capsys.readouterr().err
    evidence_of(sizes=(1.0, 2.0), particles=32, replicates=2)
    assert capsys.readouterr().err == ""


# --- the numbers -------------------------------------------------------------------------------


@pytest.mark.slow
def test_basins_at_small_s_are_those_of_plain_monte_carlo():
    """At s = 20 a million points of the prior, weighted, know Z to 3 % and the shares to 0.02."""
    rng, basins = np.random.default_rng(30), Basins(6)
    kept, weights = [], []
    for _ in range(10):
        state = State.at(Potential(basins.tms), rng.standard_normal((100_000, 18)))
        heavy = state.loss < 1.0  # the rest weighs e^{-20}
        kept.append(state.w[heavy])
        weights.append(np.exp(-20 * state.loss[heavy]))
    w, weight = np.concatenate(kept), np.concatenate(weights)
    log_z = math.log(weight.sum() / 1e6)
    stderr = math.sqrt(np.sum(weight**2)) / weight.sum()
    drawn = basins.of(w[rng.choice(len(w), 4000, p=weight / weight.sum())])
    found = evidence_of(sizes=(20.0, 40.0), particles=1000, replicates=8, seed=1)
    joint = math.hypot(found.energies.log_z_stderr[0], stderr)
    assert joint < 0.04
    assert found.energies.log_z[0] == pytest.approx(log_z, abs=4 * joint)
    for label in ("4", "4-", "5", "6"):
        i = basins.index(label)
        # The share of 4000 dependent draws (about 2000 different ones) is good to 0.01, that of evidence too.
        assert found.energies.shares[i][0] == pytest.approx(np.mean(drawn == i), abs=0.045)
    assert found.energies.shares[basins.index("4")][0] > 0.1  # or the comparison would say nothing


@pytest.fixture(scope="module")
def runs():
    """Two independent runs with the quick setting's replicates of twice the particles: errors of 0.05."""
    return [evidence_of(particles=1536, replicates=8, seed=seed) for seed in (11, 12)]


@pytest.mark.slow
def test_independent_runs_agree(runs):
    first, second = runs
    assert set(first.targets) == {"5", "5+", "6"}
    for names in ("5", "5+", "6", ("5", "5+"), "all"):
        for s in first.sizes:
            one, two = first.free_energy(names, s), second.free_energy(names, s)
            error = math.hypot(one.stderr, two.stderr)
            assert error < 0.08
            # 55 comparisons, strongly correlated, of errors with 7 degrees of freedom
            assert abs(one.value - two.value) < 4.5 * error


@pytest.mark.slow
def test_shares_and_crossing_are_those_of_the_prototype(runs):
    """Shares of an independent program with 4096 particles, at s = 250: 0.48, 0.41 and 0.105.

    Its shares of 6 and {5, 5+} at 250 and 300, 0.477/0.520 and 0.621/0.377, cross at 257.3; their binomial
    errors, 0.031 in the logarithm of the ratio, are 2.7 in s.
    """
    for found in runs:
        j = found.sizes.index(250.0)
        shares = {label: found.energies.shares[found.labels.index(label)][j] for label in ("6", "5", "5+")}
        assert shares["6"] == pytest.approx(0.48, abs=0.04)
        assert shares["5"] == pytest.approx(0.41, abs=0.04)
        assert shares["5+"] == pytest.approx(0.105, abs=0.02)
        crossing = found.find_crossing(("5", "5+"), "6")
        assert crossing.stderr < 5
        assert abs(crossing.value - 257.3) < 4 * math.hypot(crossing.stderr, 2.7)


@pytest.mark.slow
def test_restricted_runs_agree_with_counting(runs):
    """In each run, both ways to measure the targets at s = 400; three pairs, 7 degrees of freedom."""
    for found in runs:
        assert found.checks.overlap_z is not None
        assert found.checks.overlap_z < 5


@pytest.mark.slow
def test_the_derivative_is_the_mean_loss(runs):
    """F(b) − F(a) is the integral of E[L] in every basin: Simpson's rule in log s over three sizes.

    The integrand is s E[L] ≈ s L + λ, whose fourth derivative in log s is at most its last value: the rule is
    off by at most (2h)⁵/2880 times that.
    """
    found = runs[0]
    a, m, b = (found.sizes.index(s) for s in (500.0, 1000.0, 2000.0))
    h = math.log(2.0)
    for label in ("6", "5", "5+"):
        i = found.labels.index(label)
        _, slope = found.masses.nodes([i], np.ones(found.effort.replicates))
        values = [slope[j] * found.sizes[j] for j in (a, m, b)]
        errors = [found.energies.table_stderr[i][j] for j in (a, b)]
        tolerance = (2 * h) ** 5 / 2880 * values[2] + 4 * math.hypot(*errors)
        simpson = h / 3 * (values[0] + 4 * values[1] + values[2])
        assert simpson == pytest.approx(
            found.energies.table[i][b] - found.energies.table[i][a], abs=tolerance
        )


@pytest.mark.slow
def test_large_s_meets_the_laplace_constant():
    """F → s L + λ log s − log[circles · length · (2π)^λ det'(H)^{-1/2} φ], by hand from the Hessian.

    A permutation too many or few would be off by log 2 = 0.69, half a unit of λ by 5.
    """
    found = evidence_of(sizes=(300.0, 2000.0, 30000.0), particles=1024, replicates=8, seed=2)
    for label, circles in (("6", 120), ("5+", 144)):  # 6!/6 and 6·4!
        point = Catalogue(6)[label]
        values = np.linalg.eigvalsh(Potential(TMS(6)).hessian(point.W, point.biases))[1:]
        assert values.min() > 0.01
        turn = np.sum(point.W**2)  # squared speed of the rotation
        weight = math.log(circles * 2 * math.pi) + 0.5 * math.log(turn) - 0.5 * np.log(values).sum()
        prior = -0.5 * (turn + np.sum(point.biases**2))
        constant = -(weight + prior - 0.5 * math.log(2 * math.pi))  # (2π)^{8.5} over (2π)^9
        free = found.free_energy(label, 30000.0)
        assert free.stderr < 0.1
        law = 30000 * point.loss + 8.5 * math.log(30000) + constant
        # The next order is about −800/s, 0.03 here.
        assert free.value == pytest.approx(law, abs=4 * free.stderr + 0.03)
        assert found.free_energy(label, 300.0).value < 300 * point.loss + 8.5 * math.log(300) + constant - 1
