"""Whatever is wrong with this plugin, TensorBoard starts, and its other tabs work."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request

import pytest
from tensorboard import default, program

from tb_diagnose.plugin.loader import DiagnosisLoader
from tb_diagnose.plugin.routes import DiagnosisPlugin


def broken(*_, **__):
    raise RuntimeError("injected")


def no_groups(monkeypatch):
    """Another version of argparse, or a flag that another plugin has defined."""
    monkeypatch.setattr("argparse._ArgumentGroup.add_argument", _refusing(sys.modules["argparse"]))


def _refusing(argparse):
    original = argparse._ArgumentGroup.add_argument

    def add_argument(self, *names, **about):
        if any("diagnosis" in name for name in names):
            raise argparse.ArgumentError(None, "conflicting option string")
        return original(self, *names, **about)

    return add_argument


def no_bundle(monkeypatch):
    """A wheel without its static files."""
    monkeypatch.setattr("tb_diagnose.plugin.routes.MIME", {})


FAILURES = {
    "import": lambda patch: patch.setitem(sys.modules, "tb_diagnose.plugin.routes", None),
    "flags": no_groups,
    "init": lambda patch: patch.setattr(DiagnosisPlugin, "__init__", broken),
    "bundle": no_bundle,
    "apps": lambda patch: patch.setattr(DiagnosisPlugin, "get_plugin_apps", broken),
    "active": lambda patch: patch.setattr(DiagnosisPlugin, "is_active", broken),
    "store": lambda patch: patch.setattr("tb_diagnose.plugin.store.tensorboard_runs.index", broken),
}
"""By where it fails."""


@pytest.mark.parametrize("where", list(FAILURES))
def test_tensorboard_starts_and_other_tabs_work(tmp_path, written, monkeypatch, where):
    written(tmp_path, "run")
    FAILURES[where](monkeypatch)
    server = program.TensorBoard(plugins=[*default.get_static_plugins(), DiagnosisLoader()])
    server.configure(logdir=str(tmp_path), port=0, load_fast="false")
    url = server.launch()

    def get(path):
        with urllib.request.urlopen(url + path, timeout=60) as answer:
            return json.load(answer)

    listed = get("data/plugins_listing")
    assert "scalars" in listed and ("diagnosis" in listed) == (where not in ("import", "init"))
    assert get("data/plugin/scalars/tags") is not None
    if where == "store":
        with pytest.raises(urllib.error.HTTPError, match="500"):
            get("data/plugin/diagnosis/api/runs")
    elif where in ("flags", "bundle", "active"):
        assert get("data/plugin/diagnosis/api/runs")["schema"] == 2
