"""Files as people have them: how each is written, and what is to be read from it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgon.kgons.catalogue import Catalogue

KGONS = Catalogue(6)
FIVE = KGONS["5"]
RUN = ("4++-", "4+", "5")
"""Labels of a series."""
SCALES = np.linspace(0.5, 1.5, 16).reshape(4, 4)
"""A square W that is not symmetric."""
LIGHTNING = {
    "epoch": 2,
    "global_step": 9,
    "pytorch-lightning_version": "2.6.0",
    "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"current": {"ready": 3}}}},
    "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_path": "a.ckpt", "best_k_models": {}}},
    "optimizer_states": [{"state": {}, "param_groups": [{"lr": 0.1, "params": [0, 1]}]}],
    "lr_schedulers": [],
    "hparams_name": "kwargs",
}
"""The keys that PyTorch Lightning documents, and writes."""


@dataclass(frozen=True)
class Row:
    """A file: its name, who writes it, how it is read, and what is right.

    Attributes
    ----------
    write : callable
        Takes the path.
    labels : sequence of str
        Nearest k-gons of the points in it.
    steps : sequence or None
        Of a series; None where the points are none.
    refused : str
        A part of the one line with which it is refused.
    says : str
        A part of what ``verify`` says.
    args : sequence of str
        Options.
    warns : str
        A part of the warning on stderr.
    """

    name: str
    write: Callable[[Path], Any]
    labels: Sequence[str] = ("5",)
    steps: Sequence[Any] | None = None
    refused: str = ""
    says: str = ""
    args: Sequence[str] = ()
    warns: str = ""


def state(label: str = "5", W: str = "W", b: str = "b", *, cr: bool = False) -> dict[str, Any]:
    """A k-gon as arrays, by these names."""
    point = KGONS[label]
    return {W: point.W.T.copy() if cr else point.W.copy(), b: point.biases.copy()}


def run(W: str = "W", b: str = "b") -> list[dict[str, Any]]:
    return [state(label, W, b) for label in RUN]


def stacked(*, cr: bool = False, W: str = "W", b: str = "b", **more: Any) -> dict[str, Any]:
    each = [state(label, cr=cr) for label in RUN]
    return {W: np.stack([x["W"] for x in each]), b: np.stack([x["b"] for x in each]), **more}


def tensors(value: Any, kind: str = "float64") -> Any:
    """The same with tensors of PyTorch's in the place of arrays."""
    import torch

    if isinstance(value, np.ndarray):
        found = torch.from_numpy(value)
        return found.to(getattr(torch, kind)) if found.is_floating_point() else found
    if isinstance(value, Mapping):
        return {key: tensors(item, kind) for key, item in value.items()}
    return [tensors(item, kind) for item in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """The same with lists in the place of arrays."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def by_torch(value: Any, kind: str = "float64", **how: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import torch

        torch.save(tensors(value, kind), path, **how)

    return write


def by_safetensors(value: dict[str, Any], metadata: dict[str, str] | None = None, kind: str = "") -> Any:
    def write(path: Path) -> None:
        if kind:
            from safetensors.torch import save_file

            save_file(tensors(value, kind), path, metadata)
        else:
            from safetensors.numpy import save_file as save_arrays

            save_arrays(value, path, metadata)

    return write


def by_numpy(**arrays: Any) -> Callable[[Path], None]:
    return lambda path: np.savez(path, **arrays)


def as_json(value: Any) -> Callable[[Path], Any]:
    return lambda path: path.write_text(json.dumps(plain(value)))


def as_text(text: str) -> Callable[[Path], Any]:
    return lambda path: path.write_text(text)


def cut(write: Callable[[Path], Any], part: float) -> Callable[[Path], Any]:
    """A file of which only the first part is there."""

    def shortened(path: Path) -> None:
        write(path)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(part * len(whole))])

    return shortened


def trained_module(path: Path) -> None:
    """A checkpoint as PyTorch's tutorial writes it, with what Adam says of itself."""
    import torch

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, value in tensors(state(b="b_final")).items():
                setattr(self, name, torch.nn.Parameter(value))

    model = Model()
    moments = {"step": torch.tensor(1.0), "exp_avg": torch.ones(2, 6), "exp_avg_sq": torch.ones(2, 6)}
    adam = {"state": {0: moments}, "param_groups": [{"lr": 1e-3, "params": [0, 1]}]}
    whole = {"model_state_dict": model.state_dict(), "optimizer_state_dict": adam}
    torch.save({"epoch": 5, **whole, "loss": 0.5}, path)


def tied_layers(path: Path) -> None:
    """Two linear layers that share their weight."""
    import torch

    layers = torch.nn.Module()
    layers.encoder, layers.decoder = torch.nn.Linear(6, 2, bias=False), torch.nn.Linear(2, 6)
    point = tensors(state())
    layers.encoder.weight = torch.nn.Parameter(point["W"])
    layers.decoder.weight = torch.nn.Parameter(layers.encoder.weight.T)
    layers.decoder.bias = torch.nn.Parameter(point["b"])
    torch.save(layers.state_dict(), path)


def whole_module(path: Path) -> None:
    import torch

    torch.save(torch.nn.Linear(2, 6), path)


def script(path: Path) -> None:
    import torch

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*torch.jit")  # there are such files, deprecated or not
        torch.jit.save(torch.jit.trace(torch.relu, torch.zeros(2)), str(path))


def float8(path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"W": torch.ones(2, 6).to(torch.float8_e4m3fn), "b": torch.zeros(6)}, path)


def of_kgon(path: Path) -> None:
    """A trajectory as ``kgon train --out`` keeps it."""
    from kgon.base.fingerprint import Fingerprint
    from kgon.base.runs import RunFolder

    arrays = stacked(steps=np.array([0, 450, 900]), loss=np.ones(3), empirical=np.ones(3))
    RunFolder(path.parent).write(path.stem, Fingerprint("settings", "sources"), arrays)


PROVED = "critical point PROVED within the rounding of"
KEYED = dict(zip((0, 100, 2000), run(b="b_final"), strict=True))
ROWS = [
    # torch.save
    Row("names.pt", by_torch(state())),
    Row("b-final.pt", by_torch(state(b="b_final"))),
    Row("layer.pth", by_torch(state(W="weight", b="bias", cr=True)), warns="read as (c, r)"),
    Row("instances.pt", by_torch(stacked(cr=True, b="b_final")), RUN, warns="read as (m, c, r)"),
    Row("stacked.pt", by_torch(stacked()), RUN),
    Row("one-of-them.pt", by_torch(stacked(b="b_final")), ["4+"], args=["--entry", "W=W[1],b=b_final[1]"]),
    Row("in-order.pt", by_torch(stacked()), RUN, [None] * 3, args=["--order", "given"]),
    Row("tutorial.pt", trained_module),
    Row("tied.pt", tied_layers, warns="registered more than once"),
    Row("parallel.pt", by_torch(state(W="module.W", b="module.b"))),
    Row("net.pt", by_torch({"net": state(), "step": 400, "metrics": {"loss": [1.0]}})),
    Row("params.pt", by_torch({"params": state(b="bias"), "lr": 0.1})),
    Row("deep.pt", by_torch({"run": {"model_state": state(b="b_final")}, "config": {"seed": 1}})),
    Row("list.pt", by_torch(run()), RUN, [None] * 3),
    Row("steps.pt", by_torch(KEYED), RUN, [0, 100, 2000]),
    Row("keys.pt", by_torch({f"step_{k}": x for k, x in reversed(KEYED.items())}), RUN, [0, 100, 2000]),
    Row("history.pt", by_torch({"checkpoints": [{**x, "step": k} for k, x in KEYED.items()], "seed": 1}), RUN,
        [0, 100, 2000]),
    Row("old-format.pt", by_torch(state(), _use_new_zipfile_serialization=False)),
    Row("float32.pt", by_torch(state(), "float32"),
        says=f"{PROVED} float32; the exact point is at most 5.4e-8"),
    Row("float16.pt", by_torch(state(), "float16"), says=f"{PROVED} float16; the exact point is at most"),
    Row("bfloat16.pt", by_torch(state(), "bfloat16"), says=f"{PROVED} bfloat16; the exact point is at most"),
    Row("square.pt", by_torch({"W": SCALES, "b": np.zeros(4)}),
        refused="(r, c) and (c, r) cannot be told apart; say which by --layout rc or --layout cr"),
    Row("two.pt", by_torch({"best": state(), "last": state("6")}),
        refused="best, last all hold W and b; say which is meant: --entry W=best.W,b=best.b"),
    Row("last.pt", by_torch({"best": state(), "last": state("6")}), ["6"],
        args=["--entry", "W=last.W,b=last.b"], warns="passed over: best.W, best.b"),
    Row("other-names.pt", by_torch({"net": {**state(W="kernel", b="shift"), "gain": 1.0}}),
        args=["--entry", "W=net.kernel,b=net.shift"], warns="passed over: net.gain"),
    Row("gain.pt", by_torch({**state(), "gain": 2.0}), refused="not understood: gain"),
    Row("config.pt", by_torch({"net": state(), "config": {"lr": 1, "activation": "gelu"}}),
        refused="not understood: config.activation"),
    Row("holes.pt", by_torch([*run(), {"W": FIVE.W.copy()}]), refused="entry 3 of the list has no W and b"),
    Row("mixed.pt", by_torch([*run(), {"W": np.ones((2, 5)), "b": np.ones(5)}]),
        refused="[0] and [3] have different numbers of features: [5, 6]"),
    Row("module.pt", whole_module, refused="objects are never unpickled, save model.state_dict() instead"),
    Row("script.pt", script, refused="TorchScript archive is a program: save model.state_dict() instead"),
    Row("no-such-entry.pt", by_torch(state()), args=["--entry", "W=net.W,b=b"],
        refused="there is no entry net.W; found W, b"),
    # Lightning's keys; its trainer itself writes in a test of its own
    Row("last.ckpt", by_torch({**LIGHTNING, "state_dict": state(b="b_final"),
                               "hyper_parameters": {"lr": 0.1, "n_features": 6}})),
    Row("model.ckpt", by_torch({**LIGHTNING, "state_dict": state(W="model.W", b="model.b_final")}, "float32"),
        says=f"{PROVED} float32"),
    Row("other-model.ckpt",
        by_torch({**LIGHTNING, "state_dict": state(), "hyper_parameters": {"sparsity": 0.9}}),
        refused="not understood: hyper_parameters.sparsity"),
    # safetensors
    Row("arrays.safetensors", by_safetensors(state(b="b_final"))),
    Row("float32.safetensors", by_safetensors(state(), kind="float32"), says=f"{PROVED} float32"),
    Row("bfloat16.safetensors", by_safetensors(state(), kind="bfloat16"), says=f"{PROVED} bfloat16"),
    Row("stacked.safetensors", by_safetensors(stacked(step=np.array([3, 5, 9]))), RUN, [3, 5, 9]),
    Row("metadata.safetensors", by_safetensors(state(), {"format": "pt", "step": "400"})),
    Row("unknown.safetensors", by_safetensors(state(), {"activation": "gelu"}),
        refused="not understood: __metadata__.activation"),
    Row("float8.safetensors", float8,
        refused="W must hold real numbers of at least 16 bits, it holds F8_E4M3"),
    Row("cut.safetensors", cut(by_safetensors(state()), 0.9), refused="damaged or not one of safetensors"),
    # NumPy
    Row("plain.npz", by_numpy(**state())),
    Row("transposed.npz", by_numpy(**state(cr=True)), warns="read as (c, r)"),
    Row("step.npz", by_numpy(**state(), step=400)),
    Row("series.npz", by_numpy(**stacked(step=np.array([0, 10, 2000]))), RUN, [0, 10, 2000]),
    Row("backwards.npz", by_numpy(**stacked(step=np.array([9, 5, 2]))), RUN[::-1], [2, 5, 9]),
    Row("as-given.npz", by_numpy(**stacked(step=np.array([9, 5, 2]))), RUN, [9, 5, 2],
        args=["--order", "given"]),
    Row("too-few-steps.npz", by_numpy(**stacked(step=np.array([0, 10]))),
        refused="step has 2 numbers for 3 points"),
    Row("trajectory.npz", of_kgon, RUN, [0, 450, 900]),
    Row("float16.npz", by_numpy(W=FIVE.W.astype(np.float16), b=FIVE.biases), says=f"{PROVED} float16"),
    Row("square.npz", by_numpy(W=SCALES, b=np.zeros(4)), refused="--layout rc or --layout cr"),
    Row("shapes.npz", by_numpy(W=FIVE.W, b=np.zeros(5)),
        refused="W must have shape (r, 5) or (5, r), r <= 5"),
    Row("objects.npz", by_numpy(W=np.array([{}], dtype=object), b=FIVE.biases), refused="never loaded"),
    # JSON and CSV
    Row("nested.json", as_json({"model": state(b="bias", cr=True), "epoch": 3}), warns="read as (c, r)"),
    Row("list.json", as_json([{**x, "step": k} for k, x in KEYED.items()]), RUN, [0, 100, 2000]),
    Row("steps.json", as_json(KEYED), RUN, [0, 100, 2000]),
    Row("two-steps.json", as_json({"5": {**state(), "step": 6}}), refused="5 has the step 6 in it"),
    Row("weighted.json", as_json({**state(), "importance": [1, 1, 1, 1, 1, 2]})),
    Row("rows.csv", as_text("".join(",".join(map(repr, row)) + "\n" for row in
                                    [*FIVE.W.tolist(), FIVE.biases.tolist()]))),
    Row("log.csv", as_text("step,loss\n1,0.5\n"), refused="row 1 holds something that is not a number"),
    Row("header.csv", as_text("f0,f1,f2\n1,0,-1\n0,1,-1\n0,0,0\n"), refused="without a header or an index"),
    Row("index.csv", as_text(",0,1\n0,1,0\n1,0,1\n2,0,0\n"), refused="without a header or an index"),
    Row("numbered.csv", as_text("0,1,2,3\n1,0,-1,0\n0,1,0,-1\n0,0,0,0\n"),
        refused="row 1 numbers the columns: ['0', '1', '2', '3']; a .csv has the r rows of W"),
    Row("blanks.csv", as_text("1 0 -1\n0 1 -1\n0 0 0\n"), refused="with commas, without a header"),
    Row("plural.npz", by_numpy(weights=FIVE.W, biases=FIVE.biases)),
    Row("unnamed.npz", by_numpy(arr_0=FIVE.W, arr_1=FIVE.biases), refused="--entry W=NAME,b=NAME names them"),
    Row("named.npz", by_numpy(arr_0=FIVE.W, arr_1=FIVE.biases), args=["--entry", "W=arr_0,b=arr_1"]),
    Row("pair.json", as_json([FIVE.W.tolist(), FIVE.biases.tolist()]), refused="as {'W': W, 'b': b}, it"),
    Row("sizes.json", as_json({**state(), "hyper_parameters": {"d_hidden": 2, "n_inst": 1}})),
]  # fmt: skip
