"""Check certificates in a process of their own, before a command calls proved what it wrote in them.

The process holds the folder of checkers and the standard library alone, as someone who distrusts kgon would
run it: ``python -m check --json FILE …``.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import kgon.proofs
from kgon.base.files import write_text
from kgon.proofs.certificates import ACCEPTED, WrittenCertificate

CHECKERS = Path(kgon.proofs.__file__).parent / "check"
UNCHECKED = "not checked"
"""Said where there is no verdict; that is never kept."""
ALONE = "import sys; sys.path.insert(0, {!r}); from check.entry import main; sys.exit(main())"


def check_apart(files: Sequence[str | Path], keep: Path | None = None) -> list[str]:
    """Check certificates in one process; return of each that it is accepted, or why not.

    Parameters
    ----------
    files : sequence of str or Path
    keep : Path, optional
        A file that keeps what was said, by the contents of certificate and checkers, and is asked first.

    Returns
    -------
    list of str
        ``ACCEPTED``, or the checker's verdict and reason.
    """
    known = {} if keep is None else _kept(keep)
    keys = [_key(Path(file)) for file in files]
    new = {key: str(file) for key, file in zip(keys, files, strict=True) if key not in known}
    said = dict(zip(new, _said(list(new.values())), strict=True)) if new else {}
    judged = {key: words for key, words in said.items() if not words.startswith(UNCHECKED)}
    if keep is not None and judged:
        write_text(keep, json.dumps(known | judged, indent=1, sort_keys=True) + "\n")
    return [(known | said)[key] for key in keys]


def _kept(keep: Path) -> dict[str, str]:
    """What was said before; nothing where the file is not there or damaged."""
    try:
        found = json.loads(keep.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {key: str(words) for key, words in found.items()} if isinstance(found, dict) else {}


def check_written(found: Sequence[WrittenCertificate]) -> list[WrittenCertificate]:
    """Check what was written in one process, and return each with what is said of it."""
    said = iter(check_apart([each.file for each in found if each.file]))
    return [each.checked_as(next(said)) if each.file else each for each in found]


def check_one(file: Path) -> str:
    """Check one certificate in a process of its own, and keep what is said beside it."""
    (said,) = check_apart([file], file.with_name(".checked"))
    return said


def _key(file: Path) -> str:
    """Hash of a certificate and of the checkers."""
    found = hashlib.sha256(file.read_bytes())
    for source in sorted(CHECKERS.rglob("*.py")):
        found.update(source.read_bytes())
    return found.hexdigest()


def _said(files: list[str]) -> list[str]:
    command = [sys.executable, "-I", "-S", "-c", ALONE.format(str(CHECKERS.parent)), "--json", "--", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if len(lines) != len(files):  # one cannot be read, or the process was ended
        reason = (done.stderr.splitlines() or [f"the process ended with {done.returncode}"])[-1]
        return [f"{UNCHECKED}: {reason}"] * len(files)
    return [_in_words(**json.loads(line)) for line in lines]


def _in_words(verdict: str, reason: str, **_: object) -> str:
    if verdict == "PROVED":
        return ACCEPTED
    return f"{verdict} by kgon.proofs.check" + (f": {reason}" if reason else "")
