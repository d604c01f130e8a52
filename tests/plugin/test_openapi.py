"""The OpenAPI document describes the routes, and the routes do as it says, whatever they are asked."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorboard import errors
from test_schema import Routes
from werkzeug.test import Client

from tb_diagnose.plugin import openapi

PREFIX = openapi.PREFIX


class App:
    """The routes of the plugin where TensorBoard serves them."""

    def __init__(self, apps):
        self._apps = {PREFIX + route: app for route, app in apps.items()}

    def __call__(self, environ, start_response):
        app = self._apps.get(environ["PATH_INFO"])
        if app is None:
            start_response("404 NOT FOUND", [("Content-Type", "text/plain")])
            return [b"no such route"]
        try:
            return app(environ, start_response)
        except errors.PublicError as error:  # as TensorBoard's application answers it
            status = f"{error.http_code} {HTTPStatus(error.http_code).phrase}"
            start_response(status, [("Content-Type", "text/plain"), *error.headers])
            return [str(error).encode("utf-8", "replace")]


@pytest.fixture(scope="module")
def app(tmp_path_factory, written):
    root = tmp_path_factory.mktemp("logs")
    written(root, "stalled")
    written(root, "0", healthy=True)  # a name that is guessed
    routes = Routes(root)
    routes.names()
    return App(routes._apps)


@pytest.fixture(scope="module")
def document(app):
    return schemathesis.openapi.from_wsgi(f"{PREFIX}/api/openapi", app)


def test_every_route_is_in_the_document(app):
    routes = {route.removeprefix(PREFIX) for route in app._apps if "/api/" in route}
    assert set(json.loads(Client(app).get(f"{PREFIX}/api/openapi").data)["paths"]) == routes


@pytest.mark.parametrize("route", list(openapi.ROUTES))
@settings(suppress_health_check=list(HealthCheck), max_examples=15)
@given(data=st.data())
def test_routes_do_as_the_document_says(document, route, data):
    case = data.draw(document[route]["GET"].as_strategy())
    case.call_and_validate(headers={"Accept-Encoding": "identity"})  # its client of WSGI unpacks nothing
