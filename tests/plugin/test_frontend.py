"""The tab's source: its own tests pass, and the committed bundle is what it builds to."""

from __future__ import annotations

import gzip
import os
import re
import subprocess

from places import ROOT

FRONTEND = ROOT / "frontend"
STATIC = ROOT / "tb_diagnose" / "plugin" / "static"
LARGEST = 150_000
"""Bytes of the bundle after gzip: a third of a second on a slow line."""


def npm(*words: str) -> None:
    """Runs npm in frontend/; the test fails with its output."""
    assert (FRONTEND / "node_modules").is_dir(), "Run: npm ci (in frontend/)."
    plain = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(
        ["npm", *words], cwd=FRONTEND, env=plain, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"npm {' '.join(words)}\n{done.stdout}\n{done.stderr}"


def test_the_committed_bundle_is_fresh(tmp_path):
    npm("run", "build", "--", "--outDir", str(tmp_path / "static"), "--emptyOutDir")
    built = {path.name: path.read_bytes() for path in (tmp_path / "static").iterdir()}
    committed = {path.name: path.read_bytes() for path in STATIC.iterdir()}
    assert sorted(built) == sorted(committed)
    stale = [name for name in built if built[name] != committed[name]]
    assert stale == [], "Run: npm run build (in frontend/), and commit tb_diagnose/plugin/static."


def test_unit_tests():
    npm("test")


def test_types():
    npm("run", "check")


def test_no_html_from_strings():
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(")
    sources = sorted(path for path in (FRONTEND / "src").rglob("*") if path.suffix in (".ts", ".tsx"))
    assert sources
    assert [path.name for path in sources if forbidden.search(path.read_text(encoding="utf-8"))] == []


def test_the_bundle_is_small():
    assert len(gzip.compress((STATIC / "index.js").read_bytes())) < LARGEST


def test_the_bundle_asks_no_other_server():
    bundle = (STATIC / "index.js").read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([\w.-]+)", bundle))
    # Names of XML namespaces are not fetched.
    assert hosts <= {"www.w3.org"}
