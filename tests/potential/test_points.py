"""Points from files: what is written is read back, and damaged files are one clear error."""

import json
import os
import pickle

import numpy as np
import pytest

from kgon.base.fingerprint import Fingerprint
from kgon.base.runs import RunFolder
from kgon.base.verdicts import KgonError, KgonWarning
from kgon.kgons.catalogue import Catalogue
from kgon.potential.model import TMS
from kgon.potential.points import read_point, read_stored_point, write_point

W = np.array([[1.0, 0.1, -1.0], [0.0, 1.0, 1e-17]])
B = np.array([0.5, -0.25, 1 / 3])


@pytest.mark.parametrize("ending", [".npz", ".json", ".csv"])
def test_round_trip_is_exact(tmp_path, ending):
    tms, weights, biases = read_point(write_point(tmp_path / f"point{ending}", W, B))
    assert (tms.r, tms.c) == (2, 3)
    np.testing.assert_array_equal(weights, W)
    np.testing.assert_array_equal(biases, B)


def test_stacked_points(tmp_path):
    stacked = np.stack([W, 2 * W]), np.stack([B, -B])
    _, weights, biases = read_point(write_point(tmp_path / "many.npz", *stacked))
    assert weights.shape == (2, 2, 3)
    assert biases.shape == (2, 3)


def test_pickled_arrays_are_never_loaded(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "exploded"),))

    np.savez(tmp_path / "bomb.npz", W=np.array([Bomb()], dtype=object), b=B)
    with pytest.raises(KgonError, match="never loaded"):
        read_point(tmp_path / "bomb.npz")
    (tmp_path / "raw.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(KgonError):
        read_point(tmp_path / "raw.npz")
    assert not (tmp_path / "exploded").exists()


def test_truncated_archive(tmp_path):
    path = write_point(tmp_path / "point.npz", W, B)
    whole = path.read_bytes()
    for size in range(0, len(whole), 37):
        path.write_bytes(whole[:size])
        with pytest.raises(KgonError, match=r"point\.npz"):
            read_point(path)


def test_flipped_bytes_are_noticed_or_harmless(tmp_path):
    path = write_point(tmp_path / "point.npz", W, B)
    whole = bytearray(path.read_bytes())
    for at in range(0, len(whole), 11):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            _, weights, biases = read_point(path)
        except KgonError:
            continue
        np.testing.assert_array_equal(weights, W)
        np.testing.assert_array_equal(biases, B)


def test_json_nan_is_refused(tmp_path):
    (tmp_path / "nan.json").write_text('{"W": [[NaN, 0, 0], [0, 1, 0]], "b": [0, 0, 0]}')
    with pytest.raises(KgonError, match=r"W must be finite, got nan at index \(0, 0\)"):
        read_point(tmp_path / "nan.json")


def test_json_key_order_does_not_matter(tmp_path):
    (tmp_path / "p.json").write_text(json.dumps({"b": B.tolist(), "W": W.tolist()}))
    np.testing.assert_array_equal(read_point(tmp_path / "p.json")[1], W)


SIX = Catalogue(6)["6"]
SIZES = [1.0, 2.0, 1.0, 1.0, 0.5, 0.0]


def write(path, **entries):
    """An .npz or .json file with these entries."""
    if path.suffix == ".npz":
        np.savez(path, **entries)
    else:
        path.write_text(json.dumps({name: np.asarray(x).tolist() for name, x in entries.items()}))
    return path


@pytest.mark.parametrize("ending", [".npz", ".json"])
def test_importance_and_probability_are_part_of_the_model(tmp_path, ending):
    p = [0.5, 0.1, 0.1, 0.1, 0.1, 0.1]
    path = write(tmp_path / f"p{ending}", W=SIX.W, b=SIX.biases, importance=SIZES, probability=p)
    assert read_point(path)[0] == TMS(6, importance=SIZES, probability=p)
    uniform = write(
        tmp_path / f"u{ending}", W=SIX.W, b=SIX.biases, importance=[1] * 6, probability=[1 / 6] * 6
    )
    assert read_point(uniform)[0].uniform


@pytest.mark.parametrize("ending", [".npz", ".json"])
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("W_out", 2 * SIX.W, "W and W_out differ: kgon takes the tied autoencoder"),
        ("decoder.weight", SIX.W[::-1], "share one W"),
        ("scale_factor", 2.0, "not understood: scale_factor"),
        ("importances", SIZES, "not understood: importances"),
        ("bias", SIX.biases, "several entries may be b"),
        ("model.importance", SIZES[:5], r"importance must have shape \(6,\)"),
        ("importance", [-1] * 6, "not negative"),
        ("probability", [1] * 6, "sum to 1"),
        ("probability", [[1 / 6] * 6], "shape"),
    ],
)
def test_what_contradicts_the_model_or_is_not_understood_is_refused(tmp_path, ending, name, value, message):
    path = write(tmp_path / f"p{ending}", W=SIX.W, b=SIX.biases, **{name: value})
    with pytest.raises(KgonError, match=message):
        read_point(path)


def test_an_equal_decoder_is_the_same_model(tmp_path):
    with pytest.warns(KgonWarning, match="registered more than once"):
        _, weights, _ = read_point(write(tmp_path / "p.npz", W=SIX.W, W_out=SIX.W, b=SIX.biases))
    np.testing.assert_array_equal(weights, SIX.W)


def test_a_rounded_decoder_excuses_nothing_of_the_encoder_that_is_read(tmp_path):
    """Tied weights of two types are one W, the more precise of them; its rounding is that of the point."""
    W, b = np.linspace(-1, 1, 12).reshape(2, 6), np.linspace(-1, 0, 6)
    np.savez(tmp_path / "x.npz", W_enc=W, W_dec=W.astype(np.float16), b=b)
    with pytest.warns(KgonWarning, match="W_dec and W_enc differ by rounding; W_enc was read"):
        found = read_stored_point(tmp_path / "x.npz")
    assert found.rounding == (2.0**-52, 2.0**-52) and np.array_equal(found.W, W)
    np.savez(tmp_path / "x.npz", W_enc=W, W_dec=W, b=b.astype(np.float16))
    with pytest.warns(KgonWarning, match="registered more than once"):
        assert read_stored_point(tmp_path / "x.npz").rounding == (2.0**-52, 2.0**-10)


@pytest.mark.parametrize("cell", ["1_0", "0x1", "1,5", ""])
def test_cells_that_are_no_plain_numbers_are_refused(tmp_path, cell):
    (tmp_path / "x.csv").write_text(f'"{cell}",0\n0,1\n0,0\n')
    with pytest.raises(KgonError, match="row 1 holds something that is not a number"):
        read_point(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("W.npy", r"not \.npy, which has one array: numpy\.savez has both"),
        ("W.txt", r"not \.txt: commas between the numbers make a \.csv of it"),
        ("W.pkl", r"not \.pkl: nothing is unpickled"),
        ("W.xyz", r"or \.safetensors, not \.xyz$"),
    ],
)
def test_a_file_of_another_kind_is_told_what_would_be_right(tmp_path, name, words):
    (tmp_path / name).write_text("1")
    with pytest.raises(KgonError, match=words):
        read_point(tmp_path / name)


def test_a_first_row_that_counts_is_a_header_but_not_of_few_columns(tmp_path):
    """The header of pandas would be read as a dimension more; of three columns it may be weights."""
    file = tmp_path / "x.csv"
    file.write_text("1,2,3,4\n0,0,0,0\n0,0,0,0\n")
    with pytest.raises(KgonError, match="row 1 numbers the columns"):
        read_point(file)
    for rows in ("0,1,2\n0,0,0\n", "0,1,2,4\n0,0,0,0\n", "0.0,1.0,2.0,3.0\n0,0,0,0\n"):
        file.write_text(rows)
        assert read_point(file)[0].r == 1


def test_two_entries_of_one_name_and_bools_are_refused(tmp_path):
    (tmp_path / "p.json").write_text('{"W": [[1, 0]], "b": [0, 0], "W": [[2, 0]]}')
    with pytest.raises(KgonError, match="two entries 'W'"):
        read_point(tmp_path / "p.json")
    (tmp_path / "p.json").write_text('{"W": [[1, true]], "b": [0, 0]}')
    with pytest.raises(KgonError, match="W must hold real numbers, it holds true"):
        read_point(tmp_path / "p.json")
    with pytest.raises(KgonError, match="W must hold real numbers, it holds bool"):
        read_point(write(tmp_path / "p.npz", W=np.eye(2, dtype=bool), b=B[:2]))


def test_the_rounding_of_the_stored_type_is_known(tmp_path):
    for kind in (np.float16, np.float32, np.float64):
        path = write(tmp_path / "p.npz", W=SIX.W.astype(kind), b=SIX.biases)
        assert read_stored_point(path).rounding == (np.finfo(kind).eps, 2.0**-52)
    p = np.float32([0.3, 0.1, 0.1, 0.1, 0.3, 0.1])
    assert 2e-8 < p.astype(np.float64).sum() - 1 < 4e-8  # summed to 1 in float32, not in float64
    tms, _, _ = read_point(write(tmp_path / "p.npz", W=SIX.W, b=SIX.biases, probability=p))
    assert abs(tms.probability.sum() - 1) < 1e-15
    with pytest.raises(KgonError, match="sum to 1"):
        read_point(write(tmp_path / "p.npz", W=SIX.W, b=SIX.biases, probability=p.astype(np.float64)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(KgonError, match="not a regular file"):
        read_point(tmp_path / "pipe.npz")


def test_files_of_kgon_itself_are_understood(tmp_path):
    folder = RunFolder(tmp_path)
    key = Fingerprint("settings", "sources")
    folder.write("trajectory-0000", key, {"W": SIX.W[None], "b": SIX.biases[None], "empirical": np.ones(3)})
    _, W, _ = read_point(tmp_path / "trajectory-0000.npz")
    assert W.shape == (1, 2, 6)


def test_a_result_of_kgon_is_no_file_of_points_whatever_it_holds(tmp_path):
    """The plateaus of training.json have W and biases, and stand beside much else."""
    file = tmp_path / "training.json"
    plateau = {"start": 0, "W": [[1, 0, -1, 0], [0, 1, 0, -1]], "biases": [0, 0, 0, 0]}
    whole = {"schema": "kgon/training/1", "data": {"start": "4", "plateaus": [plateau]}}
    file.write_text(json.dumps(whole))
    with pytest.raises(KgonError, match="a result of kgon's, which is no file of points"):
        read_point(file)
