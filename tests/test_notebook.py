"""The notebook of the docs runs, cell by cell, and what its cells show is what they found."""

import ast
import json
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from kgon.base.results import Result

NOTEBOOK = Path(__file__).parents[1] / "docs/tour.ipynb"


def test_the_notebook_runs():
    matplotlib.use("Agg")
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells)  # nothing is shown that was not just computed
    names, shown = {"__name__": "notebook"}, []
    for cell in cells:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, NOTEBOOK.name, "exec"), names)
            if last is not None:
                shown.append(eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names))
    results = [x for x in shown if isinstance(x, Result)]
    assert len(results) == 5 and all("<table>" in x._repr_html_() for x in results)
    assert names["found"].nearest == "6" and names["run"].stages() == ["4+", "5", "6"]
    assert [round(root.n) for root in results[2].roots][-1] == 601
    assert any(isinstance(x, Figure) for x in shown)
    matplotlib.pyplot.close("all")
