"""The routes of the Diagnosis tab. Each is one call into the rest of the package; API.md describes them."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_diagnose.diagnosis.comparison import compare
from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.diagnosis.sweep import sweep
from tb_diagnose.plugin import store, verdicts
from tb_diagnose.plugin.indexed import Indexed, index_in
from tb_diagnose.plugin.openapi import FORMS, MAX_NAMES, document
from tb_diagnose.reader import tensorboard_runs
from tb_diagnose.reader.tag_names import UserTags
from tb_diagnose.report import html, markdown, serialize
from tb_diagnose.report.compared import in_words
from tb_diagnose.report.evidence_index import evidence_index
from tb_diagnose.report.list_row import pending
from tb_diagnose.report.plain import plain
from tb_diagnose.report.run_name import name_of
from tb_diagnose.report.schema import SCHEMA
from tb_diagnose.report.telling import told

MIME = {".js": "text/javascript", ".txt": "text/plain"}
"""Explicit: Python's own table is wrong on some Windows machines."""
METHODS = ("GET", "HEAD")
ACTIVE_FOR = ("diagnosis", "scalars", "graph_keras_model")
"""Plugins whose data make the tab active."""


def _get(method: Callable[[Any, wrappers.Request], wrappers.Response]) -> Callable[..., Any]:
    """A route that only reads: any method but GET is refused."""

    @functools.wraps(method)
    def answer(plugin: Any, request: wrappers.Request) -> wrappers.Response:
        if request.method not in METHODS:
            sentence = f"The Diagnosis tab only reads. Expected: GET. Received: {request.method!r}."
            return _respond(request, sentence, "text/plain", code=405, headers=[("Allow", ", ".join(METHODS))])
        return method(plugin, request)

    return wrappers.Request.application(answer)  # type: ignore[arg-type]


def _respond(request: wrappers.Request, content: Any, content_type: str, **options: Any) -> wrappers.Response:
    response: wrappers.Response = http_util.Respond(request, content, content_type, **options)
    return response


class DiagnosisPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """Shows why accuracy does not move.

    Args:
        context: TensorBoard's context; its data provider, its logdir and the flags of this plugin are used.
    """

    plugin_name = "diagnosis"

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._provider = context.data_provider
        self._logdir = context.logdir or ""
        folder = Path(__file__).parent / "static"
        # Read once and looked up by name: no request reaches the file system.
        self._static = {p.name: p.read_bytes() for p in sorted(folder.glob("*")) if p.suffix in MIME}
        flags = getattr(context, "flags", None)
        tags = (tuple(getattr(flags, f"diagnosis_{what}_tag", None) or ()) for what in ("accuracy", "loss"))
        elsewhere = getattr(flags, "grpc_data_provider", "")
        user_tags = UserTags(*tags)
        cache = getattr(flags, "diagnosis_cache", verdicts.OFF)
        self._store = store.Store(
            context.data_provider,
            user_tags,
            "" if elsewhere else self._logdir,
            None if cache == verdicts.OFF else cache or verdicts.default_folder(),
        )
        index = getattr(flags, "diagnosis_index", "") or index_in(self._logdir)
        self._indexed = Indexed(index, user_tags) if index else None

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/static/*": self._serve_static,
            "/api/runs": self.runs_route,
            "/api/rows": self.rows_route,
            "/api/diagnosis": self.diagnosis_route,
            "/api/compare": self.compare_route,
            "/api/sweep": self.sweep_route,
            "/api/overview": self.overview_route,
            "/api/evidence": self.evidence_route,
            "/api/series": self.series_route,
            "/api/export": self.export_route,
            "/api/openapi": self.openapi_route,
        }

    def is_active(self) -> bool:
        # Asked at every page load only when none of data_plugin_names() has data.
        return False

    def data_plugin_names(self) -> tuple[str, ...]:
        return ACTIVE_FOR

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path="/static/index.js", tab_name="Diagnosis")

    @_get
    def _serve_static(self, request: wrappers.Request) -> wrappers.Response:
        name = request.path.rsplit("/static/", 1)[-1]
        if name not in self._static:
            raise errors.NotFoundError(f"There is no file {name!r} in the Diagnosis tab.")
        return _respond(request, self._static[name], MIME[Path(name).suffix], expires=0)

    @_get
    def runs_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/runs`: every run, with its status where it was judged."""
        if self._indexed is not None:
            return _json(request, self.page_impl(self._indexed, request.args))
        return _json(request, self.runs_impl(*_context(request)))

    @_get
    def rows_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/rows?name=NAME&name=NAME`: the runs of some names, judged."""
        names = request.args.getlist("name")
        if not 0 < len(names) <= MAX_NAMES:
            raise errors.InvalidArgumentError(
                f"This route takes 1 to {MAX_NAMES} arguments 'name'. Received: {len(names)} of them."
            )
        return _json(request, self.rows_impl(*_context(request), names))

    @_get
    def diagnosis_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/diagnosis?run=NAME`: one report."""
        return _json(request, told(self._diagnosis(request), serialize.for_tab))

    @_get
    def compare_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/compare?run=NAME&other=NAME`: what differs, and where the series of two runs part."""
        other = self._diagnosis(request, "other")
        return _json(
            request, told(self._diagnosis(request), lambda run: told(other, functools.partial(_compared, run)))
        )

    @_get
    def sweep_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/sweep`: the runs that were judged by their scores, and which of their settings tell these apart."""
        judged = self._store.of_sweep(_context(request)[1])
        return _json(request, {"schema": SCHEMA, "judged": len(judged), **dataclasses.asdict(sweep(judged))})

    @_get
    def overview_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/overview?where=FILTER`: what holds the runs of an index up, and which to look at."""
        return _json(request, self.overview_impl(request.args.get("where", "")))

    @_get
    def evidence_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/evidence?run=NAME`: what was measured, without the arrays."""
        return _json(request, told(self._diagnosis(request), evidence_index))

    @_get
    def series_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/series?run=NAME&name=SERIES`: one array, little-endian float32."""
        diagnosis = self._diagnosis(request)
        name = _argument(request, "name")
        array = diagnosis.evidence.series.get(name)
        if array is None:
            there = ", ".join(sorted(diagnosis.evidence.series)) or "none"
            raise errors.NotFoundError(f"The run {diagnosis.run!r} has no series {name!r}. It has: {there}.")
        return _respond(request, np.ascontiguousarray(array, "<f4").tobytes(), "application/octet-stream")

    @_get
    def export_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/export?run=NAME&form=html|markdown`: one report to take away."""
        form = _argument(request, "form")
        if form not in FORMS:
            raise errors.InvalidArgumentError(f"A report is exported as 'html' or 'markdown'. Received: {form!r}.")
        diagnosis = self._diagnosis(request)
        name = name_of(diagnosis, self._logdir) if self._logdir else diagnosis.run
        if form == "markdown":
            return _respond(request, told(diagnosis, lambda run: markdown.page(run, name)), "text/plain")
        # Saved, never shown: no page but TensorBoard's own shall run in its origin.
        saved = ("Content-Disposition", f'attachment; filename="{html.file_name(name)}"')
        part = told(diagnosis, lambda run: html.part(run, name))
        return _respond(request, html.page([part]), "text/html", headers=[saved])

    @_get
    def openapi_route(self, request: wrappers.Request) -> wrappers.Response:
        """`api/openapi`: these routes, as an OpenAPI document."""
        return _json(request, document())

    def runs_impl(self, ctx: Any, experiment: str) -> dict[str, Any]:
        """The list of runs as plain data; nothing is read for it."""
        listing = self._store.listing(ctx, experiment)
        rows = []
        for name in store.newest_first(listing):
            rows += self._store.known(experiment, name, listing[name]) or [pending(name, listing[name].updated)]
        message = None
        if not rows:
            message = tensorboard_runs.nothing(
                tensorboard_runs.tags(tensorboard_runs.index(self._provider, ctx, experiment)),
                self._logdir or "these logs",
            )
        return {"schema": SCHEMA, "logdir": self._logdir, "message": message, "runs": rows}

    def overview_impl(self, where: str) -> dict[str, Any]:
        """An Overview of the index as plain data."""
        if self._indexed is None:
            raise errors.NotFoundError("These runs are no index of `tb-diagnose review`: there is no overview of them.")
        try:
            return {"schema": SCHEMA, **self._indexed.overview(where)}
        except (ImportError, OSError, ValueError) as error:
            raise _refused(error) from error

    def page_impl(self, indexed: Indexed, asked: Mapping[str, str]) -> dict[str, Any]:
        """A page of the index as plain data."""
        try:
            numbers = {name: int(asked[name]) for name in ("offset", "limit") if name in asked}
            found = indexed.page(asked.get("where", ""), asked.get("sort", "newest"), asked.get("run", ""), **numbers)
        except (ImportError, OSError, ValueError) as error:
            raise _refused(error) from error
        total = found["index"]["total"]
        message = None if total else "No run fits." if asked.get("where") else "The index holds no run."
        return {"schema": SCHEMA, "logdir": "", "message": message, **found}

    def rows_impl(self, ctx: Any, experiment: str, names: list[str]) -> dict[str, Any]:
        """The runs of some names as plain data, judged where they were not; a name that is gone has none."""
        listing = self._store.listing(ctx, experiment)
        rows: dict[str, list[dict[str, Any]]] = {}
        for name in names:
            listed = store.listed_as(name, listing)
            rows[name] = [] if listed is None else self._store.rows(ctx, experiment, listed, listing[listed])
        return {"schema": SCHEMA, "rows": rows}

    def _diagnosis(self, request: wrappers.Request, argument: str = "run") -> Diagnosis:
        """The diagnosis of the run that an argument names."""
        ctx, experiment = _context(request)
        run = _argument(request, argument)
        if self._indexed is not None:
            try:
                found = self._indexed.diagnosis(run)
            except (ImportError, OSError) as error:
                raise _refused(error) from error
            if found is None:
                raise errors.NotFoundError(f"There is no run {run!r} in the index.")
            return found
        listing = self._store.listing(ctx, experiment)
        name = store.listed_as(run, listing)
        diagnoses = [] if name is None else self._store.diagnoses(ctx, experiment, name, listing[name])
        for diagnosis in diagnoses:
            if diagnosis.run == run:
                return diagnosis
        raise errors.NotFoundError(f"There is no run {run!r} in these logs.")


def _compared(run: Diagnosis, other: Diagnosis) -> dict[str, Any]:
    """A Comparison of `answers.schema.json`."""
    pair = [run.evidence, other.evidence]
    comparison = compare(*pair)
    trials = [None if each.trial is None else each.trial.in_short() for each in (run, other)]
    found = {**dataclasses.asdict(comparison), "in_words": in_words(comparison, pair), "trials": trials}
    return {"schema": SCHEMA, **found}


def _refused(error: Exception) -> Exception:
    """A sentence for what cannot be answered from an index."""
    refusal: Exception = errors.InvalidArgumentError(str(error))
    if isinstance(error, ImportError):
        refusal = errors.InvalidArgumentError(f'--diagnosis_index needs pip install "tb-diagnose[fleet]" ({error}).')
    elif isinstance(error, OSError):
        refusal = errors.NotFoundError(str(error))
    return refusal


def _context(request: wrappers.Request) -> tuple[Any, str]:
    return plugin_util.context(request.environ), plugin_util.experiment_id(request.environ)


def _argument(request: wrappers.Request, name: str) -> str:
    values = request.args.getlist(name)
    if len(values) != 1 or not values[0]:
        raise errors.InvalidArgumentError(f"This route takes one argument {name!r}. Received: {len(values)} of them.")
    return values[0]


def _json(request: wrappers.Request, value: Mapping[str, Any]) -> wrappers.Response:
    return _respond(request, json.dumps(plain(value), allow_nan=False), "application/json")
