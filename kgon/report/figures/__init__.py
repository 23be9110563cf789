"""Figures by name: ``FIGURES`` lists them, ``make_figure`` builds one, ``save_figure`` writes it.

The drawing functions take Axes and return them, and compute nothing: the data come from the catalogue,
the free energy and the experiments.  Matplotlib is imported when a figure is built, not before.

Examples
--------
>>> list(FIGURES)[:3]
['energy-levels', 'kgon', 'free-energy']
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgon.base.checks import shown
from kgon.base.files import write_with
from kgon.base.verdicts import KgonError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "png", "svg")
"""File formats of every figure."""
ANIMATED = "gif"
"""Format of a figure that can be animated."""
_UNDATED: dict[str, dict[str, Any]] = {
    "pdf": {"CreationDate": None},
    "png": {"Software": None},
    "svg": {"Date": None},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a figure can be asked for.

    Attributes
    ----------
    c : int
        Number of features.
    label : str or None
        The k-gon to draw; None draws the three of the developmental stages.
    theory : str
        Constant c_α of the free energy: ``prior`` or ``none``.
    beta : number or str
        Inverse temperature; text is read exactly.
    full : bool
        Include what is slow; without effect where nothing is.
    evidence : Evidence or None
        Sampled free energies; None samples them in the quick setting.
    occupancy : PosteriorOccupancy or None
        Sampled occupancies; None samples them.
    """

    c: int = 6
    label: str | None = None
    theory: str = "prior"
    beta: Any = 1
    full: bool = False
    evidence: Any = None
    occupancy: Any = None


_NAMES = tuple(field.name for field in dataclasses.fields(Options))


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """A figure that can be built.

    Attributes
    ----------
    name, description : str
    options : tuple of str
        The options that change it.
    builder : str
        ``module:function`` in this package.
    needs : str
        A package that is an extra, if it needs one.
    animator : str
        The same of the function that writes the figure as GIF; empty where there is none.
    """

    name: str
    description: str
    options: tuple[str, ...]
    builder: str
    needs: str = ""
    animator: str = ""

    @property
    def formats(self) -> tuple[str, ...]:
        """File formats that it can be written in."""
        return (*FORMATS, ANIMATED) if self.animator else FORMATS

    @property
    def available(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or importlib.util.find_spec(self.needs) is not None

    def build(self, options: Options) -> Figure:
        """The figure, in the package's style whatever the user's settings are."""
        from kgon.report.figures.style import house_style

        make: Callable[[Options], Figure] = _function(self.builder)
        with house_style():
            return make(options)

    def animate(self, options: Options, path: Path) -> Path:
        """Write the animation."""
        from kgon.report.figures.style import house_style

        write: Callable[[Options, Path], Path] = _function(self.animator)
        with house_style():
            return write(options, path)


def _function(place: str) -> Callable[..., Any]:
    """The function ``module:function`` of this package."""
    module, _, function = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(f"kgon.report.figures.{module}"), function)
    return found


_SPECS = (
    FigureSpec(
        "energy-levels",
        "losses of all catalogued k-gons as energy levels, each k-gon drawn beside its level",
        ("c",),
        "levels:build",
    ),
    FigureSpec(
        "kgon", "vectors W_i of k-gons, and bars of |W_i| and |b_i|", ("c", "label"), "portraits:build"
    ),
    FigureSpec(
        "free-energy",
        "free energy F_n of the phases against n, with n_crit",
        ("c", "theory", "beta"),
        "phases:build_free_energy",
    ),
    FigureSpec(
        "occupancy",
        "theoretical occupancy of the phases against n, with n_crit",
        ("c", "theory", "beta"),
        "phases:build_occupancy",
    ),
    FigureSpec(
        "free-energy-theories",
        "free energy of every phase, one panel per theory, against the sampled evidence",
        ("c", "beta", "evidence"),
        "sampled:build_free_energy",
    ),
    FigureSpec(
        "occupancy-theories",
        "occupancy of every phase, one panel per theory and one for the sampled posterior",
        ("c", "beta", "evidence"),
        "sampled:build_occupancy",
    ),
    FigureSpec(
        "occupancy-sampled",
        "occupancy of the phases at β = 1 and ½: theories, population loss, data sets with their spread",
        ("c", "full", "occupancy"),
        "posterior:build",
    ),
    FigureSpec(
        "tsne",
        "t-SNE of posterior draws at n = 300, 500, 700, 1000, coloured by phase (extra tsne)",
        ("c", "full"),
        "projection:build",
        needs="sklearn",
    ),
    FigureSpec(
        "loss-lambda",
        "loss against the exact learning coefficient of the local minima, with transitions",
        ("c",),
        "complexity:build",
    ),
    FigureSpec(
        "laplace-check",
        "local evidence against the Laplace constants: what is left, and its power of n",
        ("full",),
        "laplace_check:build",
    ),
    FigureSpec(
        "sgd-plateaus",
        "loss of SGD runs over the energy levels of the catalogue",
        ("c", "full"),
        "training:build",
    ),
    FigureSpec(
        "stages",
        "developmental stages of one SGD run: polygons and bars at its plateaus, and the loss; also as GIF",
        ("c", "label"),
        "stages:build",
        animator="stages:animate",
    ),
    FigureSpec(
        "phase-diagram",
        "phase with the lowest free energy in (n, β) and in (n, importance of a feature)",
        ("c", "theory", "beta"),
        "diagram:build",
    ),
    FigureSpec(
        "branches",
        "loss of every k-gon against the importance of the last feature, with events; saddles dashed",
        ("c",),
        "branches:build",
    ),
    FigureSpec(
        "llc-convergence",
        "sampled λ̂ of 5, 5⁺ and 6 against n, with exact λ and the published values",
        ("full",),
        "llc_convergence:build",
    ),
    FigureSpec(
        "loss-lambda-hat",
        "loss against sampled λ̂ of the 18 k-gons, with the transitions of the text, beside exact λ",
        ("full",),
        "loss_lambda_hat:build",
    ),
    FigureSpec(
        "staircases",
        "one SGD run: the loss falls and λ̂ rises in steps, with the polygons of its plateaus",
        ("label",),
        "staircases:build",
    ),
    FigureSpec(
        "toy-posterior", "the two phases of a posterior in the plane, at n = 10 and n = 100", (), "toy:build"
    ),
    FigureSpec(
        "lemma-two",
        "the global minimum: where one end of an edge costs enough, for five, six and seven columns",
        (),
        "lemma_two:build",
    ),
    FigureSpec(
        "landscape",
        "disconnectivity graph: wells, ledges, and the saddles over which they are joined",
        ("c", "full"),
        "landscape:build",
    ),
    FigureSpec(
        "landscape-path",
        "loss along the path over saddles from the 4-gon to the lowest minimum, with polygons",
        ("c", "full"),
        "landscape:build_path",
    ),
    FigureSpec("taxonomy", "kinds of critical points in two dimensions", (), "taxonomy:build"),
    FigureSpec(
        "empirical-cost",
        "amplitudes examined per evaluation of the empirical loss, against n",
        ("c", "full"),
        "cost:build",
    ),
)
FIGURES: dict[str, FigureSpec] = {spec.name: spec for spec in _SPECS}
"""Every figure, by name."""


def _checked(spec: FigureSpec, given: dict[str, Any]) -> Options:
    """Options of a figure: unknown names are refused, and values that it would ignore."""
    from kgon.free_energy.conventions import check_beta, check_theory

    for name in given:
        if name not in _NAMES:
            raise KgonError(f"unknown option {name!r} of a figure; the options are {', '.join(_NAMES)}")
    options = Options(**{name: value for name, value in given.items() if value is not None})
    options = dataclasses.replace(options, theory=check_theory(options.theory), beta=check_beta(options.beta))
    if not isinstance(options.full, bool):
        raise KgonError(f"full must be True or False, got {options.full!r}")
    for name in _NAMES:
        value = getattr(options, name)
        if name not in (*spec.options, "full") and value != getattr(Options(), name):
            known = ", ".join(spec.options) or "none"
            raise KgonError(
                f"figure {spec.name} does not depend on {name} (got {shown(value)}); options: {known}"
            )
    return options


def make_figure(name: str, **options: Any) -> Figure:
    """Build a figure.

    Parameters
    ----------
    name : str
        A key of ``FIGURES``.
    **options
        Fields of ``Options``; None stands for the default.

    Raises
    ------
    KgonError
        Unknown name or option, a bad value, or a value that the figure would ignore.
    """
    checked = check(name, **options)
    return FIGURES[name].build(checked)


def check(name: str, **options: Any) -> Options:
    """The options of a figure; refuses what ``make_figure`` would refuse at once."""
    if name not in FIGURES:
        raise KgonError(f"unknown figure {name!r}; the figures are {', '.join(FIGURES)}")
    return _checked(FIGURES[name], options)


def save_figure(
    name: str, folder: str | Path, *, formats: Sequence[str] = ("pdf", "png"), **options: Any
) -> list[Path]:
    """Build a figure and write ``folder/name.format`` for each format, atomically and undated.

    The same options give the same bytes (with the same version of Matplotlib).

    Parameters
    ----------
    name : str
        A key of ``FIGURES``.
    folder : str or Path
        Created if it does not exist.
    formats : sequence of str
        Of the figure's ``formats``.
    **options
        Fields of ``Options``.

    Returns
    -------
    list of Path
        The files written, in the order of ``formats``.

    Raises
    ------
    KgonError
        As ``make_figure``; an unknown format; a folder that cannot be written.
    """
    checked = check(name, **options)
    spec = FIGURES[name]
    for form in formats:
        if form not in spec.formats:
            raise KgonError(f"no format {form!r} of figure {name}; the formats are {', '.join(spec.formats)}")
    drawn = spec.build(checked) if set(formats) - {ANIMATED} else None
    from kgon.report.figures.style import house_style

    written = []
    for form in formats:
        if form == ANIMATED:
            written.append(spec.animate(checked, Path(folder) / f"{name}.{form}"))
            continue

        def write(path: Path, form: str = form) -> None:
            assert drawn is not None
            drawn.savefig(path, format=form, metadata=_UNDATED[form])

        with house_style():
            written.append(write_with(Path(folder) / f"{name}.{form}", write))
    return written
