"""The hook for a training loop: what it keeps, what it says as the loop runs, and what it refuses."""

import numpy as np
import pytest

from kgon.base.verdicts import KgonError, KgonWarning
from kgon.experiments.training.checkpoints import read_series
from kgon.experiments.training.hook import Labeller
from kgon.kgons.catalogue import Catalogue
from kgon.kgons.nearest_kgon import nearest
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.loss import Potential
from kgon.potential.model import TMS
from kgon.potential.points import Reading

FOUR, FIVE = Catalogue(6)["4"], Catalogue(6)["5"]


def descent(w, steps, rate, potential):
    """Plain gradient descent, whose points a hook is shown; W and b are changed in place."""
    for step in range(steps):
        yield step
        w -= rate * potential.flat(w[None])[1][0]


def test_a_loop_of_ones_own_is_labelled_as_it_runs():
    tms, said = TMS(6), []
    potential, start = Potential(tms), Catalogue(6)["4++-"]
    w = tms.pack(start.W, start.biases) + 0.05 * np.random.default_rng(2).standard_normal(18)
    W, b = w[:12].reshape(2, 6), w[12:]  # views of what the loop moves
    labeller, labels = Labeller(every=50, tell=said.append), []
    for step in descent(w, 3001, 0.5, potential):
        labels.append(labeller((W, b), step))
    kept = [label for label in labels if label is not None]
    assert len(labeller) == len(kept) == 61 and labels[0] == kept[0] and labels[1] is None
    found = labeller.series()
    assert found.step == tuple(range(0, 3001, 50)) and found.files[1] == "step 50"
    assert found.names.columns()["label"].tolist() == kept
    assert not np.array_equal(found.W[0], found.W[-1])  # copies, not views of the loop's arrays
    assert kept[0] == "4++-" and kept[-1] != "4++-" and len(said) == len(found.changes) >= 1
    assert said == [change.headline() for change in found.changes]
    assert found.loss == pytest.approx(
        [potential.flat(tms.pack(x, y)[None])[0][0] for x, y in zip(found.W, found.b, strict=True)]
    )


def test_the_series_is_that_of_the_same_points_in_files(tmp_path):
    labeller = Labeller(every=1)
    for step in range(5):
        share = step / 4
        W, b = (1 - share) * FOUR.W + share * FIVE.W, (1 - share) * FOUR.biases + share * FIVE.biases
        assert labeller({"W": W, "b": b}) == nearest(W, b).label
    found = labeller.series()
    np.savez(tmp_path / "run.npz", W=found.W, b=found.b, step=found.step)
    again = read_series(tmp_path / "run.npz")
    assert again.stages() == found.stages() and again.step == found.step == tuple(range(5))
    assert found.stages()[0] == "4" and found.stages()[-1] == "5" and len(found.changes) >= 1
    assert [x.data() | {"checkpoint": ""} for x in again.changes] == [
        x.data() | {"checkpoint": ""} for x in found.changes
    ]
    assert np.array_equal(again.loss, found.loss)


def test_names_layout_and_weights_are_said_once():
    importance = [1, 1, 1, 1, 1, 0.9]
    names = {"W": "net.kernel", "b": "net.shift"}
    reading = Reading(entries=names, layout="cr", weights={"importance": importance})
    labeller = Labeller(every=1, reading=reading)
    assert labeller({"net": {"kernel": FIVE.W.T, "shift": FIVE.biases}}) == "5"
    found = labeller.series()
    assert found.names.model == TMS(6, importance=importance) and np.array_equal(found.W[0], FIVE.W)

    class Model:
        W, b = FIVE.W, FIVE.biases

    assert Labeller()(Model()) == "5"


def test_steps_of_which_none_is_its_turn_are_passed_over():
    labeller = Labeller(every=100)
    assert labeller("no model at all", 7) is None  # not looked at
    assert labeller((FOUR.W, FOUR.biases), 100) == "4"
    assert labeller((FOUR.W, FOUR.biases)) is None  # step 101
    assert labeller((FOUR.W, FOUR.biases), 200.0) == "4"
    assert labeller.series().step == (100, 200)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"W": FOUR.W}, "the model at step 0: no entry named b or bias"),
        ((FOUR.W, np.zeros(5)), "W must have shape"),
        (
            {"W_enc": FOUR.W, "W_dec": 1.1 * FOUR.W, "b": FOUR.biases},
            "W_enc and W_dec differ: kgon takes the tied",
        ),
        ({"W": FOUR.W, "b": FOUR.biases, "scale": 2.0}, "the model at step 0: not understood: scale"),
        ((np.full((2, 6), np.nan), FOUR.biases), "finite"),
        ((np.ones((3, 6)), np.zeros(6)), "r = 2"),
        ((np.stack([FOUR.W] * 3), np.zeros((3, 6))), "one point is taken"),
        (7, "the model at step 0 must be a module, a state_dict or W and b, got 7"),
    ],
)
def test_what_is_no_tied_autoencoder_is_refused(model, words):
    labeller = Labeller()
    with pytest.raises(KgonError, match=words):
        labeller(model, 0)
    assert len(labeller) == 0


def test_steps_that_do_not_rise_other_models_and_nothing_kept_are_refused():
    for every in (0, 1.5, -3, True):
        with pytest.raises(KgonError, match="every must be an integer of at least 1"):
            Labeller(every=every)
    labeller = Labeller(every=2)
    with pytest.raises(KgonError, match="no point was kept yet"):
        labeller.series()
    labeller((FOUR.W, FOUR.biases), 4)
    for step in (4, 3):
        with pytest.raises(KgonError, match=f"steps must rise from call to call, got {step} after 4"):
            labeller((FOUR.W, FOUR.biases), step)
    with pytest.raises(KgonError, match="step must be a finite number of at least 0, got -1"):
        labeller((FOUR.W, FOUR.biases), -1)
    other = Catalogue(7)["4"]
    with pytest.raises(KgonError, match=r"different numbers of features: \[6, 7\]"):
        labeller((other.W, other.biases), 6)
    assert len(labeller) == 1


@pytest.mark.integration
def test_a_loop_of_pytorch_is_labelled(tmp_path):
    torch = pytest.importorskip("torch")
    bridge = pytest.importorskip("kgon.potential.torch")
    tms, start = TMS(6), Catalogue(6)["4++-"]
    torch.manual_seed(2)
    model = bridge.ToyModel.from_point(start.W, start.biases, dtype=torch.float64)
    with torch.no_grad():
        model.W += 0.1 * torch.randn(2, 6)
    x = bridge.inputs(tms, 1000, seed=1, dtype=torch.float64)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    labeller, files = Labeller(every=100), tmp_path / "run"
    files.mkdir()
    for step in range(401):
        label = labeller(model, step)
        if label is not None:
            torch.save(model.state_dict(), files / f"step-{step}.pt")
        optimiser.zero_grad()
        bridge.loss(model, x).backward()
        optimiser.step()
    found, read = labeller.series(), read_series(files)
    assert found.step == read.step == (0, 100, 200, 300, 400)
    assert np.array_equal(found.W, read.W) and np.array_equal(found.b, read.b)
    assert not np.array_equal(found.W[0], found.W[1])  # the tensors move in place, what is kept does not
    assert found.stages() == read.stages() and found.stages()[0] == "4++-"
    assert label == nearest(*(np.asarray(part) for part in (found.W[-1], found.b[-1]))).label
    for mine in (model.state_dict(), (model.W, model.b)):
        assert Labeller()(mine, 0) == nearest(*model.to_point()).label
    with pytest.warns(KgonWarning, match="or else these are equal parameters of an untied model, and what"):
        assert Labeller()(bridge.UntiedToyModel(start.W, start.W, start.biases), 0) == "4++-"
    untied = bridge.UntiedToyModel(start.W, 1.01 * start.W, start.biases)
    with pytest.raises(KgonError, match="W_enc and W_dec differ"):
        Labeller()(untied, 0)
    # L_n of the samples that it was trained on fell
    feature = x.argmax(dim=1).numpy()
    loss = EmpiricalLoss(tms, feature, x.max(dim=1).values.numpy())
    assert np.all(np.diff(loss.flat(tms.pack(found.W, found.b))[0]) < 0)
