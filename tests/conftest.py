"""Shared settings of the test run, and results that several files look at."""

import importlib.util
import itertools
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Derandomised: a run is the same every time; no deadline: numba compiles inside the first example.
settings.register_profile(
    "kgon", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kgon")

SHARED = ("theorem", "landscape", "saddles", "hexagon", "pentagon", "evidence")
"""Fixtures of this file, computed once in each process: the dearest first."""


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


@pytest.fixture
def common_store(common, own_store, monkeypatch):
    """Studies are read from and kept in one store of the whole run: for tests that change no code."""
    monkeypatch.setenv("KGON_STORE", str(common / "store"))


@pytest.fixture(scope="session")
def study(common):
    """The result of a study by name, in its quick effort; each is computed once in the whole run."""
    values: dict[str, Any] = {}

    def result(name: str) -> Any:
        from kgon.report.artefact import Registry
        from kgon.report.graph import make_one
        from kgon.report.store import Store

        if name not in values:
            values[name] = make_one(Registry("study"), name, {}, store=Store(common / "store")).value
        return values[name]

    return result


@pytest.fixture(scope="session")
def theorem(tmp_path_factory):
    """The hexagon is the global minimum of six features: the proof, with its certificate in a file."""
    from kgon.proofs.global_minimum import prove_global_minimum

    return prove_global_minimum(6, folder=tmp_path_factory.mktemp("theorem"))


@pytest.fixture(scope="session")
def landscape(study):
    """The landscape of six features that figures and tables show."""
    return study("landscape")


@pytest.fixture(scope="session")
def saddles():
    """Critical points of six features from 2000 random starts, up to the saddle on the way from 4⁺ to 5."""
    from kgon.landscape.search import search_critical_points

    return search_critical_points(6, starts=2000, below=0.1045).points


@pytest.fixture(scope="session")
def hexagon():
    """The 6-gon over the importance of its last column, with its proof."""
    from kgon.branches.follow import follow_branch

    return follow_branch("6", lower=0.25, upper=3.0, certify=True)


@pytest.fixture(scope="session")
def pentagon():
    """The 5⁺-gon over the importance of its positive column, with its proof."""
    from kgon.branches.follow import follow_branch

    return follow_branch("5+", role="positive", lower=0.25, upper=3.0, certify=True)


@pytest.fixture(scope="session")
def evidence():
    """Sampled evidence at four sample sizes: quick and coarse."""
    from kgon.experiments.posterior.evidence import sample_evidence
    from kgon.experiments.posterior.evidence_result import EvidenceEffort

    few = EvidenceEffort(particles=128, replicates=3)
    return sample_evidence(sizes=(50.0, 150.0, 300.0, 650.0), effort=few)


def pytest_collection_modifyitems(items):
    """Tests of one shared result stand together and come first, so that one worker computes it, early.

    The examples of the PyTorch bridge need PyTorch; ``test_torch`` requires it where CI does.
    """
    items.sort(key=lambda item: [name not in getattr(item, "fixturenames", ()) for name in SHARED])
    if importlib.util.find_spec("torch") is None:
        for item in items:
            if item.path.parts[-3:] == ("kgon", "potential", "torch.py"):
                item.add_marker(pytest.mark.skip(reason="PyTorch is not installed"))
