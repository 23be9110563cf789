"""The story that the page tells: its sections in order, and what each shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of the story.

    Attributes
    ----------
    anchor, title, lead : str
        ``lead`` is what it is about, without numbers, which stand in the claims.
    figures : mapping
        Name of each figure to its heading.
    tables, claims : tuple of str
        Names of tables, and of the functions that judge claims.
    """

    anchor: str
    title: str
    lead: str
    figures: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


PRESETS = {
    "kgon": ("4++-", "4+", "5"),
    "energy-levels": ("6", "5+", "5", "4++", "4+", "4"),
    "stages": ("4++-", "4+", "5"),
    "staircases": ("4++-", "4+", "5"),
    "loss-lambda": ("4+", "5"),
    "free-energy": ("5", "6"),
    "occupancy-pair": ("5", "6"),
    "landscape": ("5+..5+", "5+..6", "4++..5+", "4++..4++", "4+..5"),
    "landscape-path": ("4+..5", "5+..6"),
    "branches": ("6", "5+"),
    "landscape-changes": ("6", "5+"),
}
"""Figure to the points of the explorer that it links to: k-gons, and saddles by the two minima they join."""
CLAIMS_TABLE = "claims"
"""The table that the page shows in groups of its own."""
STORY = (
    Section(
        anchor="model",
        title="The model",
        lead="A small network stores more features than it has dimensions. Its loss has a closed form, and "
        "what is said of forms and growth is said of critical points of that loss.",
        figures={"taxonomy": "Kinds of critical points", "empirical-cost": "Cost of the empirical loss"},
        claims=("potential_claims",),
    ),
    Section(
        anchor="k-gons",
        title="The k-gons",
        lead="In two dimensions the critical points of low loss are regular polygons, named by their "
        "vertices, their positive biases and their switched-off columns.",
        figures={
            "kgon": "Three k-gons",
            "energy-levels": "Energy levels",
            "solids": "In three dimensions",
        },
        tables=("catalogue", "existence", "solids"),
        claims=(
            "catalogue_claims",
            "number_claims",
            "polygon_claims",
            "loss_claims",
            "equation_claims",
            "existence_claims",
        ),
    ),
    Section(
        anchor="certificates",
        title="Certificates",
        lead="What each k-gon is, a minimum or a saddle and how many directions are flat, is proved in ball "
        "or exact arithmetic, and the proofs are checked by a program that shares no code with the prover.",
        tables=("exact", "one-sided-ranks"),
        claims=("minima_claims", "label_claims"),
    ),
    Section(
        anchor="global-minimum",
        title="The global minimum",
        lead="A computer-assisted proof over all weights and biases decides which point is lowest.",
        figures={"lemma-two": "The second lemma"},
        claims=("minimum_claims",),
    ),
    Section(
        anchor="lambda",
        title="The learning coefficient λ",
        lead="λ measures how the volume of nearly optimal points shrinks. It is exact and proved at every "
        "local minimum; sampled estimates λ̂ are held against it.",
        figures={
            "llc-convergence": "λ̂ against the sample size",
            "loss-lambda-hat": "Loss and complexity of k-gons",
        },
        tables=(
            "learning",
            "learning-check",
            "llc-published",
            "llc-bias",
            "llc-falls",
            "llc-convergence",
            "loss-lambda-hat",
        ),
        claims=("coefficient_claims", "learning_claims", "lambda_hat_claims", "rank_claims"),
    ),
    Section(
        anchor="free-energy",
        title="The free energy",
        lead="A phase weighs as much as the posterior mass around its minimum. Loss, λ and a constant decide "
        "it; the constant is where theories differ.",
        figures={
            "toy-posterior": "Two phases in the plane",
            "free-energy": "Free energy of the phases",
            "free-energy-theories": "Theories against sampled evidence",
            "laplace-check": "What the constants leave",
        },
        tables=("phases", "evidence"),
        claims=("toy_claims",),
    ),
    Section(
        anchor="n-crit",
        title="The critical sample size",
        lead="With more samples the posterior trades complexity for loss: at n_crit one phase gives way to "
        "the next.",
        figures={"occupancy": "Occupancy by theory", "phase-diagram": "Phase diagrams"},
        tables=("ncrit", "ncrit-every-pair", "theories"),
        claims=("free_energy_claims", "crossing_claims"),
    ),
    Section(
        anchor="training",
        title="Training",
        lead="Stochastic gradient descent rests on plateaus and falls between them. Whether these "
        "transitions have Bayesian antecedents is asked of the exact λ.",
        figures={
            "stages": "Developmental stages",
            "sgd-plateaus": "Plateaus",
            "staircases": "Opposing staircases",
            "loss-lambda": "Loss against exact λ",
        },
        tables=("sgd-transitions", "transitions", "transitions-every-pair", "transition-rates"),
        claims=("antecedent_claims", "training_claims"),
    ),
    Section(
        anchor="posterior",
        title="The posterior",
        lead="The posterior is sampled on the population loss and on data sets, with checks that the chains "
        "mixed; theories are held against the shares that were found.",
        figures={
            "occupancy-pair": "Occupancy, theory and sampled",
            "occupancy-sampled": "Occupancy, population and data",
            "occupancy-theories": "Occupancy by every theory",
            "tsne": "Draws in a plane",
        },
        tables=("names-of-draws",),
        claims=("evidence_claims", "occupancy_claims", "concentration_claims", "naming_claims"),
    ),
    Section(
        anchor="landscape",
        title="The landscape",
        lead="Between the minima lie saddles and rims. As the importance of a feature changes, minima trade "
        "places and end.",
        figures={
            "landscape": "The tree of the minima",
            "landscape-path": "The path of least climb",
            "landscape-changes": "Transitions as the landscape changes",
            "branches": "Branches over an importance",
        },
        tables=("landscape", "branches"),
        claims=("branch_claims", "landscape_claims"),
    ),
)
