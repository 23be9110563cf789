"""Tables that need sampling: n_crit by theory against evidence, λ against simulation, transitions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kgon.base.agreement import Agreement
from kgon.base.table import Column, Table
from kgon.base.text import listed, with_error
from kgon.base.verdicts import KgonError
from kgon.experiments.antecedent import PUBLISHED, assess_antecedent
from kgon.experiments.llc.two_ways import FULL, QUICK, learning_check
from kgon.experiments.posterior.as_theory import quick_evidence, sampled_crossing
from kgon.experiments.posterior.evidence import Evidence
from kgon.free_energy.conventions import MEANINGS, THEORIES
from kgon.free_energy.crossings import Crossing, n_crit
from kgon.free_energy.learning import learning_coefficients
from kgon.kgons.catalogue import Catalogue
from kgon.report.tables.cells import label_tex, lambda_text, transition_cells

PAIRS = (("5", "6"), ("5,5+", "6"))
"""The transitions held against the evidence, at c = 6."""


def _last(found: Crossing) -> str:
    """The largest root: the one beyond which the second phase stays below."""
    if not found.roots:
        return "none"
    root = found.roots[-1]
    return f"{root.n:.2f}" if root.stderr is None else with_error(root.n, root.stderr)


def theories_table(*, evidence: Evidence | None = None) -> Table:
    """n_crit(5 → 6) and n_crit({5, 5⁺} → 6) by theory and by sampling, at c = 6."""
    sampled = quick_evidence() if evidence is None else evidence
    rows = []
    for beta in ("1", "1/2"):
        for theory in (*THEORIES, "evidence"):
            cells = [
                _last(
                    sampled_crossing(sampled, first, second, beta=beta)
                    if theory == "evidence"
                    else n_crit(first, second, theory=theory, beta=beta)
                )
                for first, second in PAIRS
            ]
            rows.append(
                {
                    "theory": theory,
                    "meaning": MEANINGS[theory],
                    "beta": beta,
                    "single": cells[0],
                    "both": cells[1],
                }
            )
    return Table(
        name="theories",
        title="n_crit by theory and by sampling, c = 6: 5 → 6, and {5, 5⁺} → 6",
        caption=r"$n_\mathrm{crit}$ by theory and by sampling, $c = 6$: $5 \to 6$, and $\{5, 5^+\} \to 6$",
        columns=[
            Column("theory", "theory"),
            Column("meaning", "constant"),
            Column("beta", "β", r"$\beta$", "r"),
            Column("single", "5 → 6", r"$5 \to 6$", "r"),
            Column("both", "{5, 5⁺} → 6", r"$\{5, 5^+\} \to 6$", "r"),
        ],
        rows=rows,
        notes=[
            "The largest root. Between 5 and 5⁺ there is no barrier: both together are the robust quantity.",
            f"evidence: sequential Monte Carlo, population loss, {sampled.effort} "
            f"particles, seed {sampled.seed}; a basin is where gradient descent ends.",
        ],
    )


def evidence_table(*, evidence: Evidence | None = None) -> Table:
    """Sampled free energies of the basins that were followed, of 5 and 5⁺ together, and of the whole."""
    sampled = quick_evidence() if evidence is None else evidence
    names = [*sampled.targets, "all"]
    both = {"5", "5+"} <= set(sampled.targets)
    if both:
        names.insert(-1, "5,5+")

    def cell(name: str, s: float) -> str:
        try:
            return with_error(*sampled.free_energy(listed(name), s))
        except KgonError:  # nothing was found there
            return ""

    return Table(
        name="evidence",
        title=f"Sampled free energies F of the basins, in nats, c = {sampled.c}: s = βn",
        caption=rf"Sampled free energies $F$ of the basins, in nats, $c = {sampled.c}$: $s = \beta n$",
        columns=[
            Column("s", "s", "$s$", "r"),
            *(Column(x, x, x if x == "all" else rf"{label_tex(x)}", "r") for x in names),
        ],
        rows=[{"s": f"{s:g}", **{name: cell(name, s) for name in names}} for s in sampled.sizes],
        notes=[
            f"Population loss, prior N(0, I), {sampled.effort} particles, seed "
            f"{sampled.seed}. all: the whole posterior.",
        ],
    )


def learning_check_table(*, c: int = 6, full: bool | None = None) -> Table:
    """λ of every local minimum against two simulations that do not know it."""

    def shown(found: Agreement) -> str:
        return with_error(found.estimate, found.stderr)

    effort = FULL if full else QUICK
    checks = {
        str(x.name): learning_check(x.name, c, expected=float(x.lambda_), effort=effort)
        for x in learning_coefficients(c)
    }
    rows = [
        {
            "label": name,
            "expected": f"{check.expected:g}",
            "energy": shown(check.energy),
            "volume": shown(check.volume),
            "verdict": str(check.verdict),
        }
        for name, check in checks.items()
    ]
    return Table(
        name="learning-check",
        title=f"λ of the local minima against simulation, c = {c}",
        caption=rf"$\lambda$ of the local minima against simulation, $c = {c}$",
        columns=[
            Column("label", "label"),
            Column("expected", "λ", r"$\lambda$", "r", number=True),
            Column("energy", "λ̂ by energy", r"$\hat\lambda$ by energy", "r"),
            Column("volume", "λ̂ by volume", r"$\hat\lambda$ by volume", "r"),
            Column("verdict", "verdict"),
        ],
        rows=rows,
        tex_cells={"label": label_tex},
        notes=[
            "Energy: s E[L − L*] in a posterior localised at the point, s → ∞. Volume: exponent of the "
            "volume of L − L* < ε, ε → 0.",
            f"Resolution {effort.resolution}: a larger standard error is UNDECIDED.",
        ],
    )


def transitions_table(*, states: Sequence[str] = PUBLISHED) -> Table:
    """ΔL and exact Δλ of the text's transitions, and of those between the low minima at c = 6."""
    chains = [
        tuple(states),
        ("4", "5"),
        ("4+", "5"),
        ("5", "5+"),
        ("5", "6"),
        ("5+", "6"),
        ("4", "4+", "4++"),
    ]
    seen: dict[tuple[str, str], dict[str, str]] = {}
    points = Catalogue(6)
    for chain in chains:
        found = assess_antecedent(chain)
        for (first, second), item in zip(pairwise(found.states), found.transitions, strict=True):
            seen[first, second] = {
                **transition_cells(first, second),
                "before": lambda_text(points[first].lambda_) or "undefined",
                "after": lambda_text(points[second].lambda_) or "undefined",
                "delta_loss": f"{item.delta_loss:.6f}",
                "slope": "" if item.slope is None else f"{item.slope:.6f}",
                "verdict": str(item.verdict),
                "reason": item.reason,
            }
    return Table(
        name="transitions",
        title="The Bayesian antecedent hypothesis with exact λ: ΔL < 0 < Δλ, c = 6",
        caption=r"The antecedent hypothesis with exact $\lambda$: $\Delta L < 0 < \Delta\lambda$, $c = 6$",
        columns=[
            Column("pair", "transition"),
            Column("before", "λ before", r"$\lambda$ before", "r"),
            Column("after", "λ after", r"$\lambda$ after", "r"),
            Column("delta_loss", "ΔL", r"$\Delta L$", "r", number=True),
            Column("slope", "ΔL/Δλ", r"$\Delta L/\Delta\lambda$", "r", number=True),
            Column("verdict", "verdict"),
            Column("reason", "reason"),
        ],
        rows=list(seen.values()),
        notes=[
            "The first two are those of the text's developmental stages. With sampled λ: kgon antecedent "
            "--sampled."
        ],
    )
