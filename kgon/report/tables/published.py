"""Hold the published λ̂ against the same chains, and say what of them is not λ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kgon.base.table import Column, Table
from kgon.base.text import counted, with_error
from kgon.experiments.llc.bias import CAUSES, Amount
from kgon.experiments.llc.convergence import ConvergencePoint
from kgon.experiments.llc.falls import Fall
from kgon.experiments.llc.published import SPACING, PublishedCheck
from kgon.experiments.llc.settings import PROTOCOL, PUBLISHED, PUBLISHED_CHAINS, PUBLISHED_N, SGLD
from kgon.kgons.basins import OTHER
from kgon.report.artefact import table
from kgon.report.claims.claim import SECOND_HAND
from kgon.report.tables.cells import decimal, estimate, label_tex, named, number

QUOTED = f"{SECOND_HAND}: published values and their protocol are known at second hand (table K.1)."
_HEADINGS = {"finite n": "finite $n$", "γ": r"$\gamma$"}
"""Names of causes in LaTeX, where they are other ones."""


@table()
def llc_published(llc_published: PublishedCheck) -> Table:
    """Hold the published λ̂ at n = 5000 against chains by their own protocol, on population and data."""
    return Table.of(
        zip(llc_published.points, llc_published.agreements, strict=True),
        [
            named(lambda item: item[0].label),
            Column("source", "loss", cell=lambda item: _source(item[0])),
            number("gamma", "γ", r"$\gamma$", lambda item: f"{item[0].localiser.gamma:g}"),
            Column("size", "ε", r"$\epsilon$", "r", cell=lambda item: f"{item[0].sampler.step_size:g}"),
            number("steps", "steps", "steps", lambda item: str(item[0].sampler.steps)),
            _published(lambda item: item[0].label),
            Column("ours", "λ̂", r"$\hat\lambda$", "r", cell=lambda item: estimate(item[0])),
            number("spread", "spread", "spread", lambda item: f"{item[0].spread:.2f}"),
            Column("left", "chains gone", "gone", "r", cell=lambda item: _share(item[0].left)),
            Column("discarded", "discarded", "disc.", "r", cell=lambda item: _discarded(item[0])),
            Column("verdict", "as published", cell=lambda item: str(item[1].verdict)),
        ],
        name="llc-published",
        title=f"Published λ̂ at n = {PUBLISHED_N} against the same chains, c = 6",
        caption=rf"Published $\hat\lambda$ at $n = {PUBLISHED_N}$ against the same chains, $c = 6$",
        size="footnotesize",
        notes=[
            f"{QUOTED} β = 1/log n; chains start at the k-gon. spread: standard deviation between the "
            "chains, of one data set; the published bars are of that size. gone: share of the chains that "
            "ended in the basin of something lower. discarded: chains with more than "
            f"{_share(PROTOCOL[1].discard)} of their draws below L(w*).",
            "as published: within three standard errors of the difference, where the published error of the "
            f"mean is its bar over √{PUBLISHED_CHAINS}; UNDECIDED where the error of the difference exceeds "
            f"{SPACING:g}, the spacing of λ.",
        ],
    )


@table(name="llc-bias")
def parts_of_the_bias(llc_published: PublishedCheck) -> Table:
    """Split the published λ̂ less λ into finite n, γ, time, step size, escape and the rule of discarding."""
    localiser, sampler = PROTOCOL
    time = f"{sampler.langevin(localiser).step_size * sampler.steps:g}"

    def cause(k: int, name: str) -> Column:
        return Column(name, name, _HEADINGS.get(name, name), "r", cell=lambda split: split.parts[k].shown)

    return Table.of(
        llc_published.splits,
        [
            named(lambda split: split.label),
            number("exact", "λ", r"$\lambda$", lambda split: f"{split.exact:g}"),
            *(cause(k, name) for k, name in enumerate(CAUSES)),
            Column("ours", "λ̂", r"$\hat\lambda$", "r", cell=estimate),
            _published(lambda split: split.label),
            Column("density", "of the density", "density", "r", cell=lambda split: split.density.shown),
            Column("sampling", "of the sampler", "sampler", "r", cell=lambda split: split.sampling.shown),
        ],
        name="llc-bias",
        title=f"From λ to the published λ̂ at n = {PUBLISHED_N}, c = 6",
        caption=rf"From $\lambda$ to the published $\hat\lambda$ at $n = {PUBLISHED_N}$, $c = 6$",
        size="footnotesize",
        notes=[
            f"{QUOTED} Population loss, β = 1/log n. λ and the six differences add up to λ̂, that of "
            f"{_chains(llc_published)} chains by the published protocol. finite n: the exact density in the "
            "basin of the k-gon at γ = 1, by Hamiltonian chains that cannot leave it, less λ. γ: the same at "
            f"γ = {localiser.gamma:g}. time: draws of the short chains in the basin, ε · steps = {time} from "
            "the k-gon. step: what the step size adds. escape: all draws less those in the basin. rule: "
            "chains that are kept less all.",
            *(
                f"{x.label}: {x.inside:.0%} of the draws in the basin, {counted(x.discarded, 'chain')} "
                f"discarded, chains in the basin: {x.health}."
                for x in llc_published.splits
            ),
        ],
    )


@table(name="llc-falls", slow=True)
def falls(llc_falls: Sequence[Fall]) -> Table:
    """Split λ̂ of short chains at the 4-gons into the fall and the rest, beside chains that stay, and λ."""

    def sampled(key: str, name: str, latex: str, cell: Callable[[Fall], Amount | None]) -> Column:
        return Column(key, name, latex, "r", cell=lambda x: _estimated(cell(x)))

    return Table.of(
        llc_falls,
        [
            named(lambda x: x.label),
            number("loss", "L", "$L$", lambda x: f"{x.loss:.5f}"),
            number("exact", "λ", r"$\lambda$", lambda x: decimal(x.lambda_)),
            sampled("short", "SGLD, γ = 1", r"SGLD, $\gamma = 1$", lambda x: x.short),
            sampled("fall", "its fall", "its fall", lambda x: x.fall),
            sampled("rest", "its rest", "its rest", lambda x: x.rest),
            Column("ends", "chains end in", cell=_ends, tex=_ends_tex),
            sampled("exact_chains", "HMC, γ = 1", r"HMC, $\gamma = 1$", lambda x: x.exact_chains),
            sampled("held", "HMC, γ = 100", r"HMC, $\gamma = 100$", lambda x: x.held),
            sampled("basin", "in the basin, γ = 1", r"in the basin, $\gamma = 1$", lambda x: x.basin),
        ],
        name="llc-falls",
        title=f"λ̂ of the 4-gons at n = {PUBLISHED_N}: what falls, and what stays, c = 6",
        caption=rf"$\hat\lambda$ of the $4$-gons at $n = {PUBLISHED_N}$: what falls, and what stays, $c = 6$",
        size="scriptsize",
        notes=[
            f"Population loss, β = 1/log n. SGLD: ten chains of {SGLD.steps} steps, ε = {SGLD.step_size:g}. "
            "its fall: s(E[L at the end of descent] − L(w*)); the rest: s E[L − L at the end of descent]. "
            "Errors of these three: from the spread of the chains (in loss-lambda-hat from effective draws, "
            "of which chains that have not mixed have few). in the basin: Hamiltonian chains that cannot "
            "leave it; λ and a basin have the local minima alone. Not in the main job unless it is full: ten "
            "seconds for numbers that no other result needs.",
        ],
    )


def _ends(found: Fall) -> str:
    """List where chains end, most first."""
    return ", ".join(f"{label} × {count}" for label, count in _by_count(found))


def _ends_tex(found: Fall) -> str:
    return ", ".join(
        rf"{label if label == OTHER else label_tex(label)} $\times$ {count}"
        for label, count in _by_count(found)
    )


def _by_count(found: Fall) -> list[tuple[str, int]]:
    return sorted(found.ends.items(), key=lambda x: (-x[1], x[0]))


def _estimated(found: Amount | None) -> str:
    return "" if found is None else with_error(found.value, found.stderr)


def _chains(found: PublishedCheck) -> str:
    return " or ".join(sorted({str(x.sampler.chains) for x in found.splits}))


def _source(point: ConvergencePoint) -> str:
    sets = point.data_sets
    return "population" if not sets else "data" if sets == 1 else f"{sets} data sets"


def _published(label: Callable[[Any], str]) -> Column:
    """Declare the column of the published values of labels."""

    def cell(item: Any) -> str:
        return "{0.value:.2f} ± {0.error:.2f}".format(PUBLISHED[label(item)])

    return Column("published", f"published {SECOND_HAND}", align="r", cell=cell)


def _discarded(found: ConvergencePoint) -> str:
    if found.sampler.discard is None:
        return ""
    return f"{found.discarded} of {max(found.data_sets, 1) * found.sampler.count(0)}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.0f} %"
