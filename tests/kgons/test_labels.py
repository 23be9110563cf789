"""Labels: text there and back, what is refused, order and roles."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgon.base.verdicts import KgonError
from kgon.kgons import labels
from kgon.kgons.labels import Label


@st.composite
def all_labels(draw):
    phi = draw(st.integers(0, 6))
    configuration = draw(st.sampled_from(["adjacent", "opposite"])) if phi == 2 else "adjacent"
    return Label(draw(st.integers(0, 999_999)), draw(st.integers(0, 8)), phi, configuration)


@given(all_labels())
def test_a_label_prints_and_parses_back(label):
    assert Label.parse(str(label)) == label
    assert Label.parse(f"  {label} ") == label
    assert label.name + (":opposite" if label.configuration == "opposite" else "") == str(label)
    assert label.pretty.count("⁺") == label.sigma and label.pretty.count("⁻") == label.phi


@given(st.text(alphabet="0123456789+-: adjcentopsi", max_size=12))
def test_text_is_a_label_or_refused(text):
    label = None
    with contextlib.suppress(KgonError):
        label = Label.parse(text)
    if label is None:
        with pytest.raises(KgonError, match=re.escape(repr(text))):
            Label.parse(text)
    else:
        # Leading zeros and the default configuration may be written or left out.
        assert Label.parse(str(label)) == label


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unknown label ''"),
        ("six", "a label looks like"),
        ("+5", "a label looks like"),
        ("4-+", "a label looks like"),
        ("5.0", "a label looks like"),
        ("5⁺-⁺", "a label looks like"),
        ("1234567", "a label looks like"),
        ("4--:crossed", "configuration of a label must be one of adjacent, opposite, got 'crossed'"),
        ("4-:opposite", "only two switched-off columns have a configuration, here there are 1"),
        ("5:adjacent", "here there are 0"),
    ],
)
def test_what_is_not_a_label_is_refused(text, reason):
    with pytest.raises(KgonError, match=reason):
        Label.parse(text)


@pytest.mark.parametrize(
    ("label", "c", "reason"),
    [
        (Label(3), 6, "k = 3; the catalogue begins at k = 4"),
        (Label(0), 6, "begins at k = 4"),
        (Label(7), 6, "needs at least 7 features, c is 6"),
        (Label(5, 2), 6, r"needs 5 \+ 2 columns, c = 6 leaves 1 beside the polygon"),
        (Label(4, 3), 6, "leaves 2 beside"),
        (Label(4, 0, 5), 6, "switches off 5 of 4"),
        (Label(5, 0, 1), 6, "only the 4-gon"),
        (Label(6, 0, 2, "opposite"), 6, "only the 4-gon"),
    ],
)
def test_impossible_labels_are_refused_with_a_reason(label, c, reason):
    with pytest.raises(KgonError, match=reason):
        label.check(c)


@pytest.mark.parametrize("c", [4, 5, 6, 8])
def test_labels_are_those_that_pass_the_check(c):
    """Against every (k, σ, φ) and configuration there is."""
    possible = []
    for k in range(3, c + 2):
        for sigma in range(c + 1):
            for phi in range(6):
                for configuration in ("adjacent", "opposite") if phi == 2 else ("adjacent",):
                    label = Label(k, sigma, phi, configuration)
                    try:
                        possible.append(label.check(c))
                    except KgonError:
                        continue
    assert labels.all_labels(c, range(4, c + 1)) == sorted(possible)
    assert all(len(label.roles(c)) == c for label in possible)


def test_order_and_latex():
    assert sorted([Label(5), Label(4, 0, 1), Label(4, 1), Label(4)]) == [
        Label(4), Label(4, 0, 1), Label(4, 1), Label(5)
    ]  # fmt: skip
    assert Label(6).latex == "6" and Label(5, 1).latex == "5^{+}" and Label(4, 2, 1).latex == "4^{++-}"


def test_roles_of_a_representative():
    assert Label(4, 1, 2).roles(6) == (
        "switched-off", "switched-off", "live", "live", "positive", "dead"
    )  # fmt: skip
    assert Label(4, 0, 2, "opposite").roles(4) == ("switched-off", "live", "switched-off", "live")


@pytest.mark.parametrize("text", ["4--, positive column 3", "6, dead column 2", "4+, positive column 9"])
def test_a_label_whose_words_do_not_fit_it_is_refused(text):
    with pytest.raises(KgonError, match=re.escape(text)):
        Label.parse(text).check(6)
    assert Label.parse("4+, positive column 5").check(6).columns(6) == (0, 1, 2, 3, 5, 4)
