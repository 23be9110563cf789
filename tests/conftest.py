"""Shared settings of the test run, and results that several files look at."""

import importlib.util
import itertools
import os
import pickle
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from support.documentation import module_of_documentation

# Matrices are small: a second thread of BLAS only waits, at full speed, for work. Before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Workers of pytest-xdist have it: what is printed would be broken into lines of that length.
os.environ.pop("COLUMNS", None)

# Derandomised: a run is the same every time; no deadline: numba compiles inside the first example.
settings.register_profile(
    "kgon", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kgon")

try:
    import fcntl
except ImportError:  # on Windows two processes may compute the same
    fcntl = None  # type: ignore[assignment]

SHARED = ("theorem", "llc", "landscape", "saddles", "five", "hexagon", "pentagon", "evidence", "eight")
"""Fixtures of this file, each computed once in the whole run."""


@pytest.fixture(scope="session")
def quoted():
    """The module of the documentation that knows its numbers by name."""
    return module_of_documentation("quoted_numbers")


@pytest.fixture(scope="session")
def kept():
    """The module of the documentation that shows what long commands found."""
    return module_of_documentation("kept_results")


@pytest.fixture(scope="session")
def stores(tmp_path_factory):
    """Folders for stores, each of which is made when something is kept there."""
    base = tmp_path_factory.mktemp("stores")
    return (str(base / f"{k}") for k in itertools.count())


@pytest.fixture(autouse=True)
def own_store(stores, monkeypatch):
    """No test reads what another, or the user, has kept."""
    monkeypatch.setenv("KGON_STORE", next(stores))


@pytest.fixture(scope="session")
def common(tmp_path_factory):
    """A folder of the whole run, common to its workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "common"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def alone(path):
    """One process of the run at a time."""
    with open(path, "w") as held:
        if fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared(common):
    """A value by its name: the first process that needs it computes it, the others read its file."""

    def value(name: str, compute: Callable[[], Any]) -> Any:
        path = common / f"{name}.pickle"
        with alone(common / f"{name}.lock"):
            if not path.exists():
                own = common / f"{name}.{os.getpid()}"
                own.write_bytes(pickle.dumps(compute()))
                own.replace(path)
        return pickle.loads(path.read_bytes())

    return value


@pytest.fixture(scope="session")
def common_place(common):
    """The store of the whole run; that of ``KGON_TESTS_STORE``, which the main job has filled in .ci/run."""
    return os.environ.get("KGON_TESTS_STORE") or str(common / "store")


@pytest.fixture
def common_store(common_place, own_store, monkeypatch):
    """Studies are read from and kept in one store of the whole run: for tests that change no code."""
    monkeypatch.setenv("KGON_STORE", common_place)


@pytest.fixture(scope="session")
def study(common_place):
    """The result of a study by name, in its quick effort; each is computed once in the whole run."""
    values: dict[str, Any] = {}

    def result(name: str) -> Any:
        from kgon.report.artefact import Registry
        from kgon.report.graph import make_one
        from kgon.report.store import Store

        if name not in values:
            values[name] = make_one(Registry("study"), name, {}, store=Store(Path(common_place))).value
        return values[name]

    return result


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """Headless Chromium of the whole run, by ``support.browser``: for tests marked integration."""
    from support.browser import open_browser

    with open_browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def browser(chromium):
    """The browser without what another test has set."""
    chromium.emulate("Emulation.setEmulatedMedia", features=[])
    chromium.emulate("Emulation.setScriptExecutionDisabled", value=False)
    return chromium


@pytest.fixture(scope="session")
def theorem(shared, common):
    """The hexagon is the global minimum of six features: the proof, with its certificate in a file."""
    from kgon.proofs.global_minimum import prove_global_minimum

    return shared("theorem", lambda: prove_global_minimum(6, folder=common / "theorem"))


@pytest.fixture(scope="session")
def eight(shared, common):
    """Lower bounds up to eight features, with their certificate in a file."""
    from kgon.proofs.global_minimum import prove_global_minimum

    return shared("eight", lambda: prove_global_minimum(8, folder=common / "eight"))


@pytest.fixture(scope="session")
def llc(study):
    """λ̂ of 5, 5⁺ and 6 against n."""
    return study("llc_convergence")


@pytest.fixture(scope="session")
def published(study):
    """λ̂ of 5, 5⁺ and 6 by the published protocol, and the split of its bias."""
    return study("llc_published")


@pytest.fixture(scope="session")
def landscape(study):
    """The landscape of six features that figures and tables show."""
    return study("landscape")


@pytest.fixture(scope="session")
def saddles(shared):
    """Critical points of six features from 2000 random starts, up to the saddle on the way from 4⁺ to 5."""
    from kgon.landscape.search import search_critical_points

    return shared("saddles", lambda: search_critical_points(6, starts=2000, below=0.1045).points)


@pytest.fixture(scope="session")
def five(shared):
    """The landscape of five features, one of them a hundredth less important."""
    from kgon.landscape.assembly import loss_landscape
    from kgon.potential.model import TMS

    less = TMS(5, importance=[1, 1, 1, 1, 0.99])
    return shared("five", lambda: loss_landscape(less, starts=800, trials=0))


@pytest.fixture(scope="session")
def hexagon(shared):
    """The 6-gon over the importance of its last column, with its proof."""
    from kgon.branches.follow import follow_branch

    return shared("hexagon", lambda: follow_branch("6", lower=0.25, upper=3.0, certify=True))


@pytest.fixture(scope="session")
def pentagon(shared):
    """The 5⁺-gon over the importance of its positive column, with its proof."""
    from kgon.branches.follow import follow_branch

    options = {"role": "positive", "lower": 0.25, "upper": 3.0, "certify": True}
    return shared("pentagon", lambda: follow_branch("5+", **options))


@pytest.fixture(scope="session")
def evidence(shared):
    """Sampled evidence at four sample sizes: quick and coarse."""
    from kgon.experiments.posterior.evidence import sample_evidence
    from kgon.experiments.posterior.evidence_result import EvidenceEffort

    few = EvidenceEffort(particles=128, replicates=3)
    return shared("evidence", lambda: sample_evidence(sizes=(50.0, 150.0, 300.0, 650.0), effort=few))


def pytest_collection_modifyitems(items):
    """The first file that needs a shared result comes first, so that its worker computes what others read.

    The examples of the PyTorch bridge need PyTorch; ``test_torch`` requires it where CI does.
    """
    first: dict[str, Any] = {}
    for item in items:
        for name in set(SHARED).intersection(getattr(item, "fixturenames", ())):
            first.setdefault(name, item.path)
    order = list(dict.fromkeys(first[name] for name in SHARED if name in first))
    items.sort(key=lambda item: order.index(item.path) if item.path in order else len(order))
    if importlib.util.find_spec("torch") is None:
        for item in items:
            if item.path.parts[-3:] == ("kgon", "potential", "torch.py"):
                item.add_marker(pytest.mark.skip(reason="PyTorch is not installed"))
