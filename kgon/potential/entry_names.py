"""What the entries of a file are, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kgon.base.runs import FIELDS, KEY
from kgon.base.verdicts import KgonError

STEPS = ("step", "steps", "global_step", "iteration", "epoch")
"""Names of the step, the first that there is counts."""
PARTS = ("W", "b", "importance", "probability")
"""What makes a model and a point."""
NAMES = {
    "W": ("W", "weight", "weights", "W_in", "W_out", "W_enc", "W_dec"),
    "b": ("b", "bias", "b_final", "biases"),
    "importance": ("importance",),
    "probability": ("probability",),
    "layout": ("layout",),
    "note": (
        *STEPS,
        # how it was trained
        *("seed", "lr", "learning_rate", "batch_size", "momentum", "weight_decay", "betas", "eps"),
        *("epochs", "max_epochs", "num_epochs", "n_steps", "num_steps", "max_steps", "device", "dtype"),
        *("optimizer", "optimizers", "optimizer_state", "optimizer_state_dict", "optimizer_states"),
        *("opt_state", "scheduler", "scheduler_state_dict", "lr_scheduler", "lr_schedulers", "scaler"),
        "rng_state",
        # what came out, when and by which program
        *("losses", "train_loss", "val_loss", "test_loss", "best_loss", "loss_history", "metrics"),
        *("time", "timestamp", "date", "version", "torch_version", "format", "comment"),
        # sizes, which the shape of W says as well
        *("n_features", "n_hidden", "n_instances", "n_inst", "num_features", "in_features", "out_features"),
        *("d_hidden", "d_model", "hidden_dim"),
        # PyTorch Lightning's
        *("pytorch-lightning_version", "loops", "callbacks", "hparams_name", "hparams_type"),
        *("MixedPrecision", "native_amp_scaling_state", "datamodule_hparams_name"),
        # kgon's own
        *(KEY, FIELDS, "chain", "loss", "basin", "labels", "result"),
    ),
}
"""Last parts of the names of entries, by what they are.  Notes say when and how a point was reached, not of
which model it is."""
MOST_PARTS = 100_000
"""Dictionaries and lists of one file that are looked into."""


def kind_of(name: object) -> str | None:
    """Say what an entry of this name is: a key of ``NAMES``, or None.

    Examples
    --------
    >>> kind_of("encoder.weight"), kind_of("b_final"), kind_of("global_step"), kind_of("scale")
    ('W', 'b', 'note', None)
    """
    last = str(name).split(".")[-1]
    return next((kind for kind, names in NAMES.items() if last in names), None)


def in_note(path: str) -> bool:
    """Say whether an entry is a note, or belongs to one, such as the state of an optimiser."""
    return any(kind_of(part) == "note" for part in path.split("."))


def parts_of(value: Any) -> Iterable[tuple[Any, Any]] | None:
    """List the keys and values of a dictionary, or of a list of such; None for anything else."""
    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        return enumerate(value)
    return None


def leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Go through what stands in nested dictionaries and lists, with its path: ``net.weight`` or ``3.W``.

    What stands in several places is listed in the first, so that no file makes this long.

    Raises
    ------
    KgonError
        More than ``MOST_PARTS`` dictionaries and lists.
    """
    waiting: list[tuple[str, Any]] = [("", value)]
    seen: set[int] = set()
    while waiting:
        path, item = waiting.pop()
        inner = parts_of(item)
        if inner is None:
            yield path, item
        elif is_new(item, seen):
            waiting += [(f"{path}.{key}" if path else str(key), inside) for key, inside in inner][::-1]


def is_new(part: object, seen: set[int]) -> bool:
    """Say whether a dictionary or list is met for the first time, and remember it among the ``seen``.

    Raises
    ------
    KgonError
        More than ``MOST_PARTS`` of them.
    """
    if id(part) in seen:
        return False
    seen.add(id(part))
    if len(seen) > MOST_PARTS:
        raise KgonError(f"more than {MOST_PARTS} nested entries")
    return True


def first_of(names: Iterable[object]) -> str:
    """Join the first few names by commas."""
    known = [str(name) for name in names]
    return ", ".join(known[:6]) + (", …" if len(known) > 6 else "") if known else "nothing"
