"""Results: JSON there and back, NaN refused, every form printed."""

import dataclasses
import json
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from support.same import same

from kgon.base.agreement import Agreement
from kgon.base.results import Record, Result, document, jsonable, left_out, null_for_nan, part, result
from kgon.base.verdicts import Health, KgonError, Status, Verdict
from kgon.free_energy.crossings import n_crit
from kgon.free_energy.dominance import dominant_phases
from kgon.kgons.catalogue import Catalogue


@pytest.mark.parametrize("c", [4, 6, 9])
def test_critical_points_go_to_json_and_back(c):
    for point in Catalogue(c):
        again = type(point).from_json(point.to_json())
        assert same(point, again)
        assert again.to_json() == point.to_json()
        assert not again.W.flags.writeable


@pytest.mark.parametrize("theory", ["none", "prior"])
@pytest.mark.parametrize("pair", [("5", "6"), ("6", "5+"), ("5", "5")])
def test_crossings_go_to_json_and_back(theory, pair):
    crossing = n_crit(*pair, theory=theory)
    assert same(crossing, type(crossing).from_json(crossing.to_json()))


def test_dominance_with_open_ends_goes_to_json_and_back():
    for phase in dominant_phases():
        assert same(phase, type(phase).from_json(phase.to_json()))


def test_arrays_stay_arrays_however_numpy_writes_their_type():
    """``NDArray`` is a generic alias in NumPy before 2.5, and a type alias since."""

    @result
    class Measured(Result):
        schema: ClassVar[str] = "measured"

        values: NDArray[np.float64]
        more: NDArray[np.int64] | None

        def headline(self):
            return ""

    for more in (None, np.arange(3)):
        found = Measured.from_json(Measured(values=np.array([0.5, 1.5]), more=more).to_json())
        assert isinstance(found.values, np.ndarray) and found.values.tolist() == [0.5, 1.5]
        assert (found.more is None) if more is None else found.more.tolist() == [0, 1, 2]


def test_the_comparison_of_the_tests_sees_differences():
    a, b = Catalogue(6)["5"], Catalogue(6)["5+"]
    assert same(a, a) and not same(a, b)
    assert not same(a, dataclasses.replace(a, lambda_=7.0))  # 7.0 is not Fraction(7)
    assert not same((1,), [1]) and not same(1, 1.0)


def test_json_carries_schema_version_options_and_data():
    text = Catalogue(6)["5+"].to_json()
    found = json.loads(text)
    assert set(found) == {"schema", "kgon", "provenance", "options", "notes", "data"}
    assert found["schema"] == "kgon/critical-point/1"
    assert found["data"]["lambda"] == 8.5 and "lambda_" not in found["data"]
    assert {"python", "numpy", "numba", "python-flint"} <= set(found["provenance"])
    written = document("x", {"n": np.int64(3)}, {1: (Verdict.PROVED, None)}, notes=["so"])
    assert (written["schema"], written["options"], written["notes"]) == ("kgon/x/1", {"n": 3}, ["so"])
    assert written["data"] == {"1": ["PROVED", None]}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("wrap", [float, np.float64, lambda x: np.array([1.0, x]), lambda x: {"a": (x,)}])
def test_what_is_not_a_number_is_refused(bad, wrap):
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        jsonable(wrap(bad))


def test_a_result_with_nan_is_refused():
    point = dataclasses.replace(Catalogue(6)["5"], loss=math.nan)
    with pytest.raises(ValueError, match="nan cannot be written as JSON"):
        point.to_json()


def test_only_json_types_come_out():
    values = jsonable({"a": np.arange(3), "b": Fraction(17, 2), "c": Status.STALLED, "d": np.bool_(True)})
    assert values == {"a": [0, 1, 2], "b": 8.5, "c": "stalled", "d": True}
    assert type(values["d"]) is bool and type(values["a"][0]) is int
    with pytest.raises(TypeError, match="complex has no JSON form"):
        jsonable(1j)


def _results():
    return [
        Catalogue(6)["5"],
        Catalogue(6)["4++--:opposite"],
        n_crit("5", "6"),
        n_crit("5", "5"),
        n_crit("5", "6").roots[0],
        dominant_phases()[0],
        Agreement.compare(8.5, 8.4, 0.1, resolution=0.25),
    ]


@pytest.mark.parametrize("at", range(7))
def test_every_result_prints_in_each_form(at):
    result = _results()[at]
    assert "\n" not in repr(result) and repr(result) == f"<{result.headline()}>"
    lines = str(result).splitlines()
    assert len({len(line) for line in lines}) == 1 and len(lines) == len(result.rows()) + 4
    html = result._repr_html_()
    assert html.count("<tr>") == html.count("</tr>") == len(result.rows())


@pytest.mark.parametrize("at", range(7))
def test_results_cannot_be_changed(at):
    result = _results()[at]
    field = dataclasses.fields(result)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, field, None)
    with pytest.raises((AttributeError, TypeError)):
        result.something_new = 1
    for f in dataclasses.fields(result):
        value = getattr(result, f.name)
        if isinstance(value, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                value[(0,) * value.ndim] = 1.0


# --- parts, names and what JSON leaves out --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(Record):
    """Settings with a name of their own in JSON."""

    json_names: ClassVar[dict[str, str]] = {"size": "n"}

    size: float
    steps: int = 3


@result
class Found(Record):
    """Numbers, some of which are missing."""

    value: np.ndarray = null_for_nan()
    health: Health = Health()


@result
class WholeThing(Result):
    """A result of parts."""

    chosen: Chosen = part()
    again: Chosen = part(n="other_n", steps="draws")
    found: Found = part()
    draws: np.ndarray = left_out()
    seed: int = 0

    def headline(self):
        return f"{self.chosen.size}"


def whole():
    found = Found(value=np.array([1.0, np.nan]), health=Health(("only 3 draws", "R-hat 1.2")))
    chosen, again = Chosen(size=2.0), Chosen(size=4.0, steps=7)
    return WholeThing(chosen=chosen, again=again, found=found, draws=np.ones(3))


def test_parts_stand_beside_the_fields_of_the_whole():
    assert whole().data() == {
        "n": 2.0, "steps": 3, "other_n": 4.0, "draws": 7, "value": [1.0, None],
        "health": "only 3 draws; R-hat 1.2", "seed": 0,
    }  # fmt: skip
    options = json.loads(whole().to_json({"chosen": Chosen(size=2.0)}))["options"]
    assert options == {"chosen": {"n": 2.0, "steps": 3}}


def test_parts_are_read_back_and_what_is_left_out_is_not():
    data = whole().data()
    assert Chosen.from_data(data) == Chosen(size=2.0)
    found = Found.from_data(data)
    assert np.array_equal(found.value, [1.0, np.nan], equal_nan=True) and not found.value.flags.writeable
    assert found.health.reasons == ("only 3 draws", "R-hat 1.2")
    with pytest.raises(KgonError, match="draws of WholeThing is not in JSON"):
        WholeThing.from_data(data)  # though there is a number of draws


def test_a_schema_is_the_name_of_the_class_unless_it_says_so():
    assert WholeThing.schema == "whole-thing" and whole().to_dict()["schema"] == "kgon/whole-thing/1"
    assert Agreement.schema == "agreement"


@pytest.mark.parametrize("reasons", [(), ("only 3 draws",), ("a", "b", "c: 1.5e-3, d")])
def test_health_is_printed_and_read_back(reasons):
    found = Health(reasons)
    assert Health.parse(str(found)) == found and found.good is (not reasons)
    assert found.trust == ("not to be trusted" if reasons else "healthy")
    assert found.rows() == [("health", reason) for reason in reasons or ("good",)]
