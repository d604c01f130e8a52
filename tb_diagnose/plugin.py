"""The routes of the Diagnosis tab. Each is one call into the rest of the package; API.md describes them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_diagnose import diagnosis, report, runs, trainings
from tb_diagnose.evidence import SCHEMA

MIME = {".js": "text/javascript", ".txt": "text/plain"}
"""Explicit: Python's own table is wrong on some Windows machines."""
ACTIVE_FOR = ("diagnosis", "scalars", "graph_keras_model")


class DiagnosisPlugin(base_plugin.TBPlugin):
    """Shows why accuracy does not move.

    Args:
        context: TensorBoard's context; only its data provider and logdir are used.
    """

    plugin_name = "diagnosis"

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider
        self._logdir = context.logdir or ""
        folder = Path(__file__).parent / "static"
        # Read once and looked up by name: no request reaches the file system.
        self._static = {p.name: p.read_bytes() for p in sorted(folder.glob("*")) if p.suffix in MIME}
        self._lock = threading.Lock()
        self._cache: dict[tuple[str, str], tuple[Any, list[diagnosis.Diagnosis]]] = {}

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/static/*": self._serve_static,
            "/api/trainings": self.trainings_route,
            "/api/diagnosis": self.diagnosis_route,
            "/api/evidence": self.evidence_route,
            "/api/series": self.series_route,
        }

    def is_active(self) -> bool:
        # Asked at every page load only when none of data_plugin_names() has data.
        return False

    def data_plugin_names(self) -> tuple[str, ...]:
        return ACTIVE_FOR

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path="/static/index.js", tab_name="Diagnosis")

    @wrappers.Request.application
    def _serve_static(self, request: wrappers.Request) -> wrappers.Response:
        _only_get(request)
        name = request.path.rsplit("/static/", 1)[-1]
        if name not in self._static:
            raise errors.NotFoundError(f"There is no file {name!r} in the Diagnosis tab.")
        return http_util.Respond(request, self._static[name], MIME[Path(name).suffix], expires=0)

    @wrappers.Request.application
    def trainings_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/trainings`: every training with its status."""
        _only_get(request)
        return _json(request, self.trainings_impl(*_context(request)))

    @wrappers.Request.application
    def diagnosis_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/diagnosis?training=NAME`: one report."""
        _only_get(request)
        return _json(request, report.for_tab(self._one(request)))

    @wrappers.Request.application
    def evidence_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/evidence?training=NAME`: what was measured, without the arrays."""
        _only_get(request)
        return _json(request, report.evidence_index(self._one(request)))

    @wrappers.Request.application
    def series_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/series?training=NAME&name=SERIES`: one array, little-endian float32."""
        _only_get(request)
        found = self._one(request)
        name = _argument(request, "name")
        array = found.evidence.series.get(name)
        if array is None:
            raise errors.NotFoundError(
                f"The training {found.training!r} has no series {name!r}. It has: {', '.join(sorted(found.evidence.series))}."
            )
        return http_util.Respond(request, np.ascontiguousarray(array, "<f4").tobytes(), "application/octet-stream")

    def trainings_impl(self, ctx: Any, experiment: str) -> dict[str, Any]:
        """The list of trainings as plain data."""
        rows = []
        for name, parts in runs.names(self._provider, ctx, experiment).items():
            rows += [_row(found) for found in reversed(self._judged(ctx, experiment, name, parts))]
        message = None
        if not rows:
            message = runs.nothing(runs.tags(self._provider, ctx, experiment), self._logdir or "these logs")
        return {"schema": SCHEMA, "logdir": self._logdir, "message": message, "trainings": rows}

    def _one(self, request: wrappers.Request) -> diagnosis.Diagnosis:
        ctx, experiment = _context(request)
        wanted = _argument(request, "training")
        for name, parts in runs.names(self._provider, ctx, experiment).items():
            if wanted == name or wanted.startswith(f"{name} (earlier "):
                for found in self._judged(ctx, experiment, name, parts):
                    if found.training == wanted:
                        return found
        raise errors.NotFoundError(f"There is no training {wanted!r} in these logs.")

    def _judged(self, ctx: Any, experiment: str, name: str, parts: list[str]) -> list[diagnosis.Diagnosis]:
        """The diagnoses of one name, judged again only when its runs have grown."""
        version = self._version(ctx, experiment, parts)
        with self._lock:
            kept = self._cache.get((experiment, name))
            # A training without an epoch may be found crashed as time goes by, without a new event.
            if kept is not None and kept[0] == version and all(d.evidence.finished_epochs for d in kept[1]):
                return kept[1]
        judged = trainings.judged(self._provider, ctx, experiment, name, parts)
        with self._lock:
            self._cache[experiment, name] = (version, judged)
        return judged

    def _version(self, ctx: Any, experiment: str, parts: list[str]) -> Any:
        from tensorboard.data.provider import RunTagFilter

        chosen = RunTagFilter(runs=parts)
        ours = self._provider.list_tensors(
            ctx, experiment_id=experiment, plugin_name=self.plugin_name, run_tag_filter=chosen
        )
        scalars = self._provider.list_scalars(
            ctx, experiment_id=experiment, plugin_name="scalars", run_tag_filter=chosen
        )
        return tuple(
            sorted(
                (run, tag, entry.max_step, entry.max_wall_time)
                for listed in (ours, scalars)
                for run, tags in listed.items()
                for tag, entry in tags.items()
            )
        )


def _row(found: diagnosis.Diagnosis) -> dict[str, Any]:
    first = found.probable_causes[0].cause if found.probable_causes else None
    return {
        "training": found.training,
        "status": found.status.name,
        "since": found.status.since,
        "until": found.status.until,
        "headline": found.headline,
        "cause": None if first is None else {"id": first.id, "title": first.title},
        "epochs": found.evidence.finished_epochs,
        "updated": found.evidence.last_sign,
    }


def _context(request: wrappers.Request) -> tuple[Any, str]:
    return plugin_util.context(request.environ), plugin_util.experiment_id(request.environ)


def _argument(request: wrappers.Request, name: str) -> str:
    values = request.args.getlist(name)
    if len(values) != 1 or not values[0]:
        raise errors.InvalidArgumentError(f"This route takes one argument {name!r}. Received: {len(values)} of them.")
    return values[0]


def _only_get(request: wrappers.Request) -> None:
    if request.method not in ("GET", "HEAD"):
        raise errors.InvalidArgumentError(f"The Diagnosis tab only reads. Expected: GET. Received: {request.method}.")


def _json(request: wrappers.Request, value: Mapping[str, Any]) -> wrappers.Response:
    return http_util.Respond(request, json.dumps(report.plain(value), allow_nan=False), "application/json")
