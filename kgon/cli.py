"""The command line: parse, call, write, exit code.

Exit codes: 0 done and true; 1 the claim asked about is refuted or undecided; 2 bad usage or input,
with one line on stderr.  Heavy modules are imported inside the commands, so that help is quick.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

DONE, REFUTED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
MAX_VERTICES = 2000
TABLE_FORMATS = ("text", "latex", "markdown", "csv")
THEORIES = ("none", "prior", "laplace", "laplace2", "evidence", "mcmc")
"""The vocabulary of --theory; what this version computes is checked by the command."""

OWN_FEATURES = ("verify", "table", "figure")
"""Commands that must know whether -c was given: it may not fit the file, table or figure."""

Command = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: error: {message}", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


# --- arguments -----------------------------------------------------------------------------------


def _features(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 4 <= value <= 64:
        raise argparse.ArgumentTypeError(f"the number of features is an integer from 4 to 64, got {text!r}")
    return value


def _sizes(text: str) -> list[float]:
    """Sample sizes from a list ``100,200`` or a range ``a:b[:step]``, which includes b."""
    from kgon.results import KgonError

    try:
        if ":" not in text:
            sizes = [float(part) for part in text.split(",")]
        else:
            first, last, *rest = (float(part) for part in text.split(":"))
            step = rest[0] if rest else 1.0
            if len(rest) > 1 or not step > 0 or not last >= first:
                raise ValueError
            count = int((last - first) / step * (1 + 1e-12)) + 1
            if count > 100_000:
                raise KgonError(f"--n {text} asks for {count} sizes; at most 100000")
            sizes = [first + k * step for k in range(count)]
    except (ValueError, OverflowError) as error:
        if isinstance(error, KgonError):
            raise
        raise KgonError(f"--n is a number, a list 100,200 or a range a:b[:step], got {text!r}") from None
    if not all(0 < size < float("inf") for size in sizes):
        raise KgonError(f"--n must be positive, got {text!r}")
    return sizes


def _vertices(text: str) -> range:
    """Numbers of vertices from ``k`` or a range ``a:b``, which includes b."""
    from kgon.results import KgonError

    parts = text.split(":")
    try:
        first, last = int(parts[0]), int(parts[-1])
    except ValueError:
        first, last = 0, 0
    if len(parts) > 2 or not 3 <= first <= last <= MAX_VERTICES:
        raise KgonError(f"--k is a number or a range a:b with 3 <= a <= b <= {MAX_VERTICES}, got {text!r}")
    return range(first, last + 1)


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"a tolerance is a positive number, got {text!r}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="kgon",
        description="Toy model of superposition through singular learning theory: k-gon critical "
        "points, free energy, n_crit.",
        epilog="Labels are ASCII: 6, 5+, 4++, 4-, 4++--, 4--:opposite.  "
        "Every command takes --json and --help.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Command, summary: str, *, features: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        sub.add_argument("--json", action="store_true", help="print one JSON object")
        if features:
            sub.add_argument(
                "-c",
                "--features",
                type=_features,
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
            help=f"constant of the free energy: none or prior (default {default or 'both'})",
        )
        sub.add_argument(
            "--beta",
            default="1" if default else None,
            metavar="BETA",
            help="inverse temperature (default "
            f"{'1, the convention of the text' if default else '1 and 1/2'})",
        )

    sub = command("reproduce", _reproduce, "the main job: all tables, figures and claims", features=False)
    sub.add_argument("--out", default="kgon-output", metavar="FOLDER", help="default kgon-output")
    sub.add_argument("--full", action="store_true", help="include what is slow")
    sub.add_argument("--strict", action="store_true", help="exit 1 if any claim is refuted")
    sub.add_argument("--no-progress", action="store_true", help="no progress lines on stderr")

    sub = command("catalogue", _catalogue, "list the k-gons")
    sub.add_argument("--format", choices=TABLE_FORMATS, default="text")

    sub = command("verify", _verify, "is a label or a file's point critical, and which k-gon is nearest?")
    sub.add_argument("point", metavar="LABEL|FILE", help="label, or .npz, .json, .csv with W and b")
    sub.add_argument("--tol", type=_tolerance, default=1e-8, help="largest gradient norm (default 1e-8)")

    sub = command("exact", _exact, "l², b and L of a k-gon as algebraic numbers")
    sub.add_argument("label", metavar="LABEL")

    sub = command("exists", _exists, "which regular k-gons are critical points, proved", features=False)
    sub.add_argument("--k", required=True, metavar="A:B", help="numbers of vertices, b included")

    sub = command("certify", _certify, "prove what each k-gon is, and write the certificates")
    sub.add_argument("labels", nargs="*", metavar="LABEL", help="default: all of the catalogue")
    sub.add_argument("--out", default="certificates", metavar="FOLDER", help="default certificates")
    sub.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default 1)")

    sub = command("check", _check, "verify certificates independently of the prover", features=False)
    sub.add_argument("files", nargs="+", metavar="FILE")

    sub = command("ncrit", _ncrit, "all n at which two phases have equal free energy")
    sub.add_argument("first", metavar="A", help="label of a phase")
    sub.add_argument("second", metavar="B", help="label of another")
    theory(sub)

    sub = command("phases", _phases, "which phase has the lowest free energy for which n")
    theory(sub)

    sub = command("occupancy", _occupancy, "probability of each phase by sample size")
    sub.add_argument("--n", required=True, metavar="A:B[:STEP]", help="sample sizes, b included")
    theory(sub)

    for name, run, summary in (
        ("table", _table, "write one table"),
        ("figure", _figure, "write one figure"),
    ):
        sub = command(name, run, summary)
        sub.add_argument("name", nargs="?", metavar="NAME", help="one of the names that --list shows")
        sub.add_argument("--list", action="store_true", help="list the names")
        sub.add_argument("--out", metavar="FOLDER", help="folder (table: print if not given)")
        theory(sub, None)
        if name == "table":
            sub.add_argument("--format", choices=TABLE_FORMATS, help="default: text, or all files")
        else:
            sub.add_argument("--label", metavar="LABEL", help="the k-gon to draw (figure kgon)")
            sub.add_argument("--format", choices=("pdf", "png", "svg"), help="default: pdf and png")
            sub.add_argument("--full", action="store_true", help="include what is slow")

    sub = command("bench", _bench, "evaluations per second, against JAX where installed")
    sub.add_argument("--seed", type=int, default=0)
    return parser


# --- output --------------------------------------------------------------------------------------


def _emit(args: argparse.Namespace, data: Any, text: Callable[[], str], *, notes: Sequence[str] = ()) -> None:
    """Print the JSON document of a command, or its text."""
    if not args.json:
        print("\n".join([text(), *(["", *notes] if notes else [])]))
        return
    from kgon.results import document

    options = {
        key: value
        for key, value in vars(args).items()
        if key not in ("run", "json", "command", "version") and value is not None
    }
    whole = document(args.command, options, data, notes=notes)
    print(json.dumps(whole, allow_nan=False, ensure_ascii=False, indent=2))


# --- commands ------------------------------------------------------------------------------------


def _reproduce(args: argparse.Namespace) -> int:
    start = time.monotonic()

    def progress(step: str) -> None:
        if not args.no_progress:
            print(f"[{time.monotonic() - start:5.1f} s] {step}", file=sys.stderr, flush=True)

    progress("compiling kernels and loading libraries")
    from kgon.report import reproduce
    from kgon.results import Verdict

    outcome = reproduce(args.out, full=args.full, progress=progress)
    _emit(args, outcome, outcome.text)
    return REFUTED if args.strict and outcome.count(Verdict.REFUTED) else DONE


def _catalogue(args: argparse.Namespace) -> int:
    from kgon import tables
    from kgon.catalogue import Catalogue

    _emit(
        args,
        list(Catalogue(args.features)) if args.json else None,
        lambda: tables.build("catalogue", c=args.features).render(args.format),
    )
    return DONE


def _verify(args: argparse.Namespace) -> int:
    from kgon import classify
    from kgon.catalogue import Catalogue
    from kgon.io import read_point
    from kgon.model import TMS
    from kgon.results import KgonError, Verdict

    if Path(args.point).suffix or os.sep in args.point:
        tms, W, b = read_point(args.point)
        if W.ndim != 2:
            raise KgonError(f"{args.point}: verify takes one point, the file holds {len(W)}")
        if args.features not in (None, tms.c):
            raise KgonError(f"{args.point} has {tms.c} features, -c says {args.features}")
    else:
        point = Catalogue(args.features or 6)[args.point]
        tms, W, b = TMS(point.c), point.W, point.biases
    args.features = tms.c
    outcome = classify.verify(W, b, tms=tms, tol=args.tol, source=args.point)
    _emit(args, outcome, lambda: str(outcome))
    return DONE if outcome.critical in (Verdict.PROVED, Verdict.CONFIRMED) else REFUTED


def _certify(args: argparse.Namespace) -> int:
    from concurrent.futures import ProcessPoolExecutor
    from functools import partial
    from multiprocessing import get_context

    from kgon.catalogue import Catalogue
    from kgon.certify import write_certificate
    from kgon.results import KgonError

    if not 1 <= args.workers <= 64:
        raise KgonError(f"--workers is a number from 1 to 64, got {args.workers}")
    points = Catalogue(args.features)
    labels = [points[label].name for label in args.labels] or list(points.labels)
    write = partial(write_certificate, c=args.features, folder=args.out)
    if args.workers == 1:
        data = [write(label) for label in labels]
    else:
        # spawn: a fork of a process that runs threads (JAX, BLAS) may deadlock
        with ProcessPoolExecutor(args.workers, mp_context=get_context("spawn")) as pool:
            data = list(pool.map(write, labels))
    lines = [f"{x['verdict']:<10} {x['file'] or x['label']}: {x['claims']}" for x in data]
    _emit(args, data, lambda: "\n".join(lines))
    return DONE if all(x["verdict"] == "PROVED" for x in data) else REFUTED


def _check(args: argparse.Namespace) -> int:
    from kgon.check import check
    from kgon.results import KgonError

    data = []
    for name in args.files:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise KgonError(f"{name}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            text = ""  # not JSON: the checker says so
        report = check(text)
        data.append(
            {
                "file": name,
                "label": report.label,
                "verdict": report.verdict,
                "claims": list(report.claims),
                "reason": report.reason,
            }
        )

    def text_of() -> str:
        return "\n".join(
            f"{x['verdict']:<10} {x['file']}: {x['reason'] or '; '.join(x['claims'])}" for x in data
        )

    _emit(args, data, text_of)
    return DONE if all(x["verdict"] == "PROVED" for x in data) else REFUTED


def _exact(args: argparse.Namespace) -> int:
    from kgon.algebraic import exact

    outcome = exact(args.label, args.features)
    _emit(args, outcome, lambda: str(outcome))
    return DONE


def _exists(args: argparse.Namespace) -> int:
    from kgon import tables
    from kgon.polygon_existence import existence
    from kgon.results import Verdict

    found = [existence(k) for k in _vertices(args.k)]
    _emit(args, found, lambda: tables.existence_table(found).text())
    return DONE if all(item.exists is Verdict.PROVED for item in found) else REFUTED


def _ncrit(args: argparse.Namespace) -> int:
    from kgon.free_energy import n_crit

    outcome = n_crit(args.first, args.second, args.features, theory=args.theory, beta=args.beta)
    _emit(args, outcome, lambda: str(outcome))
    return DONE


def _phases(args: argparse.Namespace) -> int:
    from kgon.free_energy import comparison_note, dominant_phases

    found = dominant_phases(args.features, theory=args.theory, beta=args.beta)
    notes = [comparison_note(args.features)]
    _emit(args, found, lambda: "\n".join(phase.headline() for phase in found), notes=notes)
    return DONE


def _occupancy(args: argparse.Namespace) -> int:
    from kgon._format import Column, Table
    from kgon.free_energy import comparison_note, occupancy

    sizes = _sizes(args.n)
    shares = occupancy(sizes, args.features, theory=args.theory, beta=args.beta)
    data = [
        {"n": n, "label": label, "probability": float(row[k]), "stderr": None}
        for k, n in enumerate(sizes)
        for label, row in shares.items()
    ]

    def text() -> str:
        rows = [
            {"n": f"{n:g}", **{label: f"{row[k]:.6f}" for label, row in shares.items()}}
            for k, n in enumerate(sizes)
        ]
        columns = [Column("n", "n", align="r"), *(Column(x, x, align="r") for x in shares)]
        title = f"Theoretical occupancy, c = {args.features}, theory {args.theory}, β = {args.beta}"
        return Table(name="occupancy", title=title, columns=columns, rows=rows).text()

    _emit(args, data, text, notes=[comparison_note(args.features)])
    return DONE


def _listing(args: argparse.Namespace, registry: dict[str, Any]) -> int:
    data = [{"name": name, "description": spec.description} for name, spec in registry.items()]
    size = max(map(len, registry))
    _emit(args, data, lambda: "\n".join(f"{x['name']:<{size}}  {x['description']}" for x in data))
    return DONE


def _table(args: argparse.Namespace) -> int:
    from kgon import tables
    from kgon.results import KgonError

    if args.list:
        return _listing(args, tables.TABLES)
    if args.name is None:
        raise KgonError(f"name a table: {', '.join(tables.TABLES)}")
    table = tables.build(args.name, c=args.features, theory=args.theory, beta=args.beta)
    if args.out is None:
        _emit(args, {"name": table.name, "rows": table.rows}, lambda: table.render(args.format or "text"))
        return DONE
    formats = (args.format,) if args.format else tables.FORMATS
    paths = [str(path) for path in tables.save(table, args.out, formats=formats)]
    _emit(args, {"paths": paths}, lambda: "\n".join(paths))
    return DONE


def _figure(args: argparse.Namespace) -> int:
    from kgon import figures
    from kgon.results import KgonError

    if args.list:
        return _listing(args, figures.FIGURES)
    if args.name is None:
        raise KgonError(f"name a figure: {', '.join(figures.FIGURES)}")
    options = {
        "c": args.features,
        "theory": args.theory,
        "beta": args.beta,
        "label": args.label,
        "full": args.full,
    }
    formats = (args.format,) if args.format else ("pdf", "png")
    written = figures.save(args.name, args.out or ".", formats=formats, **options)
    paths = [str(path) for path in written]
    _emit(args, {"paths": paths}, lambda: "\n".join(paths))
    return DONE


def _bench(args: argparse.Namespace) -> int:
    from kgon.bench import bench

    outcome = bench(args.features, seed=args.seed)
    _emit(args, outcome, lambda: str(outcome))
    return DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    args = parser.parse_args(argv)
    if args.version:
        import importlib.metadata

        print(f"kgon {importlib.metadata.version('kgon')}")
        return DONE
    if args.command is None:
        print("kgon: error: name a command; kgon --help lists them", file=sys.stderr)
        return BAD_INPUT
    run: Command = args.run
    try:
        code = run(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader went away (head, less): not an error, and nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print("kgon: interrupted", file=sys.stderr)
        return INTERRUPTED
    except ValueError as error:
        from kgon.results import KgonError, UndecidedError

        if not isinstance(error, KgonError):
            raise
        undecided = isinstance(error, UndecidedError)
        kind = "undecided" if undecided else "error"
        print(f"kgon {args.command}: {kind}: {' '.join(str(error).split())}", file=sys.stderr)
        return REFUTED if undecided else BAD_INPUT


if __name__ == "__main__":
    raise SystemExit(main())
