"""Figures: what is drawn is what the catalogue and the free energy say."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from support.drawings import ONE_COLUMN, marked, overlaps, smallest_text, texts
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError
from kgon.experiments.posterior.local_evidence import LocalEvidence
from kgon.experiments.training.results import Plateau, TrainingRun
from kgon.free_energy.crossings import n_crit
from kgon.free_energy.dominance import occupancy
from kgon.free_energy.phases import TEXT_PHASES, phases_of
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.labels import Label
from kgon.report import figures
from kgon.report.figures import style
from kgon.report.figures.layout import spread
from kgon.report.figures.style import NEGATIVE, POSITIVE, colour, name_text

NAMES = [
    "energy-levels",
    "kgon",
    "free-energy",
    "occupancy",
    "toy-posterior",
    "lemma-two",
    "taxonomy",
    "empirical-cost",
]


@pytest.fixture(scope="module")
def built() -> dict[str, Figure]:
    return {name: figures.make_figure(name) for name in NAMES}


# --- registry ------------------------------------------------------------------------------------


def test_the_registry_has_the_figures_in_order() -> None:
    assert [name for name in figures.FIGURES if name in NAMES] == NAMES
    assert {"loss-lambda", "laplace-check", "phase-diagram"} <= figures.FIGURES.keys()
    assert {"free-energy-theories", "occupancy-theories"} <= figures.FIGURES.keys()
    for name, spec in figures.FIGURES.items():
        assert spec.name == name and spec.description
        assert set(spec.options) <= {"c", "label", "theory", "beta", "full", "evidence", "occupancy", "among"}


def test_listing_figures_does_not_import_matplotlib() -> None:
    code = "import sys, kgon.report.figures as f; len(f.FIGURES); sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("nonsense", {}, ["nonsense", "energy-levels"]),
        ("kgon", {"colour": "red"}, ["colour", "label"]),
        ("kgon", {"label": "9+x"}, ["9\\+x"]),
        ("kgon", {"label": "7"}, ["label 7", "c is 6"]),
        ("kgon", {"c": 3}, ["3"]),
        ("occupancy", {"theory": "guess"}, ["guess"]),
        ("occupancy", {"beta": -1}, ["-1"]),
        ("occupancy", {"label": "5"}, ["label", "5"]),
        ("occupancy", {"c": 4, "theory": "laplace2"}, ["k >= 5"]),
        ("free-energy", {"c": 4, "theory": "laplace2"}, ["k >= 5"]),
        ("toy-posterior", {"beta": "1/2"}, ["beta", "1/2"]),
        ("empirical-cost", {"full": "yes"}, ["yes"]),
    ],
)
def test_bad_names_and_options_are_refused(name: str, options: dict[str, Any], words: list[str]) -> None:
    for word in words:
        with pytest.raises(KgonError, match=word):
            figures.make_figure(name, **options)


def test_defaults_may_be_given_to_any_figure() -> None:
    figures.make_figure("taxonomy", c=6, theory="prior", beta="1", full=False, label=None)


def test_unknown_format_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(KgonError, match="gif"):
        figures.save_figure("kgon", tmp_path / "out", formats=("pdf", "gif"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", exhaustive(NAMES, quick=["occupancy"]))
def test_files_are_the_same_bytes_twice(name: str, tmp_path: Path) -> None:
    formats = ("pdf", "png", "svg") if name == "occupancy" else ("pdf", "png")
    first = figures.save_figure(name, tmp_path / "a", formats=formats)
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "savefig.dpi": 30}):
        second = figures.save_figure(name, tmp_path / "b", formats=formats)
    assert [path.name for path in first] == [f"{name}.{form}" for form in formats]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
        assert b"CreationDate" not in one.read_bytes()
    assert first[0].read_bytes().startswith(b"%PDF")
    assert first[1].read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted(p.name for p in first)


def test_settings_of_the_user_are_left_alone() -> None:
    before = dict(matplotlib.rcParams)
    figures.make_figure("kgon")
    assert dict(matplotlib.rcParams) == before


# --- layout --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_at_the_edge(name: str, built: dict[str, Figure]) -> None:
    figure = built[name]
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box = figure.get_tightbbox(renderer)  # inches; ticks out of view do not count
    width, height = figure.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, box
    for text in figure.texts:
        assert figure.bbox.containsx(text.get_window_extent(renderer).x1), text.get_text()


@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_below_six_points_at_the_width_of_two_columns(name: str, built: dict[str, Figure]) -> None:
    assert smallest_text(built[name]) >= 6.0


def test_the_legend_of_energy_levels_has_the_columns_that_are_drawn(built: dict[str, Figure]) -> None:
    small = figures.make_figure("energy-levels", c=4)
    names = [
        [x.get_text() for x in f.axes[0].get_legend().get_texts()] for f in (built["energy-levels"], small)
    ]
    assert [sum("W_i = 0" in name for name in each) for each in names] == [2, 0]


@pytest.mark.parametrize("name", ["kgon", "free-energy", "occupancy", "lemma-two", "empirical-cost"])
def test_figures_of_one_panel_fit_one_column(name: str, built: dict[str, Figure]) -> None:
    assert smallest_text(built[name], ONE_COLUMN) >= 6.0


@pytest.mark.parametrize("theory", ["none", "laplace", "laplace2"])
@pytest.mark.parametrize("name", ["free-energy", "occupancy"])
def test_words_on_a_theory_fit_the_figure(name: str, theory: str) -> None:
    figure = figures.make_figure(name, theory=theory, beta="1/2")
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in figure.texts:
        box = text.get_window_extent(renderer)
        assert box.x1 <= figure.bbox.x1 and box.y0 >= 0, text.get_text()


def test_energy_levels_say_why_a_level_has_two_pictures(built: dict[str, Figure]) -> None:
    assert "Two pictures at one level" in " ".join(text.get_text() for text in built["energy-levels"].texts)


@pytest.mark.parametrize("c", exhaustive([6, 8], quick=[6]))
def test_energy_levels_texts_and_pictures_do_not_overlap(c: int) -> None:
    figure = figures.make_figure("energy-levels", c=c)
    found = marked(figure, "label") + marked(figure, "loss") + marked(figure, "heading")
    found += list(figure.axes[0].child_axes)
    assert len(figure.axes[0].child_axes) == len(Catalogue(c))
    assert overlaps(figure, found + marked(figure, "level")) == []
    frame = figure.axes[0].get_window_extent()
    for inset in figure.axes[0].child_axes:
        assert frame.y0 - 1 <= inset.get_window_extent().y0 <= inset.get_window_extent().y1 <= frame.y1 + 1


@pytest.mark.parametrize("name", ["free-energy", "occupancy"])
@pytest.mark.parametrize("c", [6, 8])
def test_names_of_lines_and_of_transitions_do_not_overlap(name: str, c: int) -> None:
    figure = figures.make_figure(name, c=c)
    for ax in figure.axes:
        assert overlaps(figure, marked(ax, "n-crit-text")) == []
        names = marked(ax, "end-label")
        renderer = FigureCanvasAgg(figure).get_renderer()
        heights = sorted(float(np.mean(Text.get_window_extent(t, renderer).intervaly)) for t in names)
        assert np.diff(heights).min() > 8.5 * figure.dpi / 72


def test_spread_keeps_order_and_distance() -> None:
    places = spread([0.0, 3.0, 0.1, 0.2], 0.5, low=0.0)
    assert places == pytest.approx([0.0, 3.0, 0.5, 1.0])
    assert spread([0.0, 0.0], 1.0) == pytest.approx([-0.5, 0.5])
    assert spread([9.0, 9.0], 1.0, high=9.0) == pytest.approx([8.0, 9.0])
    assert len(spread([], 1.0)) == 0


# --- energy levels and portraits -------------------------------------------------------------------


def test_one_level_line_for_each_distinct_loss(built: dict[str, Figure]) -> None:
    lines = marked(built["energy-levels"], "level")
    heights = sorted(line.get_ydata()[0] for line in lines)
    assert heights == sorted({point.loss for point in Catalogue(6)})
    assert len(heights) == 18


def test_levels_name_all_labels(built: dict[str, Figure]) -> None:
    found = {text.get_text() for text in marked(built["energy-levels"], "label")}
    assert found == {name_text(point.name) for point in Catalogue(6)}
    assert {t.get_text() for t in marked(built["energy-levels"], "loss")} == {
        f"{p.loss:.5f}" for p in Catalogue(6)
    }


def drawn_columns(ax: Axes) -> dict[str, np.ndarray]:
    return {
        role: np.array([arrows.U, arrows.V])
        for role in ("live", "switched-off")
        for arrows in marked(ax, role)
    }


def test_pictures_show_the_columns_of_every_configuration(built: dict[str, Figure]) -> None:
    insets = list(built["energy-levels"].axes[0].child_axes)
    remaining = list(Catalogue(6))
    for inset in insets:
        drawn = drawn_columns(inset)
        dots = (len(marked(inset, "positive")), len(marked(inset, "dead")))
        fits = []
        for point in remaining:
            roles = np.array(point.name.roles(6))
            wanted = {role: point.W[:, roles == role] for role in ("live", "switched-off") if role in roles}
            if (
                wanted.keys() == drawn.keys()
                and all(np.array_equal(wanted[r], drawn[r]) for r in wanted)
                and dots == (sum(roles == "positive"), sum(roles == "dead"))
            ):
                fits.append(point)
        assert len(fits) == 1
        remaining.remove(fits[0])
    assert remaining == []


@pytest.mark.parametrize("label", ["4++-", "5", "6", "4--:opposite"])
def test_portrait_arrows_bars_and_colours(label: str) -> None:
    figure = figures.make_figure("kgon", label=label)
    point = Catalogue(6)[label]
    assert len(figure.axes) == 2
    roles = np.array(point.name.roles(6))
    for role, columns in drawn_columns(figure.axes[0]).items():
        assert np.array_equal(columns, point.W[:, roles == role])
    norms = {round(bar.get_center()[0]): bar.get_height() for bar in marked(figure.axes[1], "norm")}
    assert [norms[i] for i in range(6)] == pytest.approx(np.linalg.norm(point.W, axis=0))
    biases = {round(bar.get_center()[0]): bar for bar in marked(figure.axes[1], "bias")}
    for i, b in enumerate(point.biases):
        if b == 0:
            assert i not in biases
            continue
        assert biases[i].get_height() == abs(b)
        assert to_rgb(biases[i].get_facecolor()) == to_rgb(POSITIVE if b > 0 else NEGATIVE)


def test_portraits_default_to_the_stages_of_the_text(built: dict[str, Figure]) -> None:
    titles = [ax.get_title(loc="left") for ax in built["kgon"].axes[::2]]
    assert len({ax.get_position().y0 for ax in built["kgon"].axes[::2]}) == 3  # one below the other
    assert [title.split("-gon")[0] for title in titles] == [
        name_text(Label.parse(x)) for x in ("4++-", "4+", "5")
    ]
    assert len(figures.make_figure("kgon", c=4).axes) == 2


# --- free energy and occupancy ---------------------------------------------------------------------


def lines_by_style(ax: Axes) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    return {
        (line.get_color(), str(line.get_linestyle()) + str(line._unscaled_dash_pattern)): line.get_data()
        for line in marked(ax, "phase")
    }


@pytest.mark.parametrize(("theory", "beta"), [("prior", 1), ("none", "1/2")])
def test_n_crit_is_marked_and_the_settings_are_stated(theory: str, beta: Any) -> None:
    expected = n_crit("5", "6", theory=theory, beta=beta).roots[-1].n
    for name in ("free-energy", "occupancy"):
        figure = figures.make_figure(name, theory=theory, beta=beta)
        for ax in figure.axes:
            (mark,) = marked(ax, "n-crit")
            assert mark.get_xdata()[0] == expected
        words = " ".join(text.get_text() for text in texts(figure))
        assert f"{expected:.1f}" in words
        assert f"“{theory}”" in words and rf"\beta = {beta}" in words


def test_the_range_holds_every_transition() -> None:
    figure = figures.make_figure("occupancy", theory="prior", beta="1/2")
    assert n_crit("5", "6", beta="1/2").roots[-1].n > 1200
    assert figure.axes[0].get_xlim()[1] > n_crit("5", "6", beta="1/2").roots[-1].n
    assert figures.make_figure("occupancy").axes[0].get_xlim() == (100, 1200)


def test_occupancy_curves_are_the_theory_and_sum_to_one(built: dict[str, Figure]) -> None:
    found = [line.get_data() for line in marked(built["occupancy"], "phase")]
    n = found[0][0]
    assert np.sum([y for _, y in found], axis=0) == pytest.approx(np.ones(len(n)))
    for line, share in zip(found, occupancy(n, among=TEXT_PHASES).values(), strict=True):
        assert np.array_equal(line[1], share)


def test_free_energy_lines_and_differences(built: dict[str, Figure]) -> None:
    upper, lower = built["free-energy"].axes
    phases = phases_of(6, among=TEXT_PHASES)
    reference = next(p for p in phases if str(p.label) == "5")
    for up, down, phase in zip(marked(upper, "phase"), marked(lower, "phase"), phases, strict=True):
        n = up.get_xdata()
        assert np.array_equal(up.get_ydata(), phase.free_energy(n))
        assert np.array_equal(down.get_ydata(), phase.free_energy(n) - reference.free_energy(n))
        assert up.get_color() == down.get_color() == colour(phase.label)


def test_phases_of_one_k_differ_in_line_style() -> None:
    assert colour(Label(5)) == colour(Label(5, 1)) != colour(Label(6))
    assert style.dashes(Label(5)) != style.dashes(Label(5, 1))


def test_phases_of_one_line_style_differ_in_grey() -> None:
    labels = [Label.parse(x) for x in sorted({p.label for p in Catalogue(6).phases()})]
    for first, second in combinations(labels, 2):
        greys = [np.dot(to_rgb(style.shade(x)), (0.299, 0.587, 0.114)) for x in (first, second)]
        assert style.dashes(first) != style.dashes(second) or abs(greys[0] - greys[1]) > 0.12


def test_switched_off_columns_are_dots_of_lines_and_hollow_points() -> None:
    for text, dots in (("4", None), ("4-", 1), ("4----", 4)):
        label = Label.parse(text)
        pattern = style.dashes(label)
        assert pattern == "solid" if dots is None else list(pattern[1]).count(style.DOT[0]) == dots
        assert (style.mark_of(label).get("markerfacecolor") == "white") == bool(dots)
    assert style.polygon_marker(Label(4))[:2] == (4, 0) and style.polygon_marker(Label(5, 1))[:2] == (5, 1)


# --- learning coefficients, constants, evidence ----------------------------------------------------


@pytest.mark.slow
def test_loss_against_lambda_shows_every_minimum_and_the_transitions_that_were_seen(study: Any) -> None:
    training, example = study("training"), study("example_run")
    figure = figures.make_figure("loss-lambda", training=training, example_run=example)
    names = {text.get_text() for text in marked(figure, "label")}
    assert len(names) == 11
    assert {name_text(p.name) for p in Catalogue(6).phases() if p.configuration == "adjacent"} <= names
    dots = sorted((line.get_xdata()[0], line.get_ydata()[0]) for line in marked(figure, "minimum"))
    assert dots == sorted((float(p.lambda_), p.loss) for p in Catalogue(6).phases())
    known = {str(p.name): p for p in Catalogue(6).phases() if not p.phi}
    seen = [(x.first, x.second) for found in training.values() for x in found.transitions]
    seen = {pair for pair in (*seen, *pairwise(example[0].stages)) if known.keys() >= set(pair)}
    arrows = marked(figure, "transition")
    ends = {(tuple(arrow.xyann), tuple(arrow.xy)) for arrow in arrows}
    places = {name: (float(point.lambda_), point.loss) for name, point in known.items()}
    assert seen and ends == {(places[first], places[second]) for first, second in seen}
    for arrow in arrows:  # 4⁺ → 5 does not raise λ
        (x, y), (u, v) = arrow.xyann, arrow.xy
        assert (arrow.arrow_patch.get_linestyle() in ("-", "solid")) == (u > x and v < y)
    kinds = {text.get_text() for text in figure.axes[0].get_legend().get_texts()}
    rises = {u > x and v < y for (x, y), (u, v) in ends}
    assert kinds == {f"loss falls, $\\lambda$ {'rises' if x else 'does not rise'}" for x in rises}


def test_transitions_that_are_not_drawn_are_told_apart() -> None:
    def plateau(label: str, start: int) -> Plateau:
        point = next(p for p in Catalogue(6) if p.label == label)
        return Plateau(
            label=label, catalogued=True, alternatives=(), start=start, end=start + 50, loss=point.loss,
            critical_loss=point.loss, gap=0.0, expected_gap=0.0, W=point.W, biases=point.biases,
        )  # fmt: skip

    stages = ("4+----", "4---", "4--", "4", "5+")  # no minimum, then two minima with switched-off columns
    plateaus = tuple(plateau(label, 100 * k) for k, label in enumerate(stages))
    run = TrainingRun(seed=0, index=0, start="4+----", plateaus=plateaus)
    figure = figures.make_figure("loss-lambda", training={}, example_run=(run, None))
    assert len(marked(figure, "transition")) == 1  # 4 → 5+
    words = " ".join(text.get_text() for text in figure.texts)
    assert "; 1 others lead" in words and "Not drawn: 2 between minima" in words


def test_the_laplace_check_shows_what_is_left() -> None:
    figure = figures.make_figure("laplace-check")
    for ax, label in zip(figure.axes, ("6", "5+", "5"), strict=True):
        (line,) = marked(ax, "leading")
        s, leading = line.get_data()
        power = np.log(leading[-1] / leading[0]) / np.log(s[-1] / s[0])
        assert power == pytest.approx(-1 / 3 if label == "5" else -1)
        assert name_text(Label.parse(label)) in ax.get_title(loc="left")


def test_the_laplace_check_says_how_many_features_it_has() -> None:
    s, one = np.array([1e3, 1e4]), np.ones(2)
    found = LocalEvidence(
        label="5", c=7, strengths=s, excess=one, stderr=0.1 * one, leading=one, second=0.5 * one,
        pairs=2, replicates=3, seed=0,
    )  # fmt: skip
    figure = figures.make_figure("laplace-check", local_evidence=[found] * 3)
    assert "c = 7" in " ".join(text.get_text() for text in figure.texts)


@pytest.mark.slow  # tests/branches/test_diagram.py asks the same of the numbers
def test_the_phase_diagram_colours_what_is_lowest() -> None:
    figure = figures.make_figure("phase-diagram", theory="prior")
    left, right = (marked(ax, "regions")[0].get_array() for ax in figure.axes)
    assert left.shape[1] == right.shape[1] and left.max() >= 2
    words = " ".join(text.get_text() for ax in figure.axes for text in ax.get_legend().get_texts())
    assert "last column dead" in words and "“prior”" in figure.axes[0].get_title(loc="left")
    for ax, shown, lines in zip(figure.axes, (left, right), ([0.5, 1.0], [1.0]), strict=True):
        assert len(marked(ax, "border")) == len(np.unique(shown.compressed()))  # grey tells neighbours
        assert [line.get_ydata()[0] for line in marked(ax, "marked")] == lines
    assert r"Dashed: $\beta =$ 1/2 and 1; importance 1" in " ".join(text.get_text() for text in figure.texts)
    assert smallest_text(figure) >= 6.0


@pytest.mark.parametrize("beta", [1, "1/2"])
def test_theories_beside_the_evidence(evidence: Any, study: Any, beta: Any) -> None:
    known = {"evidence": evidence, "square_constants": study("square_constants"), "beta": beta}
    figure = figures.make_figure("occupancy-theories", **known)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "theory: none",
        "theory: prior",
        "theory: laplace",
        "theory: laplace2",
        "sampled",
    ]
    last = figure.axes[-1]
    n = marked(last, "phase")[0].get_xdata()
    assert n[0] == 50 / float(Fraction(beta)) and n[-1] == 650 / float(Fraction(beta))
    for ax in figure.axes:
        shares = np.array([line.get_ydata() for line in marked(ax, "phase")])
        # where a basin was not measured nothing is drawn; a theory is known everywhere
        assert np.isfinite(shares).all() or (ax is last and np.isfinite(shares).any(axis=0).all())
        total = np.nansum(shares, axis=0)
        assert total.max() < 1 + 1e-9
    gaps = figures.make_figure("free-energy-theories", **known)
    for ax in gaps.axes:
        assert any(np.all(line.get_ydata() == 0) for line in marked(ax, "phase"))  # the 6-gon itself
        low, high = ax.get_ylim()
        points = [y for bars in ax.containers for y in bars.lines[0].get_ydata()]
        assert points and low <= min(points) and max(points) <= high


def test_evidence_of_other_features_is_refused(evidence: Any) -> None:
    with pytest.raises(KgonError, match="has 6 features, not 7"):
        figures.make_figure("occupancy-theories", evidence=evidence, c=7, square_constants=[])


def test_phases_of_ones_own_are_drawn_with_their_names_as_they_stand() -> None:
    among = ["A=0.3,7,3.6", "$b$_1=0.05,8.5,6.4,2", "6"]
    for name in ("free-energy", "occupancy"):
        figure = figures.make_figure(name, among=among)
        axes = figure.axes[0]
        texts = {text.get_text() for text in axes.texts}
        assert {"A", r"\$b\$_1"} < texts
        curves = [line for line in axes.lines if line.get_gid() == "phase"]
        assert len(curves) == 3 and len({line.get_color() for line in curves}) == 3
        n = curves[0].get_xdata()
        if name == "free-energy":
            expected = {0.3 * n + 7 * np.log(n) + 3.6 for n in (float(n[5]),)}
            found = [float(line.get_ydata()[5]) for line in curves]
            assert any(abs(y - x) < 1e-9 for y in found for x in expected)
