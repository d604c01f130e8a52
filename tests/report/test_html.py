"""The exported file, as a parser of HTML sees it. What it looks like is seen in test_browser.py."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from test_report import judged

import tb_diagnose
from tb_diagnose.diagnosis import engine
from tb_diagnose.report import html, serialize
from tb_diagnose.report.plain import plain

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"\\\u2028\x00',
    "caf\udce9",
]


class Parsed(HTMLParser):
    """The elements of a page, and the texts of those that have an id or a type."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self._inside = [], {}, None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("id") or dict(attrs).get("type") or tag

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        self.texts[self._inside] = self.texts.get(self._inside, "") + data

    @property
    def embedded(self):
        return json.loads(self.texts["tb-diagnose"])


def exported(*parts, message=None):
    return Parsed(html.page(parts, message))


@pytest.fixture(scope="module")
def found(tmp_path_factory, written):
    logdir = tmp_path_factory.mktemp("logs")
    written(logdir, "stalled")
    return tb_diagnose.diagnose(logdir)[0]


def test_the_answers_are_those_of_the_routes():
    one = judged("threshold_as_asked")
    (embedded,) = exported(html.part(one)).embedded["runs"]
    assert embedded["diagnosis"] == json.loads(json.dumps(plain(serialize.for_tab(one))))
    assert embedded["row"]["run"] == embedded["evidence"]["run"] == "threshold"
    assert embedded["row"]["status"] == "stalled"


def test_what_the_pictures_show_is_there_and_nothing_else():
    one = judged("threshold_as_asked")
    (embedded,) = exported(html.part(one)).embedded["runs"]
    rows = [row for key in ("probable_causes", "notes") for row in embedded["diagnosis"][key]]
    links = [link for row in rows for link in row["consequences"]]
    assert any(link["pictures"] for link in links)  # a box of the chain opens its evidence here, too
    pictures = [p["name"] for row in (*rows, *links) for p in row["pictures"]]
    series, facts = embedded["evidence"]["series"], embedded["evidence"]["facts"]
    assert "input_max" in pictures and set(pictures) <= {*series, *facts}
    beside = {other for name in pictures for other in html.DRAWN_WITH.get(name, ())}
    assert {*series, *facts} <= {*pictures, *beside}
    assert sorted(embedded["series"]) == sorted(series) and "environment" not in facts
    assert series
    for name, text in embedded["series"].items():
        values = np.frombuffer(base64.b64decode(text), "<f4").reshape(series[name]["shape"])
        np.testing.assert_array_equal(values, one.evidence.series[name].astype("<f4"))


def test_a_histogram_comes_with_its_edges():
    shown = {"probable_causes": [{"pictures": [{"name": "prediction_histogram"}], "consequences": []}], "notes": []}
    assert html._drawn(shown) == {"prediction_histogram", "prediction_edges", *html.LABELS}


def test_nothing_is_loaded_and_no_other_script_runs(found):
    page = exported(html.part(found))
    assert [attrs for _, attrs in page.tags if {"src", "href", "onload", "onerror"} & set(attrs)] == []
    scripts = [attrs["type"] for tag, attrs in page.tags if tag == "script"]
    assert scripts == ["application/json", "module", "text/plain"]
    (policy,) = [attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(page.texts["module"].encode()).digest()).decode()
    assert "default-src 'none'" in policy and f"script-src 'sha256-{digest}'" in policy


def test_the_bundle_can_stand_in_a_script():
    """What ends a script element, or keeps it from ending, would break the file; carriage returns its checksum."""
    for name in ("index.js", "LICENSES.txt"):
        content = (html.STATIC / name).read_bytes()
        assert not re.search(rb"(?i)</?script|<!--|\r", content), name
    assert re.search(rb"\bexport\s*{", (html.STATIC / "index.js").read_bytes())  # TensorBoard's way in is kept


def test_the_licences_of_the_bundle_go_along(found):
    assert "Copyright" in exported(html.part(found)).texts["licences"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(found, name):
    page = exported(html.part(found, name))
    assert [one["row"]["run"] for one in page.embedded["runs"]] == [name]
    assert page.embedded["runs"][0]["diagnosis"]["run"] == name
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in exported(html.part(found)).tags]
    html.page([html.part(found, name)]).encode("utf-8")


def test_the_newest_come_first_and_each_name_once(found):
    older = html.Part("older", "reached", 1.0, '{"row":1}')
    page = exported(older, html.part(found), older, html.Part("never", "crashed", None, '{"row":2}'))
    assert [one["row"] if one["row"] in (1, 2) else "newest" for one in page.embedded["runs"]] == ["newest", 1, 2]
    assert "3 runs" in page.texts["title"]


def test_without_runs_it_says_why():
    page = exported(message="No run was found in `a<b`.")
    assert page.embedded == {"schema": 2, "message": "No run was found in `a<b`.", "runs": []}


def test_an_unreadable_run_has_its_place():
    one = engine.unreadable("broken", ValueError("boom"))
    (embedded,) = exported(html.part(one)).embedded["runs"]
    assert embedded["row"]["status"] == "unreadable" and "boom" in embedded["diagnosis"]["headline"]


def test_it_is_small(found):
    bundle = sum(len((html.STATIC / name).read_bytes()) for name in ("index.js", "LICENSES.txt"))
    assert len(html.page([html.part(found)]).encode()) - bundle < 40_000


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("run1", "diagnosis-run1.html"),
        ("a/b c", "diagnosis-a-b-c.html"),
        ('x"\r\nSet-Cookie: a=b', "diagnosis-x-Set-Cookie-a-b.html"),
        ("../../etc", "diagnosis-etc.html"),
        (".", "diagnosis-run.html"),
        ("é" * 9, "diagnosis-run.html"),
        ("a" * 300, f"diagnosis-{'a' * 80}.html"),
    ],
)
def test_file_names_are_safe(name, expected):
    assert html.file_name(name) == expected
