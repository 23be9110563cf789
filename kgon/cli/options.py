"""Options that several commands share, each declared once with its help."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from kgon import base, free_energy, kgons, potential
from kgon.base.text import listed
from kgon.base.verdicts import KgonError
from kgon.cli import values
from kgon.cli.option import Conditions, Given, Option, flag, integer, option, unless
from kgon.free_energy.theories import THEORIES

CLOSED_FORM = tuple(THEORIES)
"""Theories that need no sampling."""
TABLE_FORMATS = ("text", "latex", "markdown", "csv")
PROCESSES = os.cpu_count() or 1
"""Processes of a command that takes all there may be, such as the main job."""
QUIET = "no progress on stderr"
START = time.monotonic()


def json_flag(keyword: str = "") -> Option:
    """Declare ``--json``, which every command has; most functions need not know."""
    return flag("--json", "print one JSON object", keyword=keyword)


def formats() -> Option:
    """Declare ``--format``: what was found as LaTeX, Markdown or CSV; the outcome writes it."""
    return option(
        "--format", "how it is printed (default text)", choices=TABLE_FORMATS, keyword="", only=unless("json")
    )


# --- points and labels -----------------------------------------------------------------------------------


def features(default: Any = 6, keyword: str = "c", only: Conditions = ()) -> Option:
    """Declare ``-c``; a command whose file or table may say c itself has another default.

    Where a point of the command knows c, no keyword is needed.
    """
    words = "number of features" if default == 6 else "number of features (default 6)"
    return option(
        "-c --features", words, default, keyword=keyword, type=values.features, metavar="C", only=only
    )


def checked_label(text: str, given: Given) -> kgons.Label:
    """The label, if it can occur with so many features."""
    found = kgons.Label.parse(text)
    if given.get("parameter") == "c":
        return found
    c = given["features"] or 6
    found.columns(c)  # refuses words that cannot be
    return found.check(c)


def label() -> Option:
    """Declare one label as an argument."""
    return option("label", "label of a k-gon", metavar="LABEL", read=checked_label)


def _phases_file(given: Given) -> dict[str, Any]:
    """The phases of the file that ``--phases`` names, by name."""
    file = given.get("phases")
    return {} if file is None else free_energy.read_phases(file)


def phases_file(keyword: str = "", only: Conditions = ()) -> Option:
    """Declare ``--phases``; with a keyword its phases are compared where no others are asked for."""
    words = "phases of your own: .json or .csv with name, loss, lambda, constant"

    def read(_: str, given: Given) -> list[Any]:
        return list(_phases_file(given).values())

    return option("--phases", words, metavar="FILE", keyword=keyword, only=only, read=read)


def _phases_named(texts: Sequence[str], given: Given) -> list[Any]:
    """What texts stand for: each a phase of one's own, or names and labels with commas between them."""
    own, found = _phases_file(given), list[Any]()
    for text in texts:
        if "=" in text:
            found.append(free_energy.parse_phase(text))
        else:
            found += [own[part] if part in own else _catalogued(part, own, given) for part in listed(text)]
    return found


OWN = "NAME=loss,lambda,constant"
"""How a phase of one's own is written."""


def _catalogued(text: str, own: Collection[str], given: Given) -> str:
    """The label that a text is; what is none may be meant as a phase of one's own."""
    try:
        kgons.Label.parse(text)
    except KgonError as error:
        known = f"{given['phases']} has {', '.join(own)}" if own else f"{OWN} is one of your own"
        raise KgonError(f"{error}; {known}") from None
    return str(checked_label(text, given).label)


def phase(name: str, metavar: str) -> Option:
    """Declare a phase as an argument: a label, several taken together, or one of one's own."""

    def read(text: str, given: Given) -> Any:
        if given.get("theory") != "evidence":
            found = _phases_named([text], given)
            return found[0] if len(found) == 1 else tuple(found)
        if "=" in text:
            raise KgonError(f"--theory evidence compares sampled basins, such as 5; got the phase {text}")
        for part in listed(text):  # which has rows for irregular minima, too
            kgons.parse_known(part)
        return text

    words = f"label of a phase, or several taken together: 5,5+; or {OWN}"
    return option(name, words, metavar=metavar, read=read)


def phase_arguments(name: str, default: str) -> Option:
    """Declare phases as arguments, none of which is needed."""

    def read(texts: list[str], given: Given) -> list[Any]:
        return _phases_named(texts, given) or list(_phases_file(given).values())

    words = f"labels, or {OWN} (default {default})"
    return option(name, words, nargs="*", metavar="LABEL", read=read)


def among(help: str, only: Conditions = ()) -> list[Option]:
    """Declare ``--among`` and ``--phases``, the phases to compare."""

    def read(texts: list[str], given: Given) -> list[Any]:
        return _phases_named([text.strip(", ") for text in texts], given)

    words = f"{help}; one of your own is {OWN}"
    named = option("--among", words, nargs="+", metavar="LABELS", only=only, read=read)
    return [phases_file("among", only), named]


def label_arguments(name: str, default: str) -> Option:
    """Declare labels as arguments, none of which is needed."""

    def read(texts: list[str], given: Given) -> list[kgons.Label]:
        return [checked_label(text, given) for text in texts]

    return option(name, f"default: {default}", nargs="*", metavar="LABEL", read=read)


def labels(flag: str, help: str, only: Conditions = ()) -> Option:
    """Declare an option for labels with commas between them."""

    def read(text: str, given: Given) -> list[str]:
        return [str(checked_label(part, given)) for part in listed(text) if part]

    return option(flag, help, metavar="LABELS", only=only, read=read)


class Point:
    """The point that ``LABEL|FILE`` names, or the points of a file; read when first asked for.

    Attributes
    ----------
    text : str
        As it was given.
    label : Label or None
    """

    def __init__(self, text: str, given: Given) -> None:
        self.text = base.input_name(text)
        asked = given.get("inputs")
        self._inputs, self._active = None if asked == "one" else asked, None
        if self._inputs is not None:  # the probabilities are the inputs', and need not add up to 1
            self._active = weights_of(given).get("probability")
            given = {**given, "probability": None}
        self._file, self._reading = text, reading_of(given)
        self._c: int | None = given["features"]
        self._weights = weights_of(given)
        self.label = self._labelled(text, given)
        if self.label is not None and (self._reading.entries or self._reading.layout):
            raise KgonError(f"--entry and --layout are for files, {text} is a label")

    @staticmethod
    def _labelled(text: str, given: Given) -> kgons.Label | None:
        """The label; None of a file, and a folder is neither, with a separator in its name or without."""
        folder = bool(text) and Path(text).is_dir()
        try:
            return None if base.is_file_name(text) and not folder else checked_label(text, given)
        except KgonError:
            if not folder:
                raise
            words = "a folder, where one file of it is read; kgon classify reads all of them as a run"
            raise KgonError(f"{text}: {words}") from None

    @cached_property
    def stored(self) -> potential.StoredPoint:
        """The model, W and b, and the rounding of their types."""
        if self.label is not None:
            model = self._with_inputs(potential.TMS(self.c).with_weights(self._weights, self.text))
            exact = (sys.float_info.epsilon,) * 2
            return potential.StoredPoint(model, *kgons.point_at(self.label, model), exact)
        stored = potential.read_stored_point(self._file, self._reading)
        stored = replace(stored, tms=self._with_inputs(stored.tms))
        if self._c not in (None, stored.tms.c):
            raise KgonError(f"{self.text} has {stored.tms.c} features, -c says {self._c}")
        return stored

    def _with_inputs(self, model: potential.TMS) -> potential.TMS:
        """The model with the inputs asked for, whose probabilities are those given."""
        if self._inputs is None:
            return model
        return model.with_inputs(self._inputs, self._active)

    @property
    def place(self) -> tuple[potential.TMS, base.Floats, base.Floats]:
        """The model, W and b."""
        return self.stored.tms, self.stored.W, self.stored.b

    @property
    def c(self) -> int:
        """The number of features."""
        return self.place[0].c if self.label is None else self._c or 6

    @property
    def model(self) -> potential.TMS | None:
        """The model, where it is not the uniform one."""
        plain = self.label is not None and not self._weights and self._inputs is None
        return None if plain else self.place[0].own

    @property
    def weighted(self) -> potential.TMS | None:
        """The model, where its importances or probabilities are not all equal."""
        return None if self.model is None or self.model.equal else self.model

    @property
    def many(self) -> bool:
        """Whether the file holds several points."""
        return self.label is None and self.place[1].ndim != 2


WEIGHTS = ("importance", "probability")
"""What a model has beside its sizes."""


def weights(only: Conditions = ()) -> list[Option]:
    """Declare ``--importance`` and ``--probability``, which the reader of points or of features asks for."""
    words = {
        "importance": "of the outputs, default 1: 1,1,1,1,1,1/2",
        "probability": "of the inputs, if one is active they add up to 1, default 1/c: .1,.1,.1,.1,.1,1/2",
    }
    return [option(f"--{name}", words[name], metavar="LIST", keyword="", only=only) for name in WEIGHTS]


def inputs() -> list[Option]:
    """Declare ``--inputs``, which features are active at once; the reader of points asks for it."""
    words = (
        "active at once: one (default), bernoulli:P, bernoulli with --probability; of a file exactly:S, too"
    )
    return [option("--inputs", words, metavar="INPUTS", keyword="")]


def weights_of(given: Given) -> dict[str, list[float]]:
    """The importances and probabilities that were given."""
    known = [name for name in WEIGHTS if given.get(name) is not None]
    return {name: values.fractions(f"--{name}", given[name]) for name in known}


def model(own: Option | None = None, only: Conditions = ()) -> list[Option]:
    """Declare the model of a command without points: ``-c``, ``--importance``, ``--probability``.

    The function takes it as ``c``.  Hidden dimensions are declared before, if there are any.
    """

    def read(c: int, given: Given) -> potential.TMS:
        return potential.TMS(c, given.get("hidden") or 2).with_weights(weights_of(given), "the model")

    return [replace(own or features(), read=read), *weights(only)]


class Files:
    """Files with points, read by each command; and the weights that were given beside them.

    Attributes
    ----------
    names : list of str
    weights : dict
    """

    def __init__(self, names: list[str], given: Given) -> None:
        self.names, self.weights = names, weights_of(given)


def point(help: str = "of one point or many") -> list[Option]:
    """Declare ``LABEL|FILE`` as an argument, and how the file is read."""
    words = f"label, or a file with W and b {help}: .npz, .json, .csv, .pt, .ckpt, .safetensors; - is stdin"
    return [option("point", words, metavar="LABEL|FILE", read=Point), *reading()]


def _entries(text: str, _: Given) -> dict[str, str]:
    """Which entries of a file are W and b, by name."""
    pairs = [part.partition("=") for part in text.split(",")]
    chosen = {part.strip(): name.strip() for part, _, name in pairs}
    if len(chosen) < len(pairs) or not all(chosen.values()):
        raise KgonError(f"--entry is W=NAME,b=NAME, each once, got {text!r}")
    return chosen


def reading(entries: str = "", layout: str = "") -> list[Option]:
    """Declare ``--entry`` and ``--layout``, which say what a file does not."""
    named, shape = "names of entries in the file: W=net.weight,b=net.shift", "shape of W, (r, c) or (c, r)"
    return [
        option("--entry", named, metavar="W=NAME,b=NAME", keyword=entries, read=_entries),
        option("--layout", shape, choices=("rc", "cr"), keyword=layout),
    ]


def reading_of(given: Given) -> potential.Reading:
    """What was given by ``--entry``, ``--layout``, ``--importance`` and ``--probability``."""
    entries = _entries(given["entry"], given) if given.get("entry") is not None else {}
    return potential.Reading(entries=entries, layout=given.get("layout"), weights=weights_of(given))


# --- free energies ---------------------------------------------------------------------------------------


def theory(*choices: str, default: str | None = "prior") -> list[Option]:
    """Declare ``--theory`` and ``--beta``; without a default they are those of the table or figure."""
    other = "" if default else " (default that of the table or figure)"
    words = f"constant of the free energy: {', '.join(choices)}{other}"
    return [
        option("--theory", words, default, choices=choices, metavar="THEORY"),
        beta("1" if default else None, f"inverse temperature{other}"),
    ]


def beta(default: str | None, help: str, only: Conditions = ()) -> Option:
    """Declare ``--beta``, kept as text, which is read exactly."""

    def read(text: str, _: Given) -> str:
        from kgon.free_energy.conventions import check_beta

        check_beta(text)
        return text

    return option("--beta", help, default, metavar="BETA", only=only, read=read)


def evidence_file(only: Conditions = ()) -> Option:
    """Declare ``--evidence``, the file of a sampled evidence."""
    words = "evidence.json of kgon evidence (default: a quick run)"
    return option("--evidence", words, metavar="FILE", only=only)


def sizes(help: str, **more: Any) -> Option:
    """Declare ``--n`` as a list or range of sample sizes."""
    words = f"{help}: a list, or a range with its end"
    return option("--n", words, metavar="A:B[:STEP]", read=lambda text, _: values.sizes(text), **more)


# --- the work --------------------------------------------------------------------------------------------


def seed(only: Conditions = ()) -> Option:
    """Declare ``--seed`` of random streams."""
    return integer("--seed", "seed of the random numbers", 0, only=only)


def _writable(folder: str, _: Given) -> str:
    if not folder.strip():
        raise KgonError("--out is empty: name a folder, such as . for this one")
    base.check_writable(folder)
    return folder


def out(default: str | None = None, help: str = "folder to write to", only: Conditions = ()) -> Option:
    """Declare ``--out``, where results are written; a folder that cannot be written is refused first."""
    return option("--out", help, default, metavar="FOLDER", only=only, read=_writable)


def kept(what: str, only: Conditions = (), default: str | None = None) -> Option:
    """Declare ``--out``, where finished work is kept."""
    words = f"keep {what} there, and go on with them"
    return option("--out", words, default, metavar="FOLDER", keyword="folder", only=only, read=_writable)


def workers(default: Any = 1, only: Conditions = ()) -> Option:
    """Declare ``--workers``, the number of processes."""
    return integer("--workers", "processes", default, only=only)


def executors(default: Any = 1, only: Conditions = ()) -> list[Option]:
    """Declare who does the work: processes, or a cluster."""
    words = "run on a Dask cluster instead: tcp://host:port"
    return [
        workers(default, only),
        option("--scheduler", words, metavar="ADDRESS", keyword="", only=only),
    ]


def progress(only: Conditions = ()) -> Option:
    """Declare ``--no-progress`` of work that tells how far it is."""
    return flag("--no-progress", QUIET, keyword="progress", only=only, read=lambda no, _: not no)


def work(only: Conditions = ()) -> list[Option]:
    """Declare who does the work, and whether it tells how far it is."""
    return [*executors(only=only), progress(only)]


def narration() -> Option:
    """Declare ``--no-progress`` of a command that tells its steps, line by line."""

    def read(no: bool, _: Given) -> Callable[[str], None]:
        def tell(line: str) -> None:
            if not no:
                print(f"[{time.monotonic() - START:5.1f} s] {line}", file=sys.stderr, flush=True)

        return tell

    return flag("--no-progress", QUIET, keyword="progress", read=read)
