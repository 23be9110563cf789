"""What the methods cite."""

from __future__ import annotations

from dataclasses import dataclass

from kgon.base.version import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A work that is cited.

    Attributes
    ----------
    authors : tuple of str
        Given names first.
    year : int
    title, where : str
        ``where`` is the journal with its pages, or where else it can be read.
    """

    authors: tuple[str, ...]
    year: int
    title: str
    where: str

    def __str__(self) -> str:
        return f"{', '.join(self.authors)} ({self.year}). {self.title}. {self.where}."

    def bibtex(self, key: str) -> str:
        """Write it as an entry of BibTeX."""
        fields = {
            "author": " and ".join(self.authors),
            "title": f"{{{self.title}}}",
            "year": str(self.year),
            "howpublished": self.where,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
        return "\n".join([f"@misc{{{key},", *lines, "}"])


OWN_KEY = "kgon"
REFERENCES = {
    OWN_KEY: Reference(
        authors=("The kgon developers",),
        year=2026,
        title="kgon: the toy model of superposition seen through singular learning theory",
        where=f"Software, version {__version__}",
    ),
    "chen2023": Reference(
        authors=("Zhongtian Chen", "Edmund Lau", "Jake Mendel", "Susan Wei", "Daniel Murfet"),
        year=2023,
        title="Dynamical versus Bayesian Phase Transitions in a Toy Model of Superposition",
        where="arXiv:2310.06301",
    ),
    "elhage2022": Reference(
        authors=("Nelson Elhage", "others"),
        year=2022,
        title="Toy Models of Superposition",
        where="arXiv:2209.10652",
    ),
    "watanabe2009": Reference(
        authors=("Sumio Watanabe",),
        year=2009,
        title="Algebraic Geometry and Statistical Learning Theory",
        where="Cambridge University Press",
    ),
    "lau2023": Reference(
        authors=("Edmund Lau", "Zach Furman", "George Wang", "Daniel Murfet", "Susan Wei"),
        year=2023,
        title="The Local Learning Coefficient: A Singularity-Aware Complexity Measure",
        where="arXiv:2308.12108",
    ),
    "krawczyk1969": Reference(
        authors=("Rudolf Krawczyk",),
        year=1969,
        title="Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken",
        where="Computing 4, 187–201",
    ),
    "johansson2017": Reference(
        authors=("Fredrik Johansson",),
        year=2017,
        title="Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
        where="IEEE Transactions on Computers 66, 1281–1292",
    ),
    "swendsen1986": Reference(
        authors=("Robert H. Swendsen", "Jian-Sheng Wang"),
        year=1986,
        title="Replica Monte Carlo simulation of spin-glasses",
        where="Physical Review Letters 57, 2607–2609",
    ),
    "delmoral2006": Reference(
        authors=("Pierre Del Moral", "Arnaud Doucet", "Ajay Jasra"),
        year=2006,
        title="Sequential Monte Carlo samplers",
        where="Journal of the Royal Statistical Society B 68, 411–436",
    ),
    "welling2011": Reference(
        authors=("Max Welling", "Yee Whye Teh"),
        year=2011,
        title="Bayesian Learning via Stochastic Gradient Langevin Dynamics",
        where="Proceedings of the 28th International Conference on Machine Learning",
    ),
    "maaten2008": Reference(
        authors=("Laurens van der Maaten", "Geoffrey Hinton"),
        year=2008,
        title="Visualizing Data using t-SNE",
        where="Journal of Machine Learning Research 9, 2579–2605",
    ),
}
"""By key; the first two are those of ``CITATION.cff``."""
