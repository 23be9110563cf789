"""Files are written whole or not at all."""

from io import TextIOWrapper

import pytest

from kgon.base.files import check_writable, read_bytes, write_with
from kgon.base.verdicts import KgonError


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


def test_a_folder_is_tried_before_the_work_and_nothing_is_left(tmp_path):
    (tmp_path / "file.txt").write_text("a file, not a folder")
    check_writable(tmp_path)
    check_writable(tmp_path / "new" / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]
    for path in (tmp_path / "file.txt", tmp_path / "file.txt" / "sub"):
        with pytest.raises(KgonError, match=r"file\.txt.*: cannot be written \(Not a directory\)"):
            check_writable(path)


def test_a_file_is_read_up_to_a_size(tmp_path, monkeypatch):
    path = tmp_path / "data"
    path.write_bytes(b"x" * 2**20)
    assert read_bytes(path, 2**20) == path.read_bytes()
    path.write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(KgonError, match="larger than 1 MiB"):
        read_bytes(path, 2**20)
    with path.open("rb") as stream:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(stream))
        with pytest.raises(KgonError, match="larger than 1 MiB"):
            read_bytes("-", 2**20)


def test_what_may_never_end_is_not_read(tmp_path):
    with pytest.raises(KgonError, match="no such file"):
        read_bytes(tmp_path / "missing")
    for path in ("/dev/zero", tmp_path):
        with pytest.raises(KgonError, match="not a regular file; what comes from a pipe is read as -"):
            read_bytes(path)
