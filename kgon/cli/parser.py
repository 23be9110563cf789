"""The parser: commands and their options."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from kgon.cli import (
    branches,
    classify,
    evidence,
    free_energy,
    kgons,
    landscape,
    llc,
    posterior,
    proofs,
    report,
    training,
)
from kgon.cli.outcome import BAD_INPUT, TABLE_FORMATS
from kgon.cli.values import features, positive

THEORIES = ("none", "prior", "laplace", "laplace2", "evidence", "mcmc")
"""The vocabulary of --theory; what this version computes is checked by the command."""
OWN_FEATURES = ("verify", "table", "figure", "llc")
"""Commands that must know whether -c was given: it may not fit the file, table or figure."""

Command = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: error: {message}", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


def parser() -> argparse.ArgumentParser:
    """The whole parser."""
    main = _Parser(
        prog="kgon",
        description="Toy model of superposition through singular learning theory: k-gon critical "
        "points, free energy, n_crit.",
        epilog="Labels are ASCII: 6, 5+, 4++, 4-, 4++--, 4--:opposite.  "
        "Every command takes --json and --help.",
    )
    main.add_argument("--version", action="store_true", help="print the version and stop")
    commands = main.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    def command(
        name: str, run: Command, summary: str, *, own_features: bool = True
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        sub.add_argument("--json", action="store_true", help="print one JSON object")
        if own_features:
            sub.add_argument(
                "-c",
                "--features",
                type=features,
                default=None if name in OWN_FEATURES else 6,
                metavar="C",
                help="number of features (default 6)",
            )
        return sub

    def theory(sub: argparse.ArgumentParser, default: str | None = "prior") -> None:
        sub.add_argument(
            "--theory",
            choices=THEORIES,
            default=default,
            metavar="THEORY",
            help="constant of the free energy: none, prior, laplace, laplace2, evidence (sampled) or mcmc "
            "(occupancy only); "
            f"default {default or 'that of the table or figure'}",
        )
        sub.add_argument(
            "--beta",
            default="1" if default else None,
            metavar="BETA",
            help="inverse temperature (default "
            f"{'1, the convention of the text' if default else 'that of the table or figure'})",
        )
        sub.add_argument(
            "--evidence", metavar="FILE", help="evidence.json of kgon evidence (default: a quick run)"
        )

    def parallel(sub: argparse.ArgumentParser, default: int | None = 1) -> None:
        sub.add_argument(
            "--workers", type=int, default=default, metavar="N", help=f"processes (default {default or 1})"
        )
        sub.add_argument(
            "--scheduler", metavar="ADDRESS", help="run on a Dask cluster instead: tcp://host:port"
        )
        sub.add_argument("--no-progress", action="store_true", help="no progress on stderr")

    def among(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--among", metavar="LABELS", help="compare these phases only, 5,5+,6 (default: all local minima)"
        )

    sub = command(
        "reproduce", report.reproduce, "the main job: all tables, figures and claims", own_features=False
    )
    sub.add_argument("--out", default="kgon-output", metavar="FOLDER", help="default kgon-output")
    sub.add_argument("--full", action="store_true", help="include what is slow")
    sub.add_argument("--strict", action="store_true", help="exit 1 if any claim is refuted")
    parallel(sub, os.cpu_count() or 1)

    sub = command("catalogue", kgons.catalogue, "list the k-gons")
    sub.add_argument("--format", choices=TABLE_FORMATS, default="text")

    sub = command(
        "verify", kgons.verify, "is a label or a file's point critical, and which k-gon is nearest?"
    )
    sub.add_argument("point", metavar="LABEL|FILE", help="label, or .npz, .json, .csv, .pt with W and b")
    sub.add_argument("--tol", type=positive, default=1e-8, help="largest gradient norm (default 1e-8)")

    sub = command(
        "classify",
        classify.classify,
        "name points by nearest k-gon, basin and hull; several files are a series of checkpoints",
        own_features=False,
    )
    sub.add_argument(
        "files", nargs="+", metavar="FILE", help="one file with one or many points; or a series: "
        "files, a folder or a pattern, one point each"
    )  # fmt: skip
    sub.add_argument("--out", metavar="FILE", help="write the list to a .csv or .npz file")
    parallel(sub)

    sub = command("exact", kgons.exact, "l², b and L of a k-gon as algebraic numbers")
    sub.add_argument("label", metavar="LABEL")

    sub = command(
        "exists", kgons.exists, "which regular k-gons are critical points, proved", own_features=False
    )
    sub.add_argument("--k", required=True, metavar="A:B", help="numbers of vertices, b included")

    sub = command("certify", proofs.certify, "prove what each k-gon is, and write the certificates")
    sub.add_argument("labels", nargs="*", metavar="LABEL", help="default: all of the catalogue")
    sub.add_argument("--out", default="certificates", metavar="FOLDER", help="default certificates")
    sub.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default 1)")

    sub = command(
        "prove", proofs.prove, "prove the global minimum for c = 4, 5, 6, a lower bound for c = 7, 8"
    )
    sub.add_argument("theorem", choices=("global-minimum",), metavar="global-minimum")
    sub.add_argument(
        "--bound", type=positive, metavar="L", help="prove this lower bound of L instead (c >= 6)"
    )
    sub.add_argument("--out", default="certificates", metavar="FOLDER", help="default certificates")
    sub.add_argument("--no-progress", action="store_true", help="no progress on stderr")

    sub = command(
        "check", proofs.check, "verify certificates independently of the prover", own_features=False
    )
    sub.add_argument("files", nargs="+", metavar="FILE")

    sub = command("ncrit", free_energy.ncrit, "all n at which two phases have equal free energy")
    sub.add_argument("first", metavar="A", help="label of a phase, or several taken together: 5,5+")
    sub.add_argument("second", metavar="B", help="label of another")
    theory(sub)

    sub = command("phases", free_energy.phases, "which phase has the lowest free energy for which n")
    theory(sub)
    among(sub)
    sub.add_argument(
        "--diagram", choices=("beta", "importance"), help="on a grid of n and beta, or of the last importance"
    )
    sub.add_argument("--n", metavar="A:B[:STEP]", help="sample sizes of the diagram")
    sub.add_argument("--values", metavar="LIST", help="values of beta or importance: 0.5,1 or a:b:step")

    sub = command("occupancy", free_energy.occupancy, "probability of each phase by sample size")
    sub.add_argument("--n", required=True, metavar="A:B[:STEP]", help="sample sizes, b included")
    theory(sub)
    among(sub)
    sub.add_argument(
        "--sets",
        type=int,
        metavar="K",
        help="with mcmc: mean over K data sets per n (default: population loss)",
    )
    sub.add_argument("--seed", type=int, help="of mcmc (default 0)")
    sub.add_argument("--out", metavar="FOLDER", help="keep finished runs of mcmc there, and go on with them")
    parallel(sub, None)

    sub = command(
        "search", landscape.search, "critical points of any index from random starts", own_features=False
    )
    sub.add_argument("--starts", type=int, required=True, metavar="N", help="how many starts")
    sub.add_argument(
        "-c", "--features", type=int, default=6, metavar="C", help="number of features (default 6)"
    )
    sub.add_argument("-r", "--hidden", type=int, default=2, metavar="R", help="hidden dimensions (default 2)")
    sub.add_argument(
        "--below", type=positive, metavar="L", help="keep points of lower loss only, such as 1/9"
    )
    sub.add_argument(
        "--out", metavar="FOLDER", help="keep finished chunks of starts there, and go on with them"
    )
    sub.add_argument("--seed", type=int, default=0)
    parallel(sub)

    sub = command("continue", branches.continue_, "follow a k-gon over a parameter, with its events")
    sub.add_argument("label", metavar="LABEL")
    sub.add_argument(
        "--parameter", default="importance[5]", metavar="NAME",
        help="importance[5], probability[0], a common factor importance[3,4], betan (of the free energy) or "
        "c (a real number of columns of a regular polygon); default importance[5]",
    )  # fmt: skip
    sub.add_argument("--to", type=positive, required=True, metavar="VALUE", help="end of the range")
    sub.add_argument(
        "--from", dest="from_", type=positive, metavar="VALUE",
        help="other end (default: the catalogue's value, 1 for importances; with betan 1)",
    )  # fmt: skip
    sub.add_argument(
        "--role", choices=("vertex", "positive", "dead", "switched-off"),
        help="what the first column varied is (default: as in the standard representative)",
    )  # fmt: skip
    sub.add_argument(
        "--against", metavar="LABELS", help="find where 5+,4 and so on have the same loss, in all their roles"
    )
    sub.add_argument(
        "--n", type=positive, metavar="N", help="find equal free energy too, at this sample size"
    )
    sub.add_argument(
        "--theory", choices=("none", "prior", "laplace", "laplace2"), metavar="THEORY",
        help="constant of the free energy: none, prior or laplace; with betan also laplace2 (default prior)",
    )  # fmt: skip
    sub.add_argument("--beta", metavar="BETA", help="inverse temperature, with --n (default 1)")
    sub.add_argument("--certify", action="store_true", help="prove the branch and enclose its events")
    sub.add_argument(
        "--switch", type=int, metavar="K", help="follow what crosses at the K-th branch point instead"
    )
    sub.add_argument("--out", metavar="FOLDER", help="keep finished parts there, and go on with them")
    parallel(sub)

    sub = command("llc", llc.llc, "learning coefficient: exact with proof, and sampled at finite n")
    sub.add_argument(
        "point",
        metavar="LABEL|FILE",
        help="label, or .npz, .json, .csv, .pt with W and b of one point or many",
    )
    sub.add_argument("--n", type=positive, metavar="N", help="sample λ̂ at this sample size")
    sub.add_argument("--beta", type=positive, metavar="BETA", help="of the sampled λ̂ (default 1/log n)")
    sub.add_argument("--gamma", type=positive, help="precision of the localiser (default 1)")
    sub.add_argument(
        "--sampler", choices=("hmc", "mala", "sgld"), help="default hmc; sgld is the published one, biased"
    )
    sub.add_argument(
        "--data", metavar="SEED|FILE", help="loss of n samples with this seed, or of those in an .npz "
        "with feature and amplitude, such as a trajectory (default: population)"
    )  # fmt: skip
    sub.add_argument(
        "--step-size",
        type=positive,
        metavar="EPS",
        help="sgld, mala: default 1e-3, and adapted (many points: 1e-3)",
    )
    sub.add_argument(
        "--steps",
        type=int,
        metavar="N",
        help="draws per chain: hmc 300, sgld 500, mala 50000 (many points: 500)",
    )
    sub.add_argument(
        "--burn-in", type=int, metavar="N", help="sgld, mala: steps before (0, steps / 5; many points: 0)"
    )
    sub.add_argument("--chains", type=int, metavar="N", help="default 256 for hmc, else 10")
    sub.add_argument(
        "--batch", type=int, metavar="N", help="sgld with --data: samples per step (default: all)"
    )
    sub.add_argument("--seed", type=int, help="of the chains (default 0)")
    sub.add_argument("--workers", type=int, metavar="N", help="processes of sgld and mala (default 1)")
    sub.add_argument("--out", metavar="FOLDER", help="many points: keep what is finished there, and go on")

    sub = command("evidence", evidence.evidence, "free energy of each basin by sequential Monte Carlo")
    sub.add_argument("--n", metavar="A:B[:STEP]", help="values of beta n (default 50 to 2000)")
    sub.add_argument("--full", action="store_true", help="standard errors of 0.02 nats (minutes)")
    sub.add_argument("--out", metavar="FOLDER", help="keep finished replicates there, and go on with them")
    sub.add_argument("--seed", type=int, default=0)
    parallel(sub)

    sub = command("sample", posterior.sample, "draws of the posterior that mix between phases, with proof")
    sub.add_argument("--n", required=True, type=positive, metavar="N", help="sample size")
    sub.add_argument("--beta", default="1", metavar="BETA", help="inverse temperature (default 1)")
    sub.add_argument(
        "--data", type=int, metavar="SEED", help="a data set of n samples (default: the population loss)"
    )
    sub.add_argument("--runs", type=int, default=2, metavar="K", help="independent runs (default 2)")
    sub.add_argument("--ensembles", type=int, default=16, metavar="K", help="chains per run (default 16)")
    sub.add_argument("--draws", type=int, default=100, metavar="K", help="draws per chain (default 100)")
    sub.add_argument("--thin", type=int, default=4, metavar="K", help="iterations per draw (default 4)")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--out", metavar="FOLDER", help="keep finished runs and the draws there")
    sub.add_argument("--format", choices=("npz", "nc"), help="of the draws (default npz; nc for ArviZ)")
    parallel(sub)

    sub = command(
        "antecedent", free_energy.antecedent, "test the Bayesian antecedent hypothesis on transitions"
    )
    sub.add_argument("states", nargs="*", metavar="LABEL", help="default: 4++- 4+ 5, those of the text")
    sub.add_argument("--sampled", action="store_true", help="with sampled λ̂ as well")
    sub.add_argument("--n", type=positive, metavar="N", help="of the sampled λ̂ (default 5000)")
    sub.add_argument("--gamma", type=positive, help="precision of the localiser of λ̂ (default 100)")
    sub.add_argument("--seed", type=int, help="of the sampled λ̂ (default 0)")

    sub = command("train", training.train, "train by SGD many times, and name the plateaus")
    sub.add_argument("--trajectories", type=int, required=True, metavar="N", help="how many")
    sub.add_argument(
        "--start",
        default="4-gons",
        metavar="LABELS",
        help="labels (plus N(0, 0.01²)), 4-gons (all of them), random (N(0, 1)) or small (N(0, 0.1²)); "
        "several, with commas, take turns (default 4-gons)",
    )
    sub.add_argument("--n", type=int, default=1000, metavar="N", help="samples (default 1000)")
    sub.add_argument("--batch", type=int, default=20, metavar="N", help="samples of a step (default 20)")
    sub.add_argument("--learning-rate", type=positive, default=0.005, metavar="RATE", help="default 0.005")
    sub.add_argument("--epochs", type=int, default=4500, metavar="N", help="default 4500")
    sub.add_argument("--flow", action="store_true", help="gradient flow of the sample's loss instead of SGD")
    sub.add_argument("--out", metavar="FOLDER", help="keep finished trajectories there, and go on with them")
    sub.add_argument("--seed", type=int, default=0)
    parallel(sub)

    sub = command(
        "landscape",
        landscape.landscape,
        "minima, transition states and the paths of least energy between them",
    )
    sub.add_argument("--starts", type=int, metavar="N", help="random starts of the search (default 20000)")
    sub.add_argument("--trials", type=int, metavar="N", help="strings between every two minima (default 3)")
    sub.add_argument(
        "--below", type=positive, metavar="L", help="largest loss of a saddle (default that of the 4-gon)"
    )
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--out", metavar="FOLDER", help="keep finished work and landscape.json there, and go on")
    parallel(sub)

    for name, run, summary in (
        ("table", report.table, "write one table"),
        ("figure", report.figure, "write one figure"),
    ):
        sub = command(name, run, summary)
        sub.add_argument("name", nargs="?", metavar="NAME", help="one of the names that --list shows")
        sub.add_argument("--list", action="store_true", help="list the names")
        sub.add_argument("--out", metavar="FOLDER", help="folder (table: print if not given)")
        theory(sub, None)
        if name == "table":
            sub.add_argument("--format", choices=TABLE_FORMATS, help="default: text, or all files")
            sub.add_argument("--full", action="store_true", help="include what is slow")
        else:
            sub.add_argument("--label", metavar="LABEL", help="the k-gon to draw (figure kgon)")
            sub.add_argument("--format", choices=("pdf", "png", "svg", "gif"), help="default: pdf and png")
            sub.add_argument("--full", action="store_true", help="include what is slow")

    sub = command("bench", report.bench, "evaluations per second, against JAX where installed")
    sub.add_argument("--seed", type=int, default=0)
    return main
