"""A table of files that people have: read from any folder and from a pipe, or refused in one line."""

import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from support.command import need, run
from support.user_files import KGONS, ROWS, RUN, by_torch, state

from kgon.base.verdicts import KgonError
from kgon.experiments.training.checkpoints import read_series
from kgon.potential.nesting import find_states
from kgon.potential.points import Reading, read_point, read_stored_point, write_point

MODULES = {".pt": "torch", ".pth": "torch", ".ckpt": "torch", ".safetensors": "safetensors"}


class Pipe:
    """Standard input that is a pipe."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)

    def isatty(self) -> bool:
        return False


def checked(capsys, row, file):
    """Run a row on a file by this name, and compare."""
    argv = ["verify", file] if row.says else ["classify", file, "--json"]
    code, out, err = run(capsys, *argv, *row.args)
    if row.refused:
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert row.refused in err and ("standard input" if file == "-" else row.name) in err
        return
    assert code == 0, err
    assert err.count("\n") == bool(row.warns) and row.warns in err
    if row.says:
        assert row.says in out
        return
    records = json.loads(out)["data"]
    assert [record["label"] for record in records] == list(row.labels)
    assert [record.get("step", "none") for record in records] == list(row.steps or ["none"] * len(row.labels))


def test_the_table_is_long_enough():
    assert len(ROWS) == len({row.name for row in ROWS}) >= 50
    real = [row for row in ROWS if row.name.endswith(tuple(MODULES))]
    assert len(real) >= 30 and sum("safetensors" in row.name for row in ROWS) >= 5


@pytest.mark.integration
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_each_file_is_read_or_refused(row, capsys, tmp_path, monkeypatch):
    """By its name, from a folder elsewhere, and from a pipe, where the content says what it is."""
    suffix = row.name[row.name.rindex(".") :]
    if suffix in MODULES:
        need(MODULES[suffix], *(["torch"] if "float" in row.name else []))
    here, elsewhere = tmp_path / "here", tmp_path / "an other step-7 folder"
    here.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(here)
    row.write(here / row.name)
    checked(capsys, row, row.name)
    monkeypatch.chdir(elsewhere)
    checked(capsys, row, f"../here/{row.name}")
    monkeypatch.setattr("sys.stdin", Pipe((here / row.name).read_bytes()))
    checked(capsys, row, "-")


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.parametrize("name", ["float32.pt", "series.npz", "float8.safetensors"])
def test_a_real_pipe(name, tmp_path):
    need("torch", "safetensors")
    row = next(row for row in ROWS if row.name == name)
    row.write(tmp_path / name)
    command = "verify" if row.says else "classify"
    with open(tmp_path / name, "rb") as stream:
        ran = subprocess.run([sys.executable, "-m", "kgon", command, "-"], stdin=stream, capture_output=True)
    assert ran.returncode == (2 if row.refused else 0)
    said = ran.stderr if row.refused else ran.stdout
    assert (row.refused or row.says or " → ".join(RUN)) in said.decode()


def test_a_terminal_is_no_pipe_and_a_pipe_no_file(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    code, out, err = run(capsys, "verify", "-")
    assert (code, out) == (2, "") and "standard input, which is a terminal" in err
    code, out, err = run(capsys, "verify", "/dev/null")
    assert (code, out) == (2, "") and "not a regular file; what comes from a pipe is read as -" in err


def test_sizes_are_bounded(tmp_path, monkeypatch):
    write_point(tmp_path / "p.npz", KGONS["5"].W, KGONS["5"].biases)
    np.savez_compressed(tmp_path / "z.npz", W=np.zeros((2000, 2, 6)), b=np.zeros((2000, 6)))
    write_point(tmp_path / "p.json", KGONS["5"].W, KGONS["5"].biases)
    assert (tmp_path / "z.npz").stat().st_size < 4000
    monkeypatch.setattr("kgon.potential.containers.MOST_BYTES", 2**16)
    with pytest.raises(KgonError, match="its arrays are larger than"):
        read_point(tmp_path / "z.npz")
    monkeypatch.setattr("kgon.potential.containers.MOST_TEXT", 100)
    with pytest.raises(KgonError, match="larger than"):
        read_point(tmp_path / "p.json")
    monkeypatch.undo()
    deep = {}
    for _ in range(60):  # 4⁶⁰ entries, if each were looked at
        deep = dict.fromkeys("acde", deep)
    with pytest.raises(KgonError, match="no entry named W"):
        find_states(deep)


@pytest.mark.integration
def test_an_archive_of_pytorch_is_not_unpacked_beyond_the_size(tmp_path, monkeypatch):
    need("torch")
    by_torch(state())(tmp_path / "p.pt")
    bomb = zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED)
    with bomb, zipfile.ZipFile(tmp_path / "p.pt") as whole:
        for name in whole.namelist():
            bomb.writestr(name, whole.read(name) + bytes(2**20))
    assert (tmp_path / "bomb.pt").stat().st_size < 2**16
    monkeypatch.setattr("kgon.potential.containers.MOST_BYTES", 2**16)
    with pytest.raises(KgonError, match="its arrays are larger than"):
        read_point(tmp_path / "bomb.pt")


def test_lists_in_lists_are_not_followed_without_end(tmp_path):
    for depth in (100, 4000):
        for text in ("[" * depth + "]" * depth, f'{{"W": {"[" * depth}1{"]" * depth}, "b": [0, 0]}}'):
            (tmp_path / "deep.json").write_text(text)
            with pytest.raises(KgonError, match=r"deep\.json"):
                read_point(tmp_path / "deep.json")
    nested = []
    nested.append(nested)
    with pytest.raises(KgonError, match="it holds a list"):
        find_states(nested)
    ring = {"b": np.zeros(6)}
    ring["net"] = ring
    with pytest.raises(KgonError, match="no entry named W or weight for W; found b"):
        find_states(ring)


@pytest.mark.integration
def test_a_view_of_one_number_is_not_unrolled(tmp_path):
    need("torch")
    import torch

    torch.save({"W": torch.ones(1, 1).expand(2, 10**9), "b": torch.zeros(6)}, tmp_path / "view.pt")
    with pytest.raises(KgonError, match="W has 2000000000 numbers, at most"):
        read_point(tmp_path / "view.pt")


# --- what the file does not say ----------------------------------------------------------------------------


def test_a_square_w_is_read_as_the_option_or_the_file_says(tmp_path):
    W, b = np.arange(16.0).reshape(4, 4), np.zeros(4)
    np.savez(tmp_path / "s.npz", W=W, b=b)
    np.testing.assert_array_equal(read_point(tmp_path / "s.npz", Reading(layout="rc"))[1], W)
    np.testing.assert_array_equal(read_point(tmp_path / "s.npz", Reading(layout="cr"))[1], W.T)
    np.savez(tmp_path / "s.npz", W=W, b=b, layout="cr")
    np.testing.assert_array_equal(read_point(tmp_path / "s.npz")[1], W.T)
    for ending in (".npz", ".json", ".csv"):  # what kgon wrote says how it stands
        np.testing.assert_array_equal(read_point(write_point(tmp_path / f"own{ending}", W, b))[1], W)
    np.savez(tmp_path / "s.npz", encoder_weight=W, b=b)
    with pytest.raises(KgonError, match="no entry named W"):
        read_point(tmp_path / "s.npz")
    np.savez(tmp_path / "wide.npz", W=np.ones((2, 4)), b=b)
    with pytest.raises(KgonError, match="--layout cr does not fit"):
        read_point(tmp_path / "wide.npz", Reading(layout="cr"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("W=a", "both W and b must be named"),
        ("W=a,b", "--entry is W=NAME,b=NAME, each once"),
        ("W=a,W=b", "each once"),
        ("W=a,b=b,scale=c", "an entry must be one of W, b, importance, probability, got 'scale'"),
        ("W=W[9],b=b", "W has no part [9]"),
        ("W=W[0],b=b", "W must have shape"),
    ],
)
def test_what_is_no_choice_of_entries_is_refused(text, message, capsys, tmp_path):
    write_point(tmp_path / "p.npz", KGONS["5"].W, KGONS["5"].biases)
    code, out, err = run(capsys, "verify", str(tmp_path / "p.npz"), "--entry", text)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


@pytest.mark.parametrize("name", ["run", "run/", "./run", "run.d"])
def test_a_folder_is_no_unknown_label(capsys, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    code, out, err = run(capsys, "verify", name)
    assert (code, out) == (2, "") and err.endswith("kgon classify reads all of them as a run\n")
    (tmp_path / "6").mkdir()  # beside one of its name, a label stays one
    assert run(capsys, "verify", "6")[0] == 0


@pytest.mark.parametrize("option", [["--layout", "rc"], ["--entry", "W=W,b=b"]])
def test_a_label_has_no_entries(option, capsys):
    code, out, err = run(capsys, "verify", "5", *option)
    assert (code, out) == (2, "") and "--entry and --layout are for files, 5 is a label" in err


@pytest.mark.slow
@pytest.mark.integration
def test_checkpoints_of_a_lightning_trainer(tmp_path):
    """Its own trainer writes them, in a process of its own: what it imports takes seconds, and warns."""
    need("torch")
    if importlib.util.find_spec("pytorch_lightning") is None and not os.environ.get(
        "KGON_REQUIRE_INTEGRATION"
    ):
        pytest.skip("PyTorch Lightning is not installed")
    done = subprocess.run([sys.executable, "-c", TRAINER], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    series = read_series(tmp_path / "checkpoints")
    assert series.step == (3, 6, 9) and series.stages()[0] == "5"
    assert json.loads(done.stdout.splitlines()[-1]) == series.W[-1].tolist()
    found = read_stored_point(tmp_path / "checkpoints" / "epoch=0-step=3.ckpt")
    assert found.steps == (3,) and found.rounding == (2.0**-23, 2.0**-23)


TRAINER = """
import json
import torch
import pytorch_lightning as lightning
import kgon

class Model(lightning.LightningModule):
    def __init__(self, n_features=6, lr=1e-4):
        super().__init__()
        self.save_hyperparameters()
        point = kgon.Catalogue(n_features)["5"]
        self.W = torch.nn.Parameter(torch.tensor(point.W, dtype=torch.float32))
        self.b_final = torch.nn.Parameter(torch.tensor(point.biases, dtype=torch.float32))

    def training_step(self, batch, index):
        (x,) = batch
        return ((x - torch.relu(x @ self.W.T @ self.W + self.b_final)) ** 2).sum(-1).mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)

data = torch.utils.data.TensorDataset(torch.eye(6).repeat(5, 1))
every = lightning.callbacks.ModelCheckpoint(dirpath="checkpoints", every_n_train_steps=3, save_top_k=-1)
trainer = lightning.Trainer(
    max_steps=9, accelerator="cpu", logger=False, callbacks=[every], enable_progress_bar=False,
    enable_model_summary=False,
)
model = Model()
trainer.fit(model, torch.utils.data.DataLoader(data, batch_size=10))
print(json.dumps(model.W.detach().double().tolist()))
"""
