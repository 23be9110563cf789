"""The JSON Schema of results and certificates: generated or shipped, and held against what is written."""

import json
from importlib.resources import files

import pytest

import kgon
from kgon.base.results import Result

jsonschema = pytest.importorskip("jsonschema")


def kinds(kind=Result):
    """Every kind of result that is imported."""
    return [y for x in kind.__subclasses__() for y in (x, *kinds(x))]


def validator(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def hexagon():
    return kgon.Catalogue(6)["6"]


RESULTS = {
    "critical point": lambda six: six,
    "learning coefficient": lambda six: kgon.learning_coefficient("4+"),
    "n_crit": lambda six: kgon.n_crit("5", "6"),
    "verification": lambda six: kgon.verify(1.001 * six.W, six.biases),
    "nearest": lambda six: kgon.nearest(six.W, six.biases),
    "existence": lambda six: kgon.kgons.prove_existence(9),
    "branch": lambda six: kgon.continue_branch("6", lower=0.5, upper=1.0),
    "theorem": lambda six: kgon.prove_global_minimum(4),
}


@pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS)
def test_a_document_is_valid_by_the_schema_of_its_kind_and_others_are_not(make, hexagon):
    found = make(hexagon)
    document, check = json.loads(found.to_json()), validator(type(found).json_schema())
    check.validate(document)
    assert not check.is_valid({**document, "schema": "kgon/another/1"})
    some = next(iter(document["data"]))
    without = {key: value for key, value in document["data"].items() if key != some}
    assert not check.is_valid({**document, "data": without})


def test_every_kind_of_result_has_a_schema():
    from kgon import experiments, landscape, report  # noqa: F401 their kinds are to be there

    own = [kind for kind in kinds() if kind.__module__.startswith("kgon.")]
    assert len(own) > 10
    for kind in own:
        validator(kind.json_schema())


def test_certificates_are_valid_by_the_shipped_schema_and_altered_ones_are_not(tmp_path, capsys):
    from support.command import run

    check = validator(json.loads(files("kgon.proofs").joinpath("certificate.schema.json").read_text("utf-8")))
    for line in ("certify", "prove global-minimum -c 4"):
        assert run(capsys, *line.split(), "--out", str(tmp_path))[0] == 0
    line = "continue 6 --from 0.9 --to 1 --certify --out"
    assert run(capsys, *line.split(), str(tmp_path / "branch"))[0] == 0
    written = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.rglob("*.json")]
    certificates = [each for each in written if "format" in each]
    assert {each["format"] for each in certificates} == {
        "kgon-certificate/1", "kgon-global-minimum/1", "kgon-branch/1",
    }  # fmt: skip
    for each in certificates:
        check.validate(each)
        assert not check.is_valid({**each, "more": 1})
        assert not check.is_valid({**each, "digest": "0"})
        assert not check.is_valid({**each, "format": "kgon-certificate/2"})
