"""Searches find what is known without being given it, find it again, and say what they do not know."""

import dataclasses

import numpy as np
import pytest
from support import truth

from kgon.base.verdicts import KgonError, Verdict
from kgon.base.work import Work
from kgon.kgons.catalogue import Catalogue
from kgon.landscape import starts as landscape_starts
from kgon.landscape.found import Search
from kgon.landscape.search import search_critical_points
from kgon.landscape.starts import (
    CHUNK,
    SearchSettings,
    altered,
    random,
    roots_below,
    search_round,
    starts_between,
)
from kgon.potential.model import TMS

STARTS = {4: 2000, 5: 4000, 6: 16000}
RIGID = {4: ["4"], 5: ["5", "4+"], 6: ["6", "5+", "4++"]}
"""k-gons that are isolated up to rotation, with no column that could move."""
OUTSIDE = {
    0.069289: (1, 1), 0.097681: (1, 1), 0.104398: (1, 2), 0.152945: (1, 2),
    0.152950: (2, 2), 0.152967: (3, 2), 0.159025: (1, 3),
}  # fmt: skip
"""Loss, index and nullity of critical points that are no k-gons, from the plateaus of training runs."""


@pytest.fixture(scope="module")
def found():
    """One search for each c."""
    return {c: search_critical_points(c, starts=starts) for c, starts in STARTS.items()}


@pytest.mark.parametrize("c", list(STARTS))
def test_the_isolated_kgons_are_found_and_certified(found, c):
    known = {point.label: point for point in found[c].isolated if point.label}
    smooth = [p.label for p in Catalogue(c) if p.smooth and p.k > 4]
    for label in {*RIGID[c], *smooth}:
        point, kgon = known[label], Catalogue(c)[label]
        assert point.loss == pytest.approx(kgon.loss, abs=1e-13)
        assert point.index == 0
        assert point.certificate.verdict is Verdict.PROVED
        assert point.certificate.negative == 0
        assert point.certificate.loss_lower <= kgon.loss <= point.certificate.loss_upper
        assert point.kink == (not kgon.smooth)


@pytest.mark.parametrize("c", list(STARTS))
def test_every_label_of_the_catalogue_is_found(found, c):
    labels = [point.label for point in found[c].points if point.label]
    assert {label.split(":")[0] for label in labels} == {p.label for p in Catalogue(c)}
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("c", list(STARTS))
def test_every_point_is_critical_by_the_integral(found, c):
    tms = TMS(c)
    W, b = np.array([x.W for x in found[c].points]), np.array([x.b for x in found[c].points])
    # complex steps of the quadrature: one-sided at a kink, where the gradient is continuous
    grad_W, grad_b = truth.gradient(W, b, tms.probability, tms.importance)
    losses = [point.loss for point in found[c].points]
    assert np.abs(grad_W).max() < 1e-11
    assert np.abs(grad_b).max() < 1e-11
    assert np.allclose(truth.loss(W, b, tms.probability, tms.importance), losses, rtol=0, atol=1e-12)


@pytest.mark.parametrize("c", list(STARTS))
def test_what_is_certified_has_the_index_that_is_given(found, c):
    for point in found[c].points:
        if point.certificate is None:
            assert point.uncertified
        elif not point.kink and point.isolated:
            assert (point.certificate.negative, point.certificate.flat) == (point.index, point.nullity)
        if point.isolated and not point.kink and point.loss < 1 / c**2 * 4 - 1e-9:
            assert point.certificate is not None, point


def test_saddles_known_from_training_are_found_again(found):
    new = [point for point in found[6].points if point.label is None]
    for loss, signs in OUTSIDE.items():
        (point,) = [point for point in new if abs(point.loss - loss) < 1e-6]
        assert (point.index, point.nullity) == signs == (point.certificate.negative, point.certificate.flat)
    near = [point.index for point in new if 0 < point.loss - Catalogue(6)["5"].loss < 1e-3]
    assert near == [1, 1]


@pytest.mark.slow
def test_other_seeds_find_the_same_points_below_a_tenth():
    lists = [
        [
            (round(point.loss, 9), point.index, point.nullity, point.label)
            for point in search_critical_points(6, starts=3000, below=1 / 9, seed=seed).isolated
            if point.loss < 0.1
        ]
        for seed in range(4)
    ]
    assert lists[0] == lists[1] == lists[2] == lists[3]
    assert len(lists[0]) == 11


def test_other_sizes():
    one = search_critical_points(2, r=1, starts=200)
    # (1, 0) and (−1, 0) share a line without disturbing each other: nothing is lost
    assert one.points[0].loss < 1e-25
    assert {point.label for point in one.points} == {None}
    three = search_critical_points(4, r=3, starts=500)
    lowest = three.points[0]
    assert lowest.loss < 1e-25
    proved = [point for point in three.points if point.certificate]
    assert len(proved) >= 3
    # in the plane and in space: the saddle 0.067085926 gains one unstable direction and two rotations
    saddle = next(point for point in three.points if abs(point.loss - 0.067085926) < 1e-9)
    assert (saddle.index, saddle.nullity, saddle.certificate.negative) == (2, 3, 2)


def test_the_bound_is_kept_and_only_cuts():
    tms = TMS(5)
    ends = search_round(SearchSettings(c=5, r=2, seed=3), 1, 200, np.empty((0, 15)))
    free, low = roots_below(ends, np.inf), roots_below(ends, 0.1)
    kept = free.loss < 0.1
    assert 0 < kept.sum() < len(kept)
    assert np.array_equal(low.w, free.w[kept])
    assert low.converged.all() and free.converged.sum() == ends.converged.sum() == len(kept)
    few = roots_below(search_round(SearchSettings(c=5, r=2, seed=3), 1, 60, np.empty((0, 15))), np.inf)
    assert np.array_equal(few.w, free.w[: len(few.w)])
    assert tms.dimension == few.w.shape[1]


def test_irregular_minima_are_named_too():
    found = search_critical_points(7, starts=1500, below=0.11)
    names = {point.label for point in found.isolated if point.index == 0}
    assert names >= {"6+", "6", "6:211111", "5++", "5+:mute", "5"}
    irregular = [point for point in found.points if point.label == "6:211111"]
    assert [round(7 * point.loss, 6) for point in irregular] == [0.630329]
    assert irregular[0].certificate.negative == 0


def test_random_starts_have_the_stated_law(monkeypatch):
    monkeypatch.setattr(landscape_starts, "ALTERED", 0.0)
    rng, tms = np.random.default_rng(0), TMS(6)
    w = random(rng, tms, 20_000)
    # E w² with w = s z, log s uniform on (log 0.3, log 1.3), and the jitter
    expected = (1.3**2 - 0.3**2) / (2 * np.log(1.3 / 0.3)) + 0.02**2
    assert np.mean(w**2) == pytest.approx(expected, abs=0.02)


@pytest.fixture(scope="module")
def columns():
    """W and b, and which columns are on the verge, empty, and off otherwise: (4000, 6)."""
    rng, tms = np.random.default_rng(1), TMS(6)
    point = Catalogue(6)["6"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landscape_starts, "JITTER", 1e-9)
        W, b = tms.unpack(altered(rng, tms, np.tile(tms.pack(point.W, point.biases), (4000, 1))))
    gram = np.einsum("khi,khj->kij", W, W)
    squares = np.einsum("kii->ki", gram)
    verge = (squares > 1e-12) & (squares < 0.1) & (-squares <= b) & (b <= -squares / 2)
    off = np.all(gram + b[:, None, :] < 0, axis=1) & ~verge
    return W, b, verge, squares < 1e-12, off


class TestAltered:
    """4000 alterations of the hexagon: each column by itself is emptied, put on the verge, off, or a copy."""

    CHANCE = 0.15

    def test_how_many_are_on_the_verge(self, columns):
        _, _, verge, _, _ = columns
        assert np.mean(verge) == pytest.approx(self.CHANCE, abs=0.01)

    def test_how_many_are_empty(self, columns):
        _, _, _, empty, _ = columns
        assert np.mean(empty) == pytest.approx(self.CHANCE * (1 - self.CHANCE), abs=0.01)

    def test_how_many_are_off(self, columns):
        """By its own alteration or as a copy; an empty one is off in any case: its bias is −0.6 or less."""
        _, _, _, empty, off = columns
        assert np.all(off[empty])
        assert np.mean(off & ~empty) == pytest.approx(self.CHANCE * (1 - self.CHANCE) ** 2, abs=0.01)

    def test_how_many_are_copies(self, columns):
        """Column 0 equals another if one is a copy of the other or both are of a third; none on the verge."""
        W, b, verge, empty, _ = columns
        same = np.all(np.abs(W[:, :, :1] - W[:, :, 1:]) < 1e-7, axis=1)
        same &= np.abs(b[:, :1] - b[:, 1:]) < 1e-7
        expected = (2 * self.CHANCE / 6 * (1 - self.CHANCE) + self.CHANCE**2 / 6) * (1 - self.CHANCE)
        assert np.mean(same[~verge[:, 0] & ~empty[:, 0]]) == pytest.approx(expected, abs=0.01)


def test_starts_between_two_points():
    rng, tms = np.random.default_rng(2), TMS(6)
    point = np.tile(tms.pack(Catalogue(6)["6"].W, Catalogue(6)["6"].biases), (2000, 1))
    W, b = tms.unpack(starts_between(rng, tms, point, point))
    norms = np.linalg.norm(W, axis=1)
    # lengths never above the parents' but for the jitter; opposite columns meet in the middle
    assert norms.max() < Catalogue(6)["6"].length + 0.15
    assert norms.min() < 0.2
    assert np.abs(b - Catalogue(6)["6"].bias).max() < 0.15


@pytest.mark.slow
def test_the_numbers_do_not_depend_on_the_workers_and_resume(tmp_path):
    starts = 2 * CHUNK + 300
    first = search_critical_points(4, starts=starts, seed=5, work=Work(folder=tmp_path / "one"))
    written = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    second = search_critical_points(4, starts=starts, seed=5, work=Work(workers=2, folder=tmp_path / "two"))
    assert written == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert first.to_json() == second.to_json()
    # some chunks lost: the others are not done again
    kept = tmp_path / "one" / "round-1-00000.npz"
    before = kept.stat().st_mtime_ns
    for name in ("round-1-00001-150.npz", "round-2-00000.npz", "search.json"):
        (tmp_path / "one" / name).unlink()
    one = Work(folder=tmp_path / "one")
    assert search_critical_points(4, starts=starts, seed=5, work=one).to_json() == first.to_json()
    assert kept.stat().st_mtime_ns == before
    assert written == {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    # another seed in the same folder neither uses nor replaces them
    with pytest.raises(KgonError, match=r"search\.json was made with other settings \(seed 5, now 6\)"):
        search_critical_points(4, starts=starts, seed=6, work=one)
    (tmp_path / "one" / "search.json").unlink()
    assert search_critical_points(4, starts=starts, seed=6, work=one).to_json() != first.to_json()
    assert kept.stat().st_mtime_ns == before


def test_estimates_of_what_is_unseen(found):
    few = search_critical_points(6, starts=200, below=0.2)
    hits = [point.hits for point in few.points]
    ones, twos = hits.count(1), hits.count(2)
    assert few.singles == ones > 0
    assert few.unseen == ones / few.ended == ones / sum(hits)
    assert few.expected == len(hits) + ones * (ones - 1) / (2 * (twos + 1))
    # what 200 starts have not seen, 16 000 have: the estimate is of the right size
    share = np.array([p.hits for p in found[6].points if p.loss < 0.2])
    seen = {round(p.loss, 8) for p in few.points}
    missed = [p.hits for p in found[6].points if p.loss < 0.2 and round(p.loss, 8) not in seen]
    assert 0.2 < few.unseen / (sum(missed) / share.sum()) < 5


def test_results_print_and_survive_json(found):
    text = str(found[4])
    assert "evidence, not proof" in text
    assert f"{len(found[4].points)} distinct critical points" in text
    again = Search.from_json(found[4].to_json())
    assert again.to_json() == found[4].to_json()
    assert {field.name for field in dataclasses.fields(again.points[0])} >= {"loss", "index", "hits", "label"}
    nothing = search_critical_points(6, starts=20, below=0.01)
    assert nothing.points == ()
    assert nothing.unseen is None
    assert "0 distinct critical points" in str(nothing)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"c": 0}, "c must be an integer from 1 to 100000, got 0"),
        ({"r": 7}, "r must be an integer from 1 to 6, got 7"),
        ({"starts": 1}, "starts must be an integer from 2 to 10000000, got 1"),
        ({"seed": -1}, "seed must be an integer of at least 0, got -1"),
        ({"below": 0.0}, "below must be positive and finite, got 0.0"),
        ({"below": float("nan")}, "below must be positive and finite, got nan"),
        ({"below": True}, "below must be positive and finite, got True"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(KgonError, match=message):
        search_critical_points(**{"starts": 10, **options})
    with pytest.raises(KgonError, match="workers must be an integer from 1 to 64, got 0"):
        search_critical_points(work=Work(workers=0))


@pytest.mark.parametrize(("r", "heading"), [(1, "name"), (2, "k-gon"), (3, "solid"), (4, "name")])
def test_the_column_of_names_says_what_is_named(r, heading):
    headings = [column.heading for column in search_critical_points(4, r=r, starts=3).table().columns]
    assert headings[4] == heading
