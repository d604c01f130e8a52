"""Files that no program of ours has written: whatever is in them, nothing is raised, and no route answers 500.

Some hundred of each kind are tried here. `python -m pytest tests/reader/test_fuzz.py --hypothesis-profile=long` tries
a hundred thousand.
"""

from __future__ import annotations

import shutil

import fuzzing
import pytest
from hypothesis import HealthCheck, given, settings
from test_schema import Routes

from tb_diagnose import api
from tb_diagnose.cli import rendering
from tb_diagnose.reader import logdir


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def test_a_report_that_cannot_be_written_says_so_and_the_others_are_there(tmp_path, written):
    """Facts of another form than ours: the causes are asked with care, what ranks the runs is not."""
    written(tmp_path, "healthy", healthy=True)
    facts, rows = fuzzing.runs()[0]
    content = [*fuzzing.head(facts | {"loss_function": 0.5}), *fuzzing.epochs(rows)]
    fuzzing.write(tmp_path, fuzzing.framed(content))
    routes = Routes(tmp_path)
    assert routes.names() == ["healthy", "run"]
    assert routes.json("diagnosis", run="run")["status"] == "unreadable"
    (folder,) = (folder for folder in logdir.folders(str(tmp_path))[0] if folder.name == "run")
    (run,) = rendering.render(api.look(folder), str(tmp_path), "text", 80, False).runs
    assert run.status == "unreadable" and "AttributeError" in run.headline


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, of numbers that are infinite
@pytest.mark.parametrize("kind", list(fuzzing.KINDS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=fuzzing.chances())
def test_nothing_is_raised_whatever_is_in_a_file(root, kind, chance):
    shutil.rmtree(root)
    fuzzing.write(root, fuzzing.KINDS[kind](chance))
    fuzzing.through_everything(root, chance)
