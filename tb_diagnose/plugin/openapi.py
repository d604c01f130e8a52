"""The routes as an OpenAPI document, for programs that ask them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tb_diagnose._version import __version__
from tb_diagnose.report import schema

ANSWERS = Path(schema.__file__).parent / "answers.schema.json"
PREFIX = "/data/plugin/diagnosis"
MAX_NAMES = 100
"""Names that one request may ask for: an address has a longest length, and judging takes time."""
FORMS = ("html", "markdown")
NAME = {"type": "string", "minLength": 1}
NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_NAMES}
OPTIONAL = ("where",)
"""Arguments that may be missing."""
MISSING = {"run": "There is no such run or series.", "where": "These runs are no index."}
"""What is not found, by the argument that asks for it."""
BYTES = {"type": "string", "format": "binary"}
ROUTES: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    "/api/runs": ("Every run, with its status where it was judged.", {}, {"application/json": "RunList"}),
    "/api/rows": ("The runs of some names, judged.", {"name": NAMES}, {"application/json": "Rows"}),
    "/api/diagnosis": ("One report.", {"run": NAME}, {"application/json": "Diagnosis"}),
    "/api/compare": (
        "What differs between two runs, and where their series part.",
        {"run": NAME, "other": NAME},
        {"application/json": "Comparison"},
    ),
    "/api/sweep": ("The runs that were judged, ranked by their score.", {}, {"application/json": "Sweep"}),
    "/api/overview": (
        "What holds the runs of an index up, what it cost, and which to look at.",
        {"where": {"type": "string"}},
        {"application/json": "Overview"},
    ),
    "/api/evidence": ("What was measured, without the arrays.", {"run": NAME}, {"application/json": "Evidence"}),
    "/api/series": (
        "One array, little-endian float32.",
        {"run": NAME, "name": NAME},
        {"application/octet-stream": BYTES},
    ),
    "/api/export": (
        "One report to take away.",
        {"run": NAME, "form": {"enum": list(FORMS)}},
        {"text/html": BYTES, "text/plain": BYTES},
    ),
    "/api/openapi": ("This document.", {}, {"application/json": {"type": "object"}}),
}
"""Of each route: what it answers, its arguments, and the forms of the answer by media type, by name where they are in
`answers.schema.json`."""


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document."""
    answers = ANSWERS.read_text(encoding="utf-8").replace("#/$defs/", "#/components/schemas/")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Routes of the Diagnosis tab", "version": __version__},
        "servers": [{"url": PREFIX}],
        "paths": {route: {"get": _operation(*about)} for route, about in ROUTES.items()},
        "components": {"schemas": json.loads(answers)["$defs"]},
    }


def _operation(summary: str, arguments: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    mistake = {"content": {"text/plain": {"schema": {"type": "string"}}}}
    mistakes = {"400": {"description": "A missing or repeated argument, or an unknown form.", **mistake}}
    for argument in MISSING.keys() & arguments.keys():
        mistakes["404"] = {"description": MISSING[argument], **mistake}
    return {
        "summary": summary,
        "parameters": [
            {"name": name, "in": "query", "required": name not in OPTIONAL, "schema": form}
            for name, form in arguments.items()
        ],
        "responses": {
            "200": {
                "description": summary,
                "content": {media: {"schema": _form(answer)} for media, answer in answers.items()},
            },
            **(mistakes if arguments else {}),
        },
    }


def _form(answer: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{answer}"} if isinstance(answer, str) else answer
