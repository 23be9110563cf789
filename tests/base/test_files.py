"""Files are written whole or not at all."""

import pytest

from kgon.base.files import write_with


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "data.json"
    path.write_text("old")

    def fail(temporary):
        temporary.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_with(path, fail)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["data.json"]
