"""Figures and table of training runs: what is drawn is what the runs did."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image
from support.exhaustive import exhaustive

from kgon.base.verdicts import KgonError
from kgon.base.work import HERE
from kgon.kgons.catalogue import Catalogue
from kgon.report import figures
from kgon.report.figures import stages
from kgon.report.figures.panels import make_panels
from kgon.report.studies import example_run


def marked(where, gid):
    return where.findobj(lambda artist: artist.get_gid() == gid)


@pytest.mark.slow
def test_plateaus_show_every_run_over_every_level(study):
    trajectories = study("trajectories")
    figure = figures.make_figure("sgd-plateaus", trajectories=trajectories)
    levels = sorted({p.loss for p in Catalogue(6)})
    for ax, (_, found) in zip(figure.axes, trajectories.values(), strict=True):
        drawn = [line.get_ydata() for line in marked(ax, "run")]
        assert len(drawn) == len(found)
        assert all(np.array_equal(y, a["loss"]) for y, a in zip(drawn, found, strict=True))
        assert sorted({line.get_ydata()[0] for line in marked(ax, "level")}) == levels
        assert ax.get_xscale() == "linear" and ax.get_xlim()[0] == 0.0
        assert len(
            {
                line.get_color() if isinstance(line.get_color(), str) else tuple(line.get_color())
                for line in marked(ax, "run")
            }
        ) == len(found)
        low, high = ax.get_ylim()
        assert low < levels[0] and levels[-1] < high
    assert len(marked(figure.axes[1], "label")) == 18
    heights = sorted(text.xyann[1] for text in marked(figure.axes[1], "label"))
    assert np.diff(heights).min() > 0.005  # none on top of another


@pytest.mark.parametrize("name", exhaustive(["sgd-plateaus", "stages"], quick=["stages"]))
def test_nothing_is_cut_off_at_the_edge(name, study):
    (needed,) = (x.name for x in figures.FIGURES[name].inputs)
    figure = figures.make_figure(name, **{needed: study(needed)})
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    width, height = figure.get_size_inches()
    for text in [*figure.texts, *marked(figure, "label")]:
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0 and box.x1 <= width * figure.dpi, text.get_text()
        assert box.y0 >= 0 and box.y1 <= height * figure.dpi, text.get_text()


def test_stages_are_those_of_the_run(study):
    run, path = study("example_run")
    figure = figures.make_figure("stages", example_run=(run, path))
    assert run.stages == ["4++-", "4+", "5"]
    curve, *polygons = figure.axes
    assert len(polygons) == 6
    for ax, plateau in zip(polygons[::2], run.plateaus, strict=True):
        drawn = np.hstack([[a.U, a.V] for gid in ("live", "switched-off") for a in marked(ax, gid)])
        assert sorted(map(tuple, drawn.T)) == sorted(map(tuple, plateau.W.T))
    for ax, plateau in zip(polygons[1::2], run.plateaus, strict=True):
        heights = [bar.get_height() for bar in marked(ax, "norm")]
        assert heights == pytest.approx(list(np.hypot(*plateau.W)))
    (line,) = marked(curve, "loss")
    assert np.array_equal(line.get_ydata(), path.loss)
    assert len(marked(curve, "plateau")) == 3


def test_the_animation_says_the_stage_and_shows_lambda_hat_of_this_run_alone(study, tmp_path, monkeypatch):
    run, path = study("example_run")
    first, second, third = run.resolved
    between = (first.end + second.start) // 2
    names = [stages.stage_at(run.resolved, step) for step in (0, between, third.start)]
    assert names == ["4⁺⁺⁻", "4⁺⁺⁻ → 4⁺", "5"]
    still, moving = figures.FIGURES["stages"], figures.FIGURES["stages"].written_as(("gif",))
    assert [x.name for x in still.inputs] == ["example_run"]
    assert [x.name for x in moving.inputs] == ["example_run", "staircases"]
    found, drawn = study("staircases"), []

    def made(**how):
        drawn.append(panels := make_panels(**how))
        return panels

    monkeypatch.setattr(stages, "make_panels", made)
    other = replace(found, loss=found.loss + 1e-9)
    for along in (found, other, None):
        stages.animate((run, path), tmp_path / "run.gif", staircases=along, frames=2)
    pages = [panels.figure for panels in drawn]
    curves = [marked(figure, "lambda-hat") for figure in pages]
    assert [len(x) for x in curves] == [1, 0, 0]
    assert np.array_equal(curves[0][0].get_ydata(), found.series.lambda_hat, equal_nan=True)
    legends = [{x.get_text() for x in figure.axes[0].get_legend().get_texts()} for figure in pages]
    assert [any("lambda" in x for x in texts) for texts in legends] == [True, False, False]
    arrows = [{x.get_text() for legend in figure.legends for x in legend.get_texts()} for figure in pages]
    assert all({"output $i$ answers to input $i$", "it does not"} < texts for texts in arrows)


def test_the_animation_has_a_frame_for_each_record_shown(tmp_path: Path, study):
    written = stages.animate(study("example_run"), tmp_path / "run.gif", frames=5)
    with Image.open(written) as image:
        assert image.format == "GIF" and image.n_frames == 5
        frames = []
        for k in range(5):
            image.seek(k)
            frames.append(np.asarray(image.convert("L"), dtype=float))
    assert all(np.abs(a - b).max() > 50 for a, b in pairwise(frames))


def test_only_stages_are_animated(tmp_path: Path):
    assert figures.formats_of(figures.FIGURES["stages"])[-1] == "gif"
    with pytest.raises(KgonError, match="gif"):
        figures.save_figure("sgd-plateaus", tmp_path, formats=("gif",))
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_stages_from_another_start():
    run, _ = example_run(HERE, "4++----")
    assert run.start == "4++----" and len(run.stages) >= 2
