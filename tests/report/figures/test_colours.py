"""One colour for each k-gon, for nothing else, and told apart in grey."""

from itertools import combinations

import numpy as np
from matplotlib.colors import to_rgb

from kgon.kgons.colours import FAMILY, INK, OTHER_FAMILIES
from kgon.report.figures import style, taxonomy


def grey(code):
    return float(np.dot(to_rgb(code), (0.299, 0.587, 0.114)))


def test_no_colour_of_a_k_gon_means_anything_else():
    signs = [style.POSITIVE, style.NEGATIVE, style.PURPLE, style.GREY, style.LEVEL]
    others = [*signs, INK, taxonomy.MARK, *style.NEUTRAL]
    for family in (*FAMILY.values(), *OTHER_FAMILIES):
        assert min(np.linalg.norm(np.subtract(to_rgb(family), to_rgb(x))) for x in others) > 0.1


def test_4_5_and_6_differ_in_grey():
    assert min(abs(grey(FAMILY[a]) - grey(FAMILY[b])) for a, b in combinations((4, 5, 6), 2)) > 0.12


def test_colours_differ_from_each_other():
    every = [*FAMILY.values(), *OTHER_FAMILIES]
    assert min(np.linalg.norm(np.subtract(to_rgb(a), to_rgb(b))) for a, b in combinations(every, 2)) > 0.1
