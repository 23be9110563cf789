"""The page on the paper: a row for each of its items, with what kgon answers.

Verdicts are those of the claims, judged as the page is built; of claims that take long the row names the
function, whose verdicts `kgon reproduce` prints.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sphinx.application import Sphinx

from kgon.base.verdicts import Verdict
from kgon.report.agenda import Agenda
from kgon.report.artefact import Registry
from kgon.report.claims.claim import Claim
from kgon.report.graph import in_order, make_or_raise

PAGE = "paper"
JUDGED = [
    f"{name}_claims"
    for name in (
        *("potential", "catalogue", "minima", "number", "polygon", "loss", "equation", "label"),
        *("free_energy", "crossing", "coefficient", "antecedent", "learning", "rank", "existence"),
    )
]
"""The claims that are quick to judge."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One item of the paper.

    Attributes
    ----------
    item, states : str
        Where it stands, and what it says.
    claims : tuple of str
        Names of claims that are judged as the page is built.
    later : tuple of str
        Functions under ``@claims`` that are not.
    tables, figures, pages : tuple of str
        That show it; pages by their name without ending.
    remark : str
        What else there is to say.
    missing : str
        Why there is no answer, or none to a part of it.
    """

    item: str
    states: str
    claims: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    remark: str = ""
    missing: str = ""

    def status(self, judged: dict[str, Claim]) -> str:
        """Say in a word whether kgon has an answer, and whether it contradicts."""
        if not (self.claims or self.later or self.tables or self.figures or self.pages):
            return "no"
        against = any(judged[name].verdict is Verdict.REFUTED for name in self.claims)
        return ("part" if self.missing else "yes") + (", corrects it" if against else "")

    def answers(self, judged: dict[str, Claim]) -> Iterator[str]:
        """List the parts of the answer."""
        for name in self.claims:
            claim = judged[name]
            yield f"**{claim.verdict}** {plain(name)}: {plain(claim.quoted)}; kgon: {plain(claim.ours)}"
        if self.later:
            yield "`kgon reproduce` judges " + ", ".join(f"`{name}`" for name in self.later)
        yield from (f"`kgon table {name}`" for name in self.tables)
        yield from (f"`kgon figure {name}`" for name in self.figures)
        yield from (f"[{name.rpartition('/')[2]}]({name}{ending(name)})" for name in self.pages)
        yield from (x for x in (self.remark, self.missing and f"*Missing:* {self.missing}") if x)


def ending(page: str) -> str:
    """The ending of a page's file: derivations are written in reStructuredText."""
    return ".rst" if page.startswith("derivations/") else ".md"


def plain(text: str) -> str:
    """Text of a claim as it is, in a cell of a Markdown table."""
    return "".join("\\" + x if x in "*_|[]" else x for x in text)


BACKED_BY_POSTERIOR = ("evidence_claims", "occupancy_claims")
ROWS = (
    Row(
        item="eq. (2)",
        states="data: one active feature, uniform; q(x)",
        pages=("conventions", "posterior"),
        remark="`kgon.EmpiricalLoss` draws such data",
    ),
    Row(
        item="Lemma 3.1, eq. (4)",
        states="closed form of H; L = H/(3c)",
        claims=("Lemma 3.1: closed form = integral",),
        pages=("derivations/01_potential",),
        remark="the same text runs in floats, fractions and balls",
    ),
    Row(
        item="eq. (17)",
        states="polar form at r = 2",
        pages=("derivations/02_kgon_equations",),
        remark="lengths, gaps and biases are the variables of derivations 2, 5 and 6",
    ),
    Row(
        item="Fig. 1, App. B",
        states="4⁺⁺⁻ → 4⁺ → 5 in one run, with λ̂; how to read it",
        later=("training_claims",),
        figures=("stages", "staircases"),
        pages=("training",),
    ),
    Row(
        item="Fig. 2",
        states="theoretical occupancy against MCMC, c = 6",
        later=BACKED_BY_POSTERIOR,
        figures=("occupancy", "occupancy-sampled", "occupancy-pair"),
        pages=("posterior",),
    ),
    Row(
        item="Fig. 2 at c = 4 and 5",
        states="the same diagrams, n from 100 to 600",
        figures=("occupancy-pair",),
        remark="`kgon figure occupancy-pair -c 4`, `-c 5`: theory and sampling; the main job has c = 6",
    ),
    Row(
        item="Fig. 2 up to n = 2000",
        states="tail of the diagram",
        figures=("occupancy-theories",),
        remark="the panel of the evidence; `kgon occupancy --n 100:2000:100 --theory mcmc` samples too",
    ),
    Row(
        item="Fig. 3",
        states="SGD rests at the levels of k-gons, up to 225 000 steps",
        later=("training_claims",),
        figures=("sgd-plateaus",),
        pages=("training",),
        remark="from 4-gons and from random starts",
    ),
    Row(
        item="loss against λ̂",
        states="14 of the 18 k-gons of c = 6",
        claims=("higher-energy phases mostly have lower complexity (exact λ of the ten minima)",),
        tables=("loss-lambda-hat", "llc-falls"),
        figures=("loss-lambda-hat", "loss-lambda"),
        pages=("lambda-hat", "learning-coefficients"),
        remark="all 18, and why those of 4-gons are negative",
    ),
    Row(
        item="App. A",
        states="labels k^(σ+,φ−), the admissible (k, σ, φ)",
        claims=(
            "admissible (k, σ, φ): k + σ ≤ c, φ ≤ 4 for k = 4 and φ = 0 for k > 4",
            "number of k-gon labels at c = 6",
        ),
        pages=("kgons", "derivations/02b_other_columns"),
    ),
    Row(
        item="Table A.1",
        states="l*, b* for k = 4 … 8",
        claims=(
            "l of the 4-gon",
            "b of the 4-gon",
            "l of the 5-gon",
            "b of the 5-gon",
            "l of the 6-gon",
            "b of the 6-gon",
            "l and b of the 7-gon",
            "l of the 8-gon",
            "b of the 8-gon",
        ),
        tables=("exact",),
        remark="the table's own numbers for k = 7 are quoted nowhere that was read",
    ),
    Row(
        item="Cor. D.2",
        states="a dead feature adds exactly 1 to H",
        claims=(
            "a dead feature adds exactly 1 to H = 3cL",
            "beside σ positive columns a dead feature adds 1 + 3σ/(4c(c + 1)) to H",
        ),
    ),
    Row(
        item="App. E.1",
        states="polynomial equations for (x², y) at a fixed s",
        claims=("App. E.1, second equation as printed",),
        pages=("derivations/02_kgon_equations", "errata"),
    ),
    Row(
        item="App. E.2",
        states="which k-gons there are: none for 9 ≤ c ≤ 203 with 4 ∤ c",
        claims=(
            "regular k-gons with s = ⌈k/4⌉ − 1 only, 4 ≤ k ≤ 203",
            "no regular 9-gon is a critical point",
            "exactly one regular k-gon for each k from 3 to 203",
        ),
        tables=("existence",),
        pages=("algebraic", "derivations/02c_every_k"),
    ),
    Row(
        item="App. E.2, 8-gon",
        states="numbers in the text and in Table A.1",
        claims=("l of the 8-gon, as the text has it", "b of the 8-gon, as the text has it"),
        pages=("errata",),
    ),
    Row(
        item="App. E.2, 12-gon",
        states="two pairs (l, b)",
        claims=(
            "12-gon: the first pair (l, b)",
            "12-gon: the second pair (l, b) is a critical point too",
        ),
        pages=("errata",),
    ),
    Row(
        item="Theorem F.2",
        states="critical points; minimal singularities",
        claims=(
            "Theorem F.2: the k-gons are critical points, and of what kind",
            "Theorem F.2 as printed: vertices of a k-gon at multiples of 2π/c",
            "the 15 labels 4^(σ+,φ−) are critical points",
            "labels that are local minima, c = 6",
        ),
        pages=("certificates",),
        remark="`kgon certify` writes the 21 certificates, `kgon check` verifies them on its own",
    ),
    Row(
        item="App. G, H",
        states="λ for k < c",
        claims=("λ of the k-gon at c = k + 1 and k + 2, k = 5 … 8", "λ of 5, 5⁺, 6"),
        tables=("learning",),
        pages=("learning-coefficients",),
    ),
    Row(
        item="App. H, theorem",
        states="λ(k = c) = (3c − 1)/2, nondegenerate up to O(2)",
        claims=("λ(k = c) = (3c − 1)/2, c = 4 … 8",),
        tables=("learning",),
    ),
    Row(
        item="App. H, analyticity",
        states="analytic at 5, C¹ but not C² at the 4-gon; λ by direction",
        claims=(
            "half the rank of the Hessian at 4 and 4⁻, by direction (c = 4)",
            "L is analytic near 4 of the ten local minima of c = 6, and not C² at the other 6",
            "λ of the ten labels that are local minima",
        ),
        tables=("one-sided-ranks",),
        pages=("hypotheses",),
    ),
    Row(
        item="losses",
        states="h_k; L(k, c) = (h_k + c − k)/(3c)",
        claims=(
            "h_5 = 3kL of the 5-gon at c = 5",
            "h_6 = 3kL of the 6-gon at c = 6",
            "h_7 = 3kL of the 7-gon at c = 7",
            "h_8 = 3kL of the 8-gon at c = 8",
            "L(k, c) = (h_k + c − k)/(3c)",
            "L of the 4-gon, c = 5",
            "L of the 4⁺-gon, c = 5",
            "L of the 5-gon, c = 5",
            "L of the 4-gon",
            "L of the 4⁺-gon",
            "L of the 5-gon",
            "L of the 5⁺-gon",
            "L of the 6-gon",
            "L(5) − L(5⁺)",
        ),
        tables=("catalogue",),
        remark="at c = 4 the 4-gon has L = 0",
    ),
    Row(
        item="constants",
        states="½‖w*‖² of 4, 4⁺, 5, 5⁺, 6",
        claims=(
            "c of the 4-gon = ½‖w*‖² (infimum)",
            "c of the 4⁺-gon = ½‖w*‖² (infimum)",
            "c of the 5-gon = ½‖w*‖² (infimum; published as a strict bound)",
            "c of the 5⁺-gon = ½‖w*‖²",
            "c of the 6-gon = ½‖w*‖²",
        ),
        tables=("phases",),
    ),
    Row(
        item="free energy",
        states="nL + λ log n − (m − 1) log log n + c",
        tables=("phases",),
        figures=("free-energy", "free-energy-theories"),
        pages=("free-energy",),
        remark="four theories of the constant, and the sampled evidence",
    ),
    Row(
        item="n_cr(5 → 6)",
        states="601, and 445 without the constants",
        claims=(
            "n_crit(5 → 6), theory prior, β = 1",
            "n_crit(5 → 6) without the constants, β = 1",
            "ΔL from 5 to 6",
            "Δc from 5 to 6",
            "among 5, 5⁺, 6 (theory prior, β = 1): 5 dominant for n from 100 to 600",
            "among all local minima (theory prior, β = 1): 5 dominant for n from 100 to 600",
        ),
        tables=("ncrit", "theories"),
    ),
    Row(
        item="n_cr(4⁺ → 5)",
        states="about 380 at c = 5",
        claims=("n_crit(4⁺ → 5) at c = 5, theory prior, β = 1",),
        tables=("ncrit-every-pair",),
    ),
    Row(
        item="observed window",
        states="5 gives way to 6 between n = 600 and 700",
        later=BACKED_BY_POSTERIOR,
        tables=("theories",),
        pages=("posterior",),
    ),
    Row(
        item="antecedent hypothesis",
        states="ΔL < 0 < Δλ for all observed transitions but two",
        claims=(
            "pairs of local minima, from the higher loss to the lower, on which λ rises",
            "the transitions 4⁺⁺⁻ → 4⁺ → 5 raise λ",
        ),
        later=("training_claims",),
        tables=("transitions", "transitions-every-pair", "sgd-transitions"),
        remark="between local minima training was seen to go 4⁺ → 5, where λ falls, and 4⁺⁺ → 5⁺, where it "
        "stays: `training_claims` names them",
        missing="which two the paper calls inconclusive is not said where it is quoted",
    ),
    Row(
        item="no 5 → 6 in SGD",
        states="a Bayesian transition never seen in training",
        later=("training_claims",),
        tables=("transition-rates",),
        pages=("training",),
        remark="none of 150 runs that rested at 5: the chance is at most 0.025",
    ),
    Row(
        item="App. J",
        states="draws are named by hull and biases; uncertain below n = 400",
        later=("naming_claims",),
        tables=("names-of-draws",),
        pages=("real-models",),
        remark="`kgon classify` prints the hull's name beside the nearest k-gon and the basin",
    ),
    Row(
        item="App. K, Table K.1",
        states="λ̂ at n = 5000, with its protocol",
        later=("lambda_hat_claims",),
        tables=("llc-published", "llc-bias", "llc-convergence"),
        figures=("llc-convergence",),
        pages=("lambda-hat", "learning-coefficients"),
        remark="by its own protocol, on population and data; what of λ̂ − λ is n and what the sampler",
    ),
    Row(
        item="λ̂ along trajectories",
        states="ε = 0.001, γ = 1, 500 steps, all samples",
        figures=("staircases",),
        pages=("training",),
        remark="`kgon llc TRAJECTORY --n 1000 --data TRAJECTORY`",
    ),
    Row(
        item="§5, SGD",
        states="n = 1000, batch 20, rate 0.005, 4500 epochs, 4-gon + N(0, 0.01²)",
        later=("training_claims",),
        pages=("training",),
    ),
    Row(
        item="list of critical points",
        states="not claimed to be complete",
        claims=("exactly one regular k-gon for each k from 3 to 203",),
        later=("minimum_claims", "landscape_claims"),
        tables=("landscape",),
        pages=("critical-points", "landscape", "global-minimum"),
        remark="proved complete: the regular polygons, and the global minimum for c ≤ 6",
        missing="a proof that all critical points below some loss are known: 17 dimensions, and no covering "
        "is in reach",
    ),
    Row(
        item="interactive t-SNE",
        states="point at a draw, see its polygon",
        figures=("tsne",),
        pages=("posterior",),
        missing="the figure is static",
    ),
    Row(
        item="misprints",
        states="those that readers found, and more",
        pages=("errata",),
    ),
)


def judge() -> dict[str, Claim]:
    """Judge the quick claims, by name; studies are computed once."""
    register = Registry("claims")
    agenda = Agenda(in_order(register[name] for name in JUDGED), {})
    make_or_raise(agenda)
    return {claim.name: claim for claim in agenda.values["claims"]}


def table() -> str:
    """Write the rows as a Markdown table."""
    judged = judge()
    lines = ["| item | what it states | kgon | where |", "|---|---|---|---|"]
    for row in ROWS:
        cells = plain(row.item), plain(row.states), row.status(judged), "<br>".join(row.answers(judged))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(app: Sphinx, page: str, source: list[str]) -> None:
    """Add the table to the page as it is read."""
    if page == PAGE:
        source[0] += "\n" + table()


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("source-read", write)
