"""Direct sums: each is proved critical, has the loss of its parts, and is known again when it is turned."""

import re

import numpy as np
import pytest
from support.command import run
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError, Verdict
from kgon.landscape import nearest_solids, search_critical_points
from kgon.landscape.direct_sums import direct_sums
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import write_point
from kgon.proofs.verification import verify

FREE = re.compile(r"((\d )?(single|pair|triangle|tetrahedron|\d-simplex|cross-polytope)s?( & )?)+\+*")
"""Names of sums in which every live column has N = 1, b = 0 and hears no other."""
SIZES = [(1, 1), (1, 4), (4, 6), (4, 9), (5, 8), (6, 12)]


def test_names_differ():
    for r, c in SIZES:
        names = [x.name for x in direct_sums(r, c)]
        assert len(set(names)) == len(names) > 0
    assert [x.name for x in direct_sums(1, 4)] == ["single", "pair", "pair+", "pair++"]
    assert "cross-polytope" in [x.name for x in direct_sums(4, 9)]


@pytest.mark.parametrize(("r", "c"), exhaustive(SIZES[:5], quick=[(1, 4), (4, 5)]))
def test_every_one_is_proved_critical(r, c):
    for known in direct_sums(r, c):
        found = verify(known.W, known.b)
        assert found.critical is Verdict.PROVED, known.name


@pytest.mark.parametrize(("r", "c"), SIZES)
def test_losses_are_those_of_columns_that_are_right_dead_or_positive(r, c):
    """By hand: a column with N = 1, b = 0 costs nothing, a dead one 1/(3c), a positive one 1/(4c²) less."""
    potential, checked = Potential(TMS(c, r)), 0
    for known in direct_sums(r, c):
        if FREE.fullmatch(known.name):
            dead, positive = int((known.b < 0).sum()), int((known.b > 0).sum())
            expected = (dead + positive) / (3 * c) - positive / (4 * c * c)
            assert float(potential.loss(known.W, known.b)) == pytest.approx(expected, abs=1e-14)
            checked += 1
    assert checked >= len(direct_sums(r, c)) / 5


@pytest.mark.parametrize(("r", "c"), exhaustive(SIZES, quick=[(1, 4), (4, 9)]))
def test_a_point_that_is_turned_and_moved_a_little_keeps_its_name(r, c):
    rng = np.random.default_rng(3)
    listed = direct_sums(r, c)
    for known in [listed[k] for k in rng.permutation(len(listed))[:12]]:
        Q, order = np.linalg.qr(rng.standard_normal((r, r)))[0], rng.permutation(c)
        noise = 1e-3 * rng.standard_normal((r + 1, c))
        found = nearest_solids((Q @ known.W)[:, order] + noise[:r], known.b[order] + noise[r])
        assert found.solid.item() == known.name
        assert found.distance.item() <= np.linalg.norm(noise) + 1e-12


def test_a_search_on_a_line_finds_no_other_minimum():
    """A random search, which knows no names, at r = 1."""
    search = search_critical_points(4, r=1, starts=60)
    proved = [x for x in search.points if verify(x.W, x.b).minimum is Verdict.PROVED]
    minima = [x for x in proved if x.loss < 1 / 3 - 1e-9]
    assert len(proved) == len(minima) + 1  # the points at which no output is on
    near = [nearest_solids(x.W, x.b) for x in minima]
    assert {x.solid.item() for x in near} == {"single", "pair"}
    assert max(x.distance.item() for x in near) < 1e-6


@pytest.mark.parametrize("shape", [(1, 65), (4, 13), (7, 8), (2, 6), (4,)])
def test_other_sizes_are_refused(shape):
    with pytest.raises(KgonError):
        nearest_solids(np.zeros(shape), np.zeros(shape[-1]))


@pytest.mark.parametrize("r", [1, 3, 4])
def test_a_stack_of_no_points_is_refused(r):
    with pytest.raises(KgonError, match=rf"at least one point is needed, W has shape \(0, {r}, 6\)"):
        nearest_solids(np.zeros((0, r, 6)), np.zeros((0, 6)))


def test_classify_takes_them(capsys, tmp_path):
    write_point(tmp_path / "cross.npz", np.hstack([np.eye(4), -np.eye(4)]), np.zeros(8))
    code, out, _ = run(capsys, "classify", str(tmp_path / "cross.npz"))
    assert code == 0 and "cross-polytope" in out and "sum of blocks in orthogonal spaces" in out


@pytest.mark.parametrize("way", ["in the file", "as an option"])
def test_at_unequal_weights_it_is_said_that_names_are_of_equal_ones(way, capsys, tmp_path):
    W, b, own = np.hstack([np.eye(4), -np.eye(4)]), np.zeros(8), [1.0] * 7 + [2.0]
    more = {"importance": own} if way == "in the file" else {}
    np.savez(tmp_path / "cross.npz", W=W, b=b, **more)
    options = [] if more else ["--importance", ",".join(map(str, own))]
    code, out, _ = run(capsys, "classify", str(tmp_path / "cross.npz"), *options)
    assert code == 0 and "model: importance 1,1,1,1,1,1,1,2" in out
    assert "these are critical points of equal weights" in out
    np.savez(tmp_path / "equal.npz", W=W, b=b, importance=[2.0] * 8)
    assert "model" not in run(capsys, "classify", str(tmp_path / "equal.npz"))[1]
