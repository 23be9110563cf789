"""``kgon explorer``, as a user meets it."""

import pytest
from support.command import data_of, run


@pytest.mark.usefixtures("common_store")
def test_it_writes_one_page(capsys, tmp_path, study):
    study("explorer")
    path = tmp_path / "own" / "page.html"
    assert data_of(capsys, "explorer", "--out", str(path), "--no-progress") == {"paths": [str(path)]}
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert len(text.encode()) < 500_000


def test_a_folder_is_no_file(capsys, tmp_path):
    code, _, err = run(capsys, "explorer", "--out", str(tmp_path))
    assert code == 2
    assert "--out names a file, such as explorer.html" in err


def test_a_place_that_cannot_be_written_is_refused_before_the_work(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = run(capsys, "explorer", "--out", str(tmp_path / "file" / "page.html"))
    assert code == 2
    assert "cannot be written" in err


def test_the_main_job_makes_it_of_what_it_has_searched_and_proved():
    from kgon.report.reproduce import wanted_of_main_job

    (page,) = (x for x in wanted_of_main_job(full=False) if str(x) == "page explorer")
    (made,) = page.inputs
    assert str(made) == "study explorer"
    assert [x.name for x in made.inputs] == ["landscape", "square_constants", "point_certificates"]
    assert made.options == ("full",)
