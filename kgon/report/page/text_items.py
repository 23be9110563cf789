"""The figures and tables of the text in its order: where the page shows each, and the claims about it.

The text is the distillation of Chen et al. 2023.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TextItem:
    """A figure or table of the text.

    Attributes
    ----------
    title, kind : str
        As the text calls it; ``figure`` or ``table``.
    shown : str
        Name of the figure or table that shows the same; empty where there is nothing to compute.
    claims : tuple of str
        How the names of its claims begin.
    note : str
        Why nothing is computed, or what is done otherwise.
    """

    title: str
    kind: str = "figure"
    shown: str = ""
    claims: tuple[str, ...] = ()
    note: str = ""

    @property
    def anchor(self) -> str:
        """Where it stands in the page."""
        kind = "fig" if self.kind == "figure" else "table"
        return f"{kind}-{self.shown or 'phaeodaria'}"


TEXT_ITEMS = (
    TextItem(
        title="Ernst Haeckel, Kunstformen der Natur, plate 1: Phaeodaria",
        note="A drawing that opens the text: there is nothing in it to compute or to claim.",
    ),
    TextItem(
        title="Developmental stages of TMS",
        shown="stages",
        claims=("a 4-gon can turn into a 5-gon", "SGD proceeds via phase transitions"),
        note="An animation in the text; kgon figure stages --format gif writes one.",
    ),
    TextItem(
        title="Taxonomy of critical points",
        shown="taxonomy",
        claims=("Theorem F.2: the k-gons are critical points",),
    ),
    TextItem(
        title="Three k-gons",
        shown="kgon",
        claims=("admissible (k, σ, φ)", "all 18 k-gons are critical points"),
    ),
    TextItem(
        title="Energy levels of k-gons", shown="energy-levels", claims=("number of k-gon labels", "L of the ")
    ),
    TextItem(title="SGD plateaus", shown="sgd-plateaus", claims=("SGD always plateaus on a known k-gon",)),
    TextItem(
        title="Opposing staircases",
        shown="staircases",
        claims=("in all cases a decrease in loss", "the transitions 4⁺⁺⁻ → 4⁺ → 5 raise λ"),
    ),
    TextItem(
        title="Loss and complexity of k-gons",
        shown="loss-lambda-hat",
        claims=("higher-energy phases mostly have lower complexity",),
        note="All labels of the catalogue; the text has some of them.",
    ),
    TextItem(title="Phases of a Bayesian posterior", shown="toy-posterior", claims=("toy posterior: ",)),
    TextItem(
        title="Bayesian phase transitions: free energy against n",
        shown="free-energy",
        claims=("n_crit(5 → 6), theory prior",),
    ),
    TextItem(
        title="Transitions in critical points across W",
        shown="landscape-changes",
        claims=("6 loses the lowest loss", "6 disappears in a fold"),
    ),
    TextItem(
        title="Learning coefficient, loss and constant of the phases",
        kind="table",
        shown="phases",
        claims=("λ of 5, 5⁺, 6", "L of the 5", "L of the 6", "c of the 5", "c of the 6"),
    ),
    TextItem(
        title="A real Bayesian phase transition: occupancy by theory and by MCMC",
        shown="occupancy-pair",
        claims=("posterior: ", "among "),
    ),
    TextItem(
        title="t-SNE visualisation of MCMC samples",
        shown="tsne",
        claims=("the posterior concentrates near critical points", "naming draws by hull and biases"),
    ),
    TextItem(
        title="Mechanistic and thermodynamical claims",
        kind="table",
        shown="claims",
        claims=(
            "all 18 k-gons are critical points", "SGD proceeds by forming", "a 4-gon can turn into a 5-gon",
            "higher-energy phases mostly", "the posterior concentrates", "SGD proceeds via phase transitions",
            "transitions of SGD lower the free energy", "in all cases a decrease in loss",
        ),
    ),
)  # fmt: skip
