"""``kgon llc``: exact and sampled, every sampler, and options that mean nothing together."""

import numpy as np
import pytest
from support.command import data_of, run

from kgon import cli
from kgon.experiments.llc.along import estimate_llc_along
from kgon.experiments.llc.settings import SGLD, Localiser
from kgon.kgons.catalogue import Catalogue
from kgon.potential.empirical import EmpiricalLoss
from kgon.potential.model import TMS
from kgon.potential.points import write_point


def test_llc_is_exact_sampled_or_both(capsys, tmp_path):
    exact = data_of(capsys, "llc", "4+")
    assert (exact["lambda"], exact["multiplicity"], exact["lambda_hat"]) == (8.0, 1, None)
    assert exact["exact"]["certificate"]["claims"]["verdict"] == "minimum"
    both = data_of(capsys, "llc", "6", "--n", "1e8")
    assert both["lambda"] == 8.5 and abs(both["lambda_hat"] - 8.5) < 0.3 and both["health"] == "good"
    point = Catalogue(6)["6"]
    path = write_point(tmp_path / "six.npz", point.W, point.biases)
    from_file = data_of(capsys, "llc", str(path), "--n", "1e8")
    assert from_file["lambda"] is None and from_file["lambda_hat"] == both["lambda_hat"]
    assert run(capsys, "llc", str(path))[0] == 2  # the exact value is for labels
    code, _, err = run(capsys, "llc", str(path), "--n", "100", "-c", "5")
    assert code == 2 and "has 6 features, -c says 5" in err


def test_chains_that_leave_are_exit_1(capsys):
    code, out, _ = run(capsys, "llc", "4+-", "--n", "1e5")
    assert code == 1 and "not a local minimum" in out and "something lower is near" in out


def test_a_difference_at_finite_n_is_no_refutation(capsys):
    """Healthy chains, z = 20: λ̂ at n = 5000 is not λ, and no verdict says that it should be."""
    code, out, _ = run(capsys, "llc", "6", "--n", "5000")
    assert code == 0 and "REFUTED" not in out and "λ̂ − λ = 0.8" in out
    assert "n = 5000 is finite and γ = 1 holds the chains" in out
    found = data_of(capsys, "llc", "6", "--n", "5000")
    apart = found["agreement"]
    assert found["health"] == "good" and apart["z"] > 10 and "verdict" not in apart
    assert apart["difference"] == found["lambda_hat"] - found["lambda"]


def test_the_number_of_features_stands_beside_a_sample_size(capsys):
    short = ("--sampler", "sgld", "--steps", "20", "--chains", "2")
    found = data_of(capsys, "llc", "4", "-c", "7", "--n", "100", *short, code=1)
    assert found["n"] == 100 and found["lambda"] == 8.5  # 7.5 of six features


def test_chains_are_discarded_by_the_published_rule(capsys):
    short = ("--sampler", "sgld", "--gamma", "0.1", "--steps", "400", "--discard", "0.05")
    found = data_of(capsys, "llc", "5", "--n", "5000", *short, code=1)
    assert found["estimate"]["discard"] == 0.05 and 0 <= found["estimate"]["discarded"] <= 8


def test_mala_and_hmc_on_data_agree(capsys):
    """γ = 100 holds both; the standard errors are 0.01 and 0.02."""
    common = ("llc", "5", "--n", "5000", "--gamma", "100", "--data", "3")
    hmc = data_of(capsys, *common)
    mala = data_of(capsys, *common, "--sampler", "mala", "--steps", "20000")
    assert hmc["health"] == mala["health"] == "good"
    assert abs(hmc["lambda_hat"] - mala["lambda_hat"]) < 0.1
    assert hmc["lambda_hat"] != data_of(capsys, *common[:-2])["lambda_hat"]
    assert mala["estimate"]["loss"] == "5000 samples, data seed 3"


def test_short_sgld_is_exit_1_and_says_why(capsys):
    found = data_of(capsys, "llc", "6", "--n", "5000", "--sampler", "sgld", code=1)
    assert "have not explored" in found["health"] and "the step size adds" in found["health"]
    assert {"lambda_hat", "stderr", "n", "beta", "lambda", "agreement"} <= found.keys()
    assert found["estimate"]["step_size"] == 1e-3 and found["estimate"]["draws"] == 500
    batches = ("--data", "0", "--batch", "20", "--step-size", "1e-4", "--steps", "40", "--burn-in", "5")
    found = data_of(capsys, "llc", "6", "--n", "500", "--sampler", "sgld", *batches, code=1)
    assert found["estimate"]["batch"] == 20 and found["estimate"]["burn_in"] == 5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--sampler sgld", "--sampler sgld is for --n"),
        ("--data 3", "--data 3 is for --n"),
        ("--steps 30", "--steps 30 is for --n"),
        ("--n 500 --step-size 0.1", "--step-size 0.1 is for --sampler sgld or mala"),
        ("--n 500 --discard 0.05", "--discard 0.05 is for --sampler sgld or mala"),
        ("--n 500 --sampler sgld --discard 2", "discard must be a share between 0 and 1, got 2"),
        ("--n 500 --burn-in 3", "--burn-in 3 is for --sampler sgld or mala"),
        ("--n 500 --workers 2", "--workers 2 is for --sampler sgld or mala"),
        ("--n 500 --sampler mala --batch 3 --data 1", "--batch 3 is for --sampler sgld"),
        ("--n 500 --sampler sgld --batch 3", "--batch 3 is for --data"),
        ("--n 500 --sampler sgld --batch 0 --data 1", "batch must be an integer of at least 1, got 0"),
        ("--n 500 --sampler sgld --workers 0", "workers must be an integer from 1 to 64, got 0"),
        ("--n 500.5 --data 1", "n must be a whole number of samples, got 500.5"),
        ("--n 500 --data -1", "-1"),
        ("--n 500 --sampler sgld --step-size 5", "sgld diverges at step_size 5"),
        ("--n 500 --sampler langevin", "invalid choice: 'langevin'"),
        ("--n 500 --sampler sgld --chains 1", "chains must be an integer from 2 to 100000, got 1"),
    ],
)
def test_options_that_mean_nothing_are_refused(capsys, options, words):
    code, out, err = run(capsys, "llc", "6", *options.split())
    assert code == 2 and out == "" and words in err and len(err.splitlines()) == 1


# --- along a trajectory --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trajectory(tmp_path_factory):
    """Six records of a short training run, with its data."""
    folder = tmp_path_factory.mktemp("run")
    arguments = ["train", "--trajectories", "1", "--n", "200", "--epochs", "5", "--start", "5"]
    assert cli.main([*arguments, "--out", str(folder), "--no-progress", "--json"]) == 0
    return folder / "trajectory-0000.npz"


def test_a_trajectory_is_followed_on_its_own_data(capsys, trajectory, tmp_path):
    with np.load(trajectory) as archive:
        W, b, loss = archive["W"], archive["b"], archive["loss"]
        data = EmpiricalLoss(TMS(6), archive["feature"], archive["amplitude"])
        assert archive["empirical"][2] == pytest.approx(data.loss(W[2], b[2]))
    argv = ("llc", str(trajectory), "--n", "200", "--data", str(trajectory), "--steps", "40", "--chains", "4")
    found = data_of(capsys, *argv, "--out", str(tmp_path), code=1)  # 40 steps are not healthy
    short = SGLD.but(steps=40, chains=4)
    expected = estimate_llc_along(data, TMS(6).pack(W, b), Localiser.of(data), short)
    assert found["lambda_hat"] == pytest.approx(expected.lambda_hat.tolist())
    assert list(tmp_path.glob("*.npz"))
    code, text, _ = run(capsys, *argv)
    assert code == 1 and f"{loss[0]:.6f}" in text
    labels = data_of(capsys, "classify", str(trajectory))
    assert {row["label"] for row in labels} == {"5"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--sampler", "hmc"], "--sampler is sgld or mala"),
        (["--n", "100", "--data", "FILE"], "has 200 samples, --n says 100"),
        (["--data", "no-such.npz"], "no such file"),
        (["--data", "pyproject.toml"], "not an .npz with a data set"),
    ],
)
def test_what_does_not_fit_a_trajectory_is_refused(capsys, trajectory, options, words):
    given = [str(trajectory) if option == "FILE" else option for option in options]
    size = [] if "--n" in given else ["--n", "200"]
    code, _, err = run(capsys, "llc", str(trajectory), *size, *given)
    assert code == 2 and words in err
    code, _, err = run(capsys, "llc", "5", "--n", "200", "--out", "x")
    assert code == 2 and "--out x is for a file with many points" in err


def test_what_is_no_minimum_is_not_healthy(capsys, tmp_path):
    """A proved saddle, whose chains see nothing wrong at small n, and a point beside a minimum."""
    found = data_of(capsys, "llc", "4+--", "--n", "1000", "--gamma", "100", code=1)
    assert "w* is no local minimum" in found["health"]
    point = Catalogue(6)["5+"]
    noise = np.random.default_rng(1).normal(0, 0.05, (3, 6))
    path = write_point(tmp_path / "near.npz", point.W + noise[:2], point.biases + noise[2])
    found = data_of(capsys, "llc", str(path), "--n", "1e5", "--gamma", "1e4", code=1)
    assert "w* is not critical" in found["health"]


def test_a_constant_loss_has_lambda_hat_0(capsys, tmp_path):
    path = write_point(tmp_path / "dead.npz", np.zeros((2, 2, 6)), np.full((2, 6), -9.0))
    _, text, _ = run(capsys, "llc", str(path), "--n", "1000")
    assert "diverged" not in text and "ε = 0.001, 10 chains of 500 steps" in text


def test_data_of_another_model_and_fractions(capsys, trajectory):
    code, _, err = run(capsys, "llc", "7", "-c", "7", "--n", "200", "--data", str(trajectory))
    assert code == 2 and "the data are those of 6 features, the point has 7" in err
    half = data_of(capsys, "llc", "6", "--n", "1e6", "--beta", "1/2", "--gamma", "1e4")
    assert half["beta"] == 0.5
    code, _, err = run(capsys, "llc", "6", "--n", "1000", "--data", "-1")
    assert code == 2 and "seed of a data set must be an integer of at least 0, got -1" in err
