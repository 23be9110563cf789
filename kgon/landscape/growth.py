"""The graph of a landscape while it grows: the points that have a name, then what searches and flows find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from kgon.base.checks import Floats
from kgon.base.runs import Arrays
from kgon.base.verdicts import Verdict
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.followed import weighted_kgons
from kgon.kgons.labels import Label
from kgon.kgons.names import JOINED, NamedPoint, Register, first_of_alike, name_at, named_points
from kgon.kgons.nearest_kgon import SAME
from kgon.kgons.rest import at_rest
from kgon.landscape.graph import (
    LEDGE,
    NO_MINIMUM,
    RIM,
    SADDLE,
    WELL,
    Missing,
    Node,
    Transition,
)
from kgon.landscape.identity import Point
from kgon.landscape.paths import lengths
from kgon.landscape.rims import Rim, find_rims
from kgon.landscape.saddles import ABOVE, UNKNOWN, index, is_known, loss_at
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.proofs.nearby import certify_near


class Graph:
    """The nodes and edges as they are found; ends that are no known minimum become nodes."""

    def __init__(self, tms: TMS) -> None:
        self.tms = tms
        self.register = Register(JOINED, tms, follow=False)
        self.edges: list[Transition] = []
        self.nodes: dict[str, Node] = {}
        self.labels: dict[str, str] = {}
        for point in named_points(tms):
            if isinstance(point.name, Label):
                self._add_kgon(point, point.name)
            else:
                self.node_at(tms.pack(point.W, point.b))

    def _add_kgon(self, point: NamedPoint, name: Label) -> None:
        """Add the node of a k-gon; of two configurations the adjacent one comes first, and stays."""
        low = LEDGE if name.phi or name.k + name.sigma < self.tms.c else WELL
        node = Node(
            label=name.name,
            catalogued=True,
            kind=low if point.minimum else NO_MINIMUM,
            loss=point.loss,
            W=point.W,
            biases=point.b,
            unnamed=None,
        )
        self.nodes.setdefault(node.label, node)

    def missing(self) -> tuple[Missing, ...] | None:
        """List the minima of equal weights that the model does not have, as their branches end on the way."""
        if self.tms.equal:
            return None
        usual = Catalogue(self.tms.c)
        ended = (x for x in weighted_kgons(self.tms) if x.loss is None and usual[x.name.label].is_minimum)
        return tuple(
            Missing(label=x.name.name, reason=x.found.reason)
            for x in ended
            if x.name.configuration == "adjacent" and x.name.name not in self.nodes
        )

    def node_at(self, w: Floats) -> str:
        """Name the node at a critical point (d,), which is a new one if it has not turned up before."""
        loss = loss_at(self.tms, w)
        name = self.register.name(w, loss).name
        if name not in self.nodes and name not in self.labels:
            W, b = self.tms.unpack(w)
            label, unnamed = (name, None) if self.tms.equal else self._traced(name, W, b)
            self.labels[name] = label
            self.nodes[label] = Node(
                label=label,
                catalogued=label != name,
                kind=NO_MINIMUM if index(self.tms, w) else WELL,
                loss=loss,
                W=W,
                biases=b,
                unnamed=unnamed,
            )
        return self.labels.get(name, name)

    def _traced(self, name: str, W: Floats, b: Floats) -> tuple[str, str | None]:
        """Name a point by the k-gon that its branch leads to at equal weights, or say why it is none."""
        found = name_at(self.tms, W, b, within=JOINED)
        label = None if found.name is None else first_of_alike(found.name, self.tms).name
        if label is None or label in self.nodes:
            return (
                name,
                found.reason or f"its branch leads to {label} at equal weights, as that of another does",
            )
        return label, None

    def minima(self, limit: float) -> list[Floats]:
        """List the minima (d,) with a loss up to a limit."""
        found = [x for x in self.nodes.values() if x.kind != NO_MINIMUM and x.loss <= limit * (1 + 1e-9)]
        return [self.tms.pack(node.W, node.biases) for node in found]

    def others(self) -> dict[str, Floats]:
        """Map the names of the nodes that are not among the k-gons listed to their points (d,)."""
        found = (self.nodes[label] for label in self.labels.values())
        return {x.label: self.tms.pack(x.W, x.biases) for x in found}

    def add_found(self, points: Iterable[Point]) -> list[Floats]:
        """Take up the smooth minima of a search that have no name yet, and return its saddles of index 1."""
        smooth = [(point.index, self.tms.pack(point.W, point.b)) for point in points if not point.kink]
        new = [(negative, w) for negative, w in smooth if not is_known(self.tms, w)]
        for negative, w in new:
            if negative == 0:
                self.node_at(at_rest(self.tms, w))
        return [w for negative, w in new if negative == 1]

    def add_saddles(self, followed: Iterable[Arrays]) -> None:
        """Add an edge for each saddle, from its higher end to its lower; none where the index is not 1.

        Where the index is not known, both flow lines may come back to a point that is a minimum on a kink.
        """
        for arrays in followed:
            negative = int(arrays["negative"])
            if negative not in (UNKNOWN, 1):
                continue
            paths = [arrays["path 0"], arrays["path 1"]]
            ends = [self.node_at(path[-1]) for path in paths]
            high, low = sorted((0, 1), key=lambda side: (-self.nodes[ends[side]].loss, side))
            points = np.concatenate([paths[high][::-1], paths[low][1:]])
            rise = loss_at(self.tms, paths[high][0]) - self.nodes[ends[high]].loss
            if negative == UNKNOWN and rise <= ABOVE:
                continue
            known: dict[str, Any] = {"proof": Verdict.CONFIRMED, "reason": str(arrays["reason"])}
            if negative == 1:
                lower, upper = arrays["bounds"].tolist()
                known = {"loss_lower": lower, "loss_upper": upper, "saddle_loss": (lower + upper) / 2}
            known["curvature"] = float(arrays["curvature"])
            self._add(SADDLE, ends[high], ends[low], points, len(paths[high]) - 1, **known)

    def add_rims(self) -> None:
        """Add an edge for the rims of k-gons."""
        for rim in find_rims(self.tms):
            end = self.node_at(rim.path.w[-1])
            self._add(RIM, rim.first.name, end, rim.path.w, rim.top, **self._proof(rim))

    def add_other_rims(self, fallen: dict[str, Arrays]) -> None:
        """Add an edge for those of the other nodes, by name."""
        for label, paths in fallen.items():
            ways: dict[str, Floats] = {}
            for path in paths.values():
                ways.setdefault(self.node_at(path[-1]), path)
            ways.pop(label, None)
            for end, path in ways.items():
                self._add(RIM, label, end, path, 2, proof=Verdict.CONFIRMED)
                if self.nodes[label].kind == WELL:
                    self.nodes[label] = replace(self.nodes[label], kind=LEDGE)

    def _proof(self, rim: Rim) -> dict[str, Any]:
        """What is known of the rim of a k-gon: its formula holds wherever the k-gon is a critical point."""
        end = "the way down from the rim is followed in floating point" if rim.followed else ""
        known = {"proof": Verdict.PROVED, "reason": end}
        if self.tms.equal or rim.first.k == 4:  # which is listed where it is one, exactly
            return known
        node = self.nodes[rim.first.name]
        found = certify_near(node.W, node.biases, tms=self.tms)
        if found.distance is not None and found.distance <= SAME:
            return known
        return {"proof": Verdict.CONFIRMED, "reason": f"the k-gon is not proved: {found.reason}"}

    def _add(self, kind: str, first: str, second: str, points: Floats, top: int, **known: Any) -> None:
        """Add an edge along points (m, d), with what is known of its top."""
        loss = Potential(self.tms).flat(np.ascontiguousarray(points))[0]
        W, b = self.tms.unpack(points)
        start, end = self.nodes[first].loss, self.nodes[second].loss
        height = known.pop("saddle_loss", start if kind == RIM else float(loss[top]))
        self.edges.append(
            Transition(
                kind=kind,
                first=first,
                second=second,
                saddle_loss=height,
                barrier=height - start,
                back=height - end,
                W=W[top],
                biases=b[top],
                path_W=W,
                path_biases=b,
                arc=lengths(points),
                loss=loss,
                top=top,
                **known,
            )
        )
