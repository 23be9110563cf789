"""The commands certify and check."""

import json
from pathlib import Path

from kgon import cli


def test_the_files_are_the_same_on_one_and_two_workers(tmp_path, capsys):
    labels = ["4+", "5", "6", "4--:opposite"]
    for workers, folder in ((1, "one"), (2, "two"), (1, "again")):
        code = cli.main(
            ["certify", *labels, "--out", str(tmp_path / folder), "--workers", str(workers), "--json"]
        )
        assert code == 0
        rows = json.loads(capsys.readouterr().out)["data"]
        assert [row["label"] for row in rows] == labels
        assert {row["verdict"] for row in rows} == {"PROVED"}
        assert all({"file", "label", "verdict", "claims"} <= row.keys() for row in rows)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 4
    for name in names:
        first = (tmp_path / "one" / name).read_bytes()
        assert first == (tmp_path / "two" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_check_from_the_command_line(tmp_path, capsys):
    cli.main(["certify", "5", "4++", "--out", str(tmp_path)])
    capsys.readouterr()
    files = sorted(str(path) for path in tmp_path.iterdir())
    assert cli.main(["check", *files, "--json"]) == 0
    assert [row["verdict"] for row in json.loads(capsys.readouterr().out)["data"]] == ["PROVED", "PROVED"]
    bad = tmp_path / "bad.json"
    bad.write_text(Path(files[0]).read_text().replace('"minimum"', '"saddle"'))
    assert cli.main(["check", str(bad)]) == 1
    assert "REJECTED" in capsys.readouterr().out
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    assert cli.main(["check", str(tmp_path / "binary.json")]) == 1
    capsys.readouterr()
    assert cli.main(["check", str(tmp_path / "missing.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
