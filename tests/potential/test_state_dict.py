"""Points in files of PyTorch: names, shapes, the model beside them, and what is refused."""

import os
from pathlib import Path

import numpy as np
import pytest

from kgon import cli
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.kgons.catalogue import Catalogue
from kgon.potential.model import TMS
from kgon.potential.points import read_point

FIVE = Catalogue(6)["5"]
ROOT = Path(__file__).parents[2]


@pytest.mark.integration
def test_names_and_shapes_of_w_and_b(torch, save, point):
    W, b = point
    for entries in (
        {"W": W, "b": b}, {"weight": W, "bias": b}, {"module__W": W, "module__b": b},
        {"encoder__weight": W, "decoder__bias": b},
    ):  # fmt: skip
        tms, weights, biases = read_point(save("model", **entries))
        assert (tms.r, tms.c) == (2, 6)
        np.testing.assert_array_equal(weights, FIVE.W)
        np.testing.assert_array_equal(biases, FIVE.biases)
    with pytest.warns(KgonWarning, match=r"\(6, 2\): it was read as \(c, r\) and transposed"):
        _, weights, _ = read_point(save("linear", weight=W.T.contiguous(), bias=b))
    np.testing.assert_array_equal(weights, FIVE.W)
    _, weights, _ = read_point(save("more", W=W, b=b, step=torch.tensor(3)))  # says when, not which model
    np.testing.assert_array_equal(weights, FIVE.W)
    _, weights, _ = read_point(save("half", W=W.to(torch.bfloat16), b=b.float()))
    np.testing.assert_allclose(weights, FIVE.W, rtol=2**-8)
    _, weights, _ = read_point(save("whole", model_state_dict={"W": W, "b": b}, step=1))
    np.testing.assert_array_equal(weights, FIVE.W)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"b": None}, "no entry named b or bias for b; found W"),
        ({"W": None}, "no entry named W or weight for W; found b"),
        ({"W": "eye"}, "cannot be told apart"),
        ({"W": "wide"}, r"\(r, 6\) or \(6, r\)"),
        ({"W": "complex"}, "real numbers"),
        ({"W": "number"}, r"must have shape \(r, 6\)"),
        ({"b": "column"}, r"shape \(c,\)"),
        ({"decoder__weight": "other"}, "share one W"),
        ({"decoder__bias": "zeros"}, "several entries may be b"),
    ],
)
def test_state_dicts_that_are_refused(torch, save, point, change, message):
    W, b = point
    made = {
        "eye": torch.eye(6), "wide": torch.ones(2, 7), "complex": W.to(torch.complex64), "number": 3,
        "column": b[:, None], "other": 2 * W, "zeros": torch.zeros(6), None: None,
    }  # fmt: skip
    entries = {"W": W, "b": b, **{name: made[kind] for name, kind in change.items()}}
    path = save("model", **{name: value for name, value in entries.items() if value is not None})
    with pytest.raises(KgonError, match=message):
        read_point(path)


@pytest.mark.integration
def test_the_model_in_a_state_dict_is_read(torch, save, point):
    W, b = point
    weights = torch.tensor([1.0, 2, 1, 1, 1, 1])
    tms, _, _ = read_point(save("model", module__W=W, module__b=b, module__importance=weights))
    assert tms == TMS(6, importance=weights.numpy())
    p = torch.tensor([0.3, 0.1, 0.1, 0.1, 0.3, 0.1])  # float32: the sum is 1.00000003
    tms, _, _ = read_point(save("beside", state_dict={"W": W, "b": b}, probability=p, optimizer={"lr": 1.0}))
    np.testing.assert_allclose(tms.probability, [0.3, 0.1, 0.1, 0.1, 0.3, 0.1], rtol=1e-7)
    for name, more in (("scale", {"scale_factor": 2.0}), ("args", {"args": {"importance": [1] * 6}})):
        with pytest.raises(KgonError, match=f"not understood: {name}"):
            read_point(save("whole", model={"W": W, "b": b}, **more))
    with pytest.raises(KgonError, match="in the state_dict and beside it"):
        read_point(save("twice", state_dict={"W": W, "b": b}, b=b))


@pytest.mark.integration
def test_an_encoder_and_a_decoder_may_differ_by_rounding(torch, save, point):
    W, b = point
    narrow = W.to(torch.float32)
    with pytest.warns(KgonWarning, match="decoder.weight and encoder.weight differ by rounding"):
        _, weights, _ = read_point(
            save("narrow", encoder__weight=W, decoder__weight=narrow.T, decoder__bias=b)
        )
    np.testing.assert_array_equal(weights, FIVE.W)
    other = torch.nextafter(narrow, torch.tensor(torch.inf))
    with pytest.warns(KgonWarning, match="by rounding"):
        read_point(save("ulp", encoder__weight=narrow, decoder__weight=other.T, decoder__bias=b))
    for near in (
        narrow.double() * (1 + 1e-5),
        W * (1 + 1e-12),
    ):  # not by the rounding of what they are stored in
        with pytest.raises(KgonError, match="share one W"):
            read_point(save("far", encoder__weight=W, decoder__weight=near.T.to(W.dtype), decoder__bias=b))


@pytest.mark.integration
def test_nothing_is_unpickled(torch, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "exploded"),))

    torch.save({"W": Bomb(), "b": Bomb()}, tmp_path / "bomb.pt")
    with pytest.raises(KgonError, match="never unpickled"):
        read_point(tmp_path / "bomb.pt")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.integration
def test_damaged_files_are_one_error(torch, save, point, tmp_path):
    path = save("model", W=point[0], b=point[1])
    whole = path.read_bytes()
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(KgonError, match=r"model\.pt"):
            read_point(path)
    with pytest.raises(KgonError, match="no such file"):
        read_point(tmp_path / "missing.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(KgonError, match="it holds a list"):
        read_point(tmp_path / "list.pt")


@pytest.mark.integration
def test_every_command_takes_a_state_dict(save, point, capsys):
    path = str(save("model", weight=point[0].T.contiguous(), bias=point[1]))
    for argv in (["verify", path], ["classify", path], ["llc", path, "--n", "1e4"]):
        cli.main(argv)
        out, err = capsys.readouterr()
        assert (
            out
            and err
            == f"kgon {argv[0]}: warning: weight has shape (6, 2): it was read as (c, r) and transposed\n"
        )
