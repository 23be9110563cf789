"""Compiled kernels never outlive their sources, and nothing needs a writable cache."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kgon
from kgon.potential.kernels import _jit

PACKAGE = Path(kgon.__file__).parent

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import kgon
from pathlib import Path
from kgon.potential.kernels import _jit, pairs
assert Path(kgon.__file__).is_relative_to(sys.argv[1]), kgon.__file__
value = pairs.off_gradient(1.0, 0.5)[0]
stats = pairs.off_gradient.stats
print(_jit.source_hash(), value, sum(stats.cache_hits.values()), _jit.cache_folder() is not None)
"""


@pytest.fixture
def tree(tmp_path):
    """A copy of the package that a test may edit."""
    root = tmp_path / "tree"
    shutil.copytree(PACKAGE, root / "kgon", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def run(root, cache, **more):
    """(hash, value, cache hits, whether there is a cache) in a fresh interpreter."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), **more}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(root)],
        env=environment, capture_output=True, text=True, check=False, cwd=root,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    digest, value, hits, cached = done.stdout.split()
    return digest, float(value), int(hits), cached == "True"


def test_an_edit_of_the_formulas_is_seen_in_spite_of_a_shared_cache(tree, tmp_path):
    cache = tmp_path / "cache"
    first = run(tree, cache)
    assert first[1] == 1 + 3 * 0.5 + 3 * 0.25  # 3·∫(μ + ½)²
    again = run(tree, cache)
    assert again[:2] == first[:2] and again[2] > 0 and again[3]  # the cache is in use

    source = tree / "kgon" / "potential" / "kernels" / "_generated.py"
    before = source.stat()
    text = source.read_text()
    changed = text.replace("return e*q + p*s, v, p", "return e*p + p*s, v, p", 1)
    assert changed != text and len(changed) == len(text)
    source.write_text(changed)
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))  # same size and time: only the text

    edited = run(tree, cache)
    assert edited[0] != first[0]
    assert edited[1] == 1.5 * 2.0 + 2.0 * 0.5  # e = 1.5, s = 0.5, p = s + e
    source.write_text(text)
    assert run(tree, cache)[:2] == first[:2]


@pytest.mark.slow
def test_the_hash_covers_every_kernel_file(tree, tmp_path):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from kgon.potential.kernels import _jit; print(_jit.source_hash())"
    )

    def digest(**more):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tree)],
            env={**os.environ, **more}, capture_output=True, text=True, check=True, cwd=tree,
        )  # fmt: skip
        return done.stdout.strip()

    seen = {digest(), digest(NUMBA_BOUNDSCHECK="1")}
    files = sorted((tree / "kgon" / "potential" / "kernels").glob("*.py"))
    assert len(files) >= 6
    for path in files:
        path.write_text(path.read_text() + "\n# edited\n")
        seen.add(digest())
    assert len(seen) == len(files) + 2
    assert _jit.source_hash() in seen  # the copy, before its edits, was this package


def test_an_unusable_cache_folder_means_no_cache(tree, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    _, value, hits, cached = run(tree, blocked / "cache")
    assert (value, hits, cached) == (3.25, 0, False)
    assert blocked.read_text() == "not a folder"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_a_read_only_cache_folder_means_no_cache(tree, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o555)
    _, value, hits, cached = run(tree, cache)
    assert (value, hits, cached) == (3.25, 0, False)
    assert list(cache.iterdir()) == []


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    assert _jit._cache_root() == tmp_path / "numba"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert _jit._cache_root() == tmp_path / "xdg" / "kgon" / "numba"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert _jit._cache_root() == tmp_path / "local" / "kgon" / "numba"


def test_declaring_a_kernel_leaves_the_settings_of_numba_alone():
    before = _jit.config.CACHE_DIR
    _jit.njit(_jit.source_hash.__wrapped__)  # compiled on call only
    assert before == _jit.config.CACHE_DIR


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_is_told_of_the_first_compilation_once(monkeypatch, tmp_path, terminal):
    class Screen(io.StringIO):
        def isatty(self):
            return terminal

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "stderr", Screen())
    assert _jit.cache_folder.__wrapped__() == _jit.cache_folder.__wrapped__()
    assert sys.stderr.getvalue().count("compiling") == terminal
