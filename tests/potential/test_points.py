"""Points from files: what is written is read back, and damaged files are one clear error."""

import json
import os
import pickle

import numpy as np
import pytest

from kgon.base.verdicts import KgonError
from kgon.potential.points import read_point, write_point

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
    (tmp_path / "nan.json").write_text('{"W": [[NaN, 0], [0, 1]], "b": [0, 0]}')
    with pytest.raises(KgonError, match=r"W must be finite, got nan at index \(0, 0\)"):
        read_point(tmp_path / "nan.json")


def test_json_key_order_does_not_matter(tmp_path):
    (tmp_path / "p.json").write_text(json.dumps({"b": B.tolist(), "W": W.tolist()}))
    np.testing.assert_array_equal(read_point(tmp_path / "p.json")[1], W)
