"""The landscape as a graph: minima, transitions between them, and how they run together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from kgon.base.checks import Floats
from kgon.base.results import Result, only_given, result
from kgon.base.text import counted, uncertified
from kgon.base.verdicts import KgonError, Verdict
from kgon.kgons.labels import Label
from kgon.kgons.names import Name, Other, first_of_alike, parse_name
from kgon.kgons.rest import at_rest
from kgon.kgons.symmetry import orbit_distance
from kgon.landscape.paths import lengths
from kgon.numerics.merge_tree import Merge, Pass, build_merge_tree, least_climb, lowest_passes
from kgon.potential.loss import Potential
from kgon.potential.model import TMS

WELL, LEDGE, NO_MINIMUM = "well", "ledge", "no minimum"
SADDLE, RIM = "saddle", "rim"
FLAT_POINTS = 9
"""Points of a straight line along a flat set."""


@result
class Node(Result):
    """A node of the graph: a minimum, or a k-gon of any kind.

    Attributes
    ----------
    label : str
        Of the k-gon, without configuration, at unequal weights with the columns that play its parts; of an
        irregular minimum; ``L=0.069289`` of another point.
    catalogued : bool
    kind : str
        ``well``: a local minimum that no path leaves without climbing.  ``ledge``: a local minimum whose
        flat set has a rim, from which L falls.  ``no minimum``.
    loss : float
    W, biases : (2, c) and (c,) arrays
    unnamed : str or None
        At unequal weights: why a point that is no k-gon is none.
    """

    schema: ClassVar[str] = "landscape-node"

    label: str
    catalogued: bool
    kind: str
    loss: float
    W: np.ndarray
    biases: np.ndarray
    unnamed: str | None = only_given(shown=False)

    @property
    def name(self) -> Name:
        """The label as an object."""
        return parse_name(self.label)

    def headline(self) -> str:
        return f"{self.label}: {self.kind}, L = {self.loss:.8f}"


@result
class Missing(Result):
    """A k-gon that is a minimum at equal weights, and which a model does not have: its branch ends before."""

    schema: ClassVar[str] = "landscape-missing"

    label: str
    reason: str

    def headline(self) -> str:
        return f"without {self.label}: {self.reason}"


@result
class Transition(Result):
    """A way from one minimum to another, over a saddle of index 1 or over the rim of a ledge.

    Attributes
    ----------
    kind : str
        ``saddle`` or ``rim``.
    first, second : str
        Labels (``from``, ``to`` in JSON); ``first`` is the higher.
    saddle_loss : float
        Largest L on the way.
    barrier, back : float
        ``saddle_loss`` less the loss of ``first``, and of ``second``.
    proof : Verdict
        PROVED where an exact critical point of index 1 is proved to exist nearby, and for the rims of
        k-gons (the formulas of ``kgon.landscape.rims``) that are proved to be critical points; else
        CONFIRMED: so says floating point.  Which minima a saddle joins is always found by following the flow
        in floating point, and so is the end of a rim at unequal weights.
    reason : str
        What stands in the way of a proof, or what of a rim is not proved.
    curvature : float or None
        The negative eigenvalue of the Hessian; None at a rim.
    loss_lower, loss_upper : float or None
        Proved enclosure of ``saddle_loss``, of saddles.
    W, biases : (2, c) and (c,) arrays
        The saddle, or the point of the rim.
    path_W, path_biases : (m, 2, c) and (m, c) arrays
        The path of least energy, from ``first`` to ``second``.
    arc, loss : (m,) arrays
        Length along the path in (W, b), and L.
    top : int
        Position of the saddle or rim on the path.
    """

    schema: ClassVar[str] = "landscape-transition"
    json_names: ClassVar[dict[str, str]] = {"first": "from", "second": "to"}

    kind: str
    first: str
    second: str
    saddle_loss: float
    barrier: float
    back: float
    proof: Verdict = Verdict.PROVED
    reason: str = ""
    curvature: float | None = None
    loss_lower: float | None = None
    loss_upper: float | None = None
    W: np.ndarray
    biases: np.ndarray
    path_W: np.ndarray
    path_biases: np.ndarray
    arc: np.ndarray
    loss: np.ndarray
    top: int

    def times(self, factor: float) -> Transition:
        """The same of a loss that is larger by a factor; its bounds are rounded outwards."""
        lower, upper = self.loss_lower, self.loss_upper
        return replace(
            self,
            saddle_loss=self.saddle_loss * factor,
            barrier=self.barrier * factor,
            back=self.back * factor,
            curvature=None if self.curvature is None else self.curvature * factor,
            loss_lower=None if lower is None else float(np.nextafter(lower * factor, -np.inf)),
            loss_upper=None if upper is None else float(np.nextafter(upper * factor, np.inf)),
            loss=self.loss * factor,
        )

    def headline(self) -> str:
        return (
            f"{self.first} → {self.second} over a {self.kind} at L = {self.saddle_loss:.8f}, "
            f"barrier {self.barrier:.3g}, back {self.back:.3g}: {self.proof}"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            ("L at the top", f"{self.saddle_loss:.10g}"),
            ("barrier", f"{self.barrier:.6g}"),
            ("barrier back", f"{self.back:.6g}"),
            ("length of the path", uncertified(float(self.arc[-1]))),
            ("index 1", f"{self.proof} {self.reason}".strip() if self.kind == SADDLE else "a rim has none"),
        ]


@result
class Mark(Result):
    """A place on a profile: a minimum (``well``, ``ledge``), a ``saddle`` or a ``rim``."""

    schema: ClassVar[str] = "landscape-mark"

    label: str
    kind: str
    position: int

    def headline(self) -> str:
        return f"{self.kind} {self.label} at point {self.position}"


@result
class Profile(Result):
    """One continuous path over several transitions, with straight lines along the flat sets between them.

    Attributes
    ----------
    c : int
    marks : tuple of Mark
        In order: minimum, top, minimum, … minimum.
    arc, loss : (m,) arrays
        Length from the start in (W, b), and L.
    W, biases : (m, 2, c) and (m, c) arrays
    climb : float
        Sum of all that L rises.
    """

    schema: ClassVar[str] = "landscape-profile"

    c: int
    marks: tuple[Mark, ...]
    arc: np.ndarray
    loss: np.ndarray
    W: np.ndarray
    biases: np.ndarray
    climb: float

    def headline(self) -> str:
        names = [mark.label for mark in self.marks if mark.kind not in (SADDLE, RIM)]
        return f"{' → '.join(names)}: length {self.arc[-1]:.4g}~, climbs {self.climb:.6g}~ in all"

    def rows(self) -> Sequence[tuple[str, str]]:
        return [
            (f"{mark.kind} {mark.label}".strip(), f"{self.loss[mark.position]:.8f}") for mark in self.marks
        ]


@result
class Landscape(Result):
    """Minima and the transitions between them, modulo O(2) and exchanges of features of the same weight.

    What exists below ``below`` beyond what random starts and strings found is not known: the heights at
    which minima run together are upper bounds, reached by the paths given.

    Attributes
    ----------
    c, starts, seed, trials : int
        Features; random starts of the search; seed; strings between every two minima.
    below : float
        Saddles above this loss were not looked for.
    nodes : tuple of Node
        Every k-gon, and the other minima found; by loss.
    edges : tuple of Transition
        Saddles by loss, then the rims.
    model : TMS or None
        The model, where it is not the uniform one.
    missing : tuple of Missing, or None
        At unequal weights: the k-gons that are minima at equal ones, but whose branches end before.
    """

    c: int
    starts: int
    seed: int
    trials: int
    below: float
    nodes: tuple[Node, ...]
    edges: tuple[Transition, ...]
    model: TMS | None = only_given()
    missing: tuple[Missing, ...] | None = only_given(shown=False)

    @property
    def tms(self) -> TMS:
        """The model."""
        return self.model or TMS(self.c)

    def times(self, factor: float) -> Landscape:
        """The same of a loss that is larger by a factor."""
        if factor == 1.0:
            return self
        labels = {node.label: _label_times(node, factor) for node in self.nodes}
        nodes = (replace(node, loss=node.loss * factor, label=labels[node.label]) for node in self.nodes)
        edges = (
            replace(edge.times(factor), first=labels[edge.first], second=labels[edge.second])
            for edge in self.edges
        )
        return replace(self, below=self.below * factor, nodes=tuple(nodes), edges=tuple(edges))

    def node(self, label: str) -> Node:
        """Find the node of a label."""
        return self.nodes[self._position(label)]

    @property
    def saddles(self) -> tuple[Transition, ...]:
        """The edges that lead over a saddle."""
        return tuple(edge for edge in self.edges if edge.kind == SADDLE)

    @property
    def heights(self) -> list[float]:
        """The losses of the nodes."""
        return [node.loss for node in self.nodes]

    @property
    def passes(self) -> list[Pass]:
        """The edges as ``kgon.numerics.merge_tree`` takes them."""
        return [
            (self._position(edge.first), self._position(edge.second), edge.saddle_loss) for edge in self.edges
        ]

    @property
    def tree(self) -> tuple[Merge, ...]:
        """The disconnectivity graph: how the nodes run together as the level rises."""
        return build_merge_tree(self.heights, self.passes)

    def meeting(self, first: str, second: str) -> float | None:
        """Find the lowest level at which the paths known join two nodes; None if they do not."""
        height = lowest_passes(self.heights, self.passes)[self._position(first), self._position(second)]
        return float(height) if np.isfinite(height) else None

    def profile(self, first: str, second: str) -> Profile:
        """Find the path from one node to another that climbs least in total.

        Raises
        ------
        KgonError
            Unknown labels, the same label twice, or no path.
        """
        start, end = self._position(first), self._position(second)
        if start == end:
            raise KgonError(f"a profile joins two different nodes, got {first!r} twice")
        return _profile(self, start, least_climb(self.heights, self.passes, start, end))

    def headline(self) -> str:
        wells = sum(node.kind == WELL for node in self.nodes)
        proved = sum(edge.proof is Verdict.PROVED for edge in self.saddles)
        return (
            f"landscape at c = {self.c}: {counted(wells, 'well')}, "
            f"{counted(len(self.nodes) - wells, 'other node')}, "
            f"{counted(len(self.saddles), 'saddle')} of index 1 below L = {self.below:.6g} ({proved} proved)"
        )

    def rows(self) -> Sequence[tuple[str, str]]:
        lines = [(node.label, f"L = {node.loss:.8f}  {node.kind}") for node in self.nodes]
        for edge in self.edges:
            text = f"{edge.kind} at {edge.saddle_loss:.8f}, barrier {edge.barrier:.3g}, back {edge.back:.3g}"
            lines.append((f"{edge.first} → {edge.second}", f"{text}: {edge.proof}"))
        lines += [(f"without {x.label}", x.reason) for x in self.missing or ()]
        return lines

    def _position(self, label: str) -> int:
        """Find the position of a label among the nodes; columns of the same weight are alike."""
        labels = [node.label for node in self.nodes]
        if label not in labels and not self.tms.equal:
            label = self._arranged(label)
        if label not in labels:
            raise KgonError(f"no node {label!r} in this landscape; there are {', '.join(labels)}")
        return labels.index(label)

    def _arranged(self, label: str) -> str:
        """The label of a k-gon, in the first arrangement that is the same but for exchanges; others stay."""
        try:
            name = parse_name(label)
            if isinstance(name, Label):
                name.check(self.c)
                return first_of_alike(name, self.tms).name
        except KgonError:
            pass
        return label


def _label_times(node: Node, factor: float) -> str:
    """The label of the same point of a loss that is larger by a factor, to as many digits."""
    name = node.name
    if not isinstance(name, Other):
        return node.label
    return Other(node.loss * factor, name.digits + max(0, int(np.ceil(-np.log10(factor))))).name


def _profile(landscape: Landscape, start: int, way: Sequence[int]) -> Profile:
    """Join the paths of some edges to one, each moved to where the last one ended."""
    tms, here = landscape.tms, landscape.nodes[start]
    pieces: list[Floats] = []
    marks = [Mark(label=here.label, kind=here.kind, position=0)]
    for edge in (landscape.edges[number] for number in way):
        points, top = tms.pack(edge.path_W, edge.path_biases), edge.top
        if edge.first != here.label:
            points, top = points[::-1], len(points) - 1 - top
        if pieces:
            points = _moved(tms, points, pieces[-1][-1])
            part = np.linspace(0.0, 1.0, FLAT_POINTS + 1)[1:-1, None]
            pieces.append(pieces[-1][-1] * (1 - part) + points[0] * part)
        pieces.append(points)
        end = sum(len(piece) for piece in pieces)
        here = landscape.node(edge.second if edge.first == here.label else edge.first)
        marks.append(Mark(label="", kind=edge.kind, position=end - len(points) + top))
        marks.append(Mark(label=here.label, kind=here.kind, position=end - 1))
    w = np.concatenate(pieces)
    W, b = tms.unpack(w)
    loss = Potential(tms).flat(np.ascontiguousarray(w))[0]
    climb = float(np.sum(np.maximum(np.diff(loss), 0.0)))
    return Profile(c=landscape.c, marks=tuple(marks), arc=lengths(w), loss=loss, W=W, biases=b, climb=climb)


def _moved(tms: TMS, points: Floats, target: Floats) -> Floats:
    """Move a path (m, d) by the symmetry that takes its start to the target, up to flat directions."""
    start, goal = (tms.unpack(at_rest(tms, w)) for w in (points[0], target))
    match = orbit_distance(*start, *goal, classes=tms.classes)
    W, b = tms.unpack(points)
    return tms.pack((match.orthogonal @ W)[..., match.assignment], b[..., match.assignment])
