"""A real Dask cluster of several processes: the same numbers, also when a process is killed."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from support.command import data_of, need, run

from kgon.base.work import Work

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of the cluster's own machinery
]


@pytest.fixture(scope="module")
def cluster():
    need("distributed")
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


def squared(x, folder):
    """Leaves a line per call; the third task kills its process, the first time."""
    mark = Path(folder) / "killed"
    if x == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    with (Path(folder) / "done").open("a") as stream:
        stream.write(f"{x}\n")
    return {"square": np.array(x * x)}


def test_a_killed_workers_tasks_are_done_again_and_nothing_twice(cluster, tmp_path):
    from distributed import Client

    tasks = {f"x{k}": (k, str(tmp_path)) for k in range(8)}
    with Client(cluster) as client:
        work = Work(workers=client.get_executor(), folder=tmp_path / "run")
        found = work.run(squared, tasks)
    assert {name: x["square"].item() for name, x in found.items()} == {f"x{k}": k * k for k in range(8)}
    assert (tmp_path / "killed").exists()
    assert len(list((tmp_path / "run").glob("*.npz"))) == 8
    # Results that died with their process are computed again; no task is finished twice otherwise.
    assert set((tmp_path / "done").read_text().split()) == {str(k) for k in range(8)}


def test_the_cluster_gives_the_numbers_of_one_process(cluster, capsys, tmp_path):
    argv = ("sample", "--n", "30", "--ensembles", "4", "--draws", "12", "--no-progress")
    here = run(capsys, *argv, "--out", str(tmp_path / "here"))
    there = run(capsys, *argv, "--out", str(tmp_path / "there"), "--scheduler", cluster.scheduler_address)
    assert here[0] == there[0]
    with np.load(tmp_path / "here" / "draws.npz") as one, np.load(tmp_path / "there" / "draws.npz") as other:
        assert one["W"].tobytes() == other["W"].tobytes()
        assert one["basin"].tobytes() == other["basin"].tobytes()


def test_evidence_runs_on_the_cluster(cluster, capsys):
    argv = ("evidence", "--n", "2,4", "--no-progress")
    assert data_of(capsys, *argv) == data_of(capsys, *argv, "--scheduler", cluster.scheduler_address)


def test_certificates_are_proved_on_the_cluster_and_written_here(cluster, capsys, tmp_path):
    argv = ("certify", "4", "5", "6", "-c", "6", "--out")
    here = run(capsys, *argv, str(tmp_path / "here"))
    there = run(capsys, *argv, str(tmp_path / "there"), "--scheduler", cluster.scheduler_address)
    assert here[0] == there[0] == 0
    one, other = ({x.name: x.read_bytes() for x in (tmp_path / at).iterdir()} for at in ("here", "there"))
    assert one == other and len(one) == 3


def test_a_scheduler_that_is_not_there_is_one_line(capsys, monkeypatch):
    need("distributed")
    monkeypatch.setattr("kgon.base.cluster.CONNECT", 1)
    code, _, err = run(capsys, "sample", "--n", "5", "--scheduler", "tcp://127.0.0.1:9")
    assert code == 2 and "no Dask scheduler answers there" in err and err.count("\n") == 1


def test_the_cluster_makes_artefacts_as_one_process_does(cluster, tmp_path):
    from distributed import Client

    from kgon.report.artefact import artefacts
    from kgon.report.graph import make_all
    from kgon.report.store import Store

    wanted = [artefacts("table")["exact"], artefacts("table")["loss-lambda-hat"], artefacts("figure")["kgon"]]

    def made(name, workers):
        found = {}
        making = make_all(
            wanted, {}, work=Work(workers=workers), store=Store(tmp_path / name), formats=("png",),
            finish=lambda artefact, product: found.update({str(artefact): product.files}),
        )  # fmt: skip
        assert making.errors == {}
        return found, sorted(x.name for x in (tmp_path / name / "entries").rglob("*.json"))

    with Client(cluster) as client:
        there = made("there", client.get_executor())
    here = made("here", 1)
    assert there == here and len(there[1]) == 5
