"""The measurement: what counts as harm, what is counted, what a stopped run leaves. Nothing is trained here."""

from __future__ import annotations

import io
import json
import os
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from demo import healthy, score
from demo.matrix import __main__ as command
from demo.matrix import counting, harm, judging, plan, results, training, workers
from demo.matrix.counting import Case, Tally
from demo.matrix.judging import Verdict
from demo.matrix.plan import Job
from demo.setups import SETUPS, NotApplicable

TWINS = [dict(error=None, score=s, training_score=0.9, score_error=0.01) for s in (0.90, 0.92, 0.91, 0.89, 0.93)]


def outcome(score=0.91, training_score=0.9, error=None, **more):
    return dict(error=error, score=score, training_score=training_score, score_error=0.01, seconds=2.0, **more)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, False),
        (dict(score=0.87), False),  # less than 0.05 of skill
        (dict(score=0.85), True),
        (dict(score=None), True),  # not finite
        (dict(error="ValueError: no"), True),
        (dict(training_score=0.2), False),  # Dropout, say: validation is clearly fine
        (dict(training_score=0.2, score=0.88), True),
        (dict(misreported=True), True),
    ],
)
def test_harm(changed, expected):
    assert harm.harmful(outcome(**changed), TWINS) is expected


def test_luck_with_the_seed_is_no_harm():
    wide = [dict(twin, score=s) for twin, s in zip(TWINS, (0.5, 0.9, 0.7, 0.95, 0.6), strict=True)]
    assert not harm.harmful(outcome(score=0.3), wide)
    few_samples = [dict(twin, score_error=0.1) for twin in TWINS]
    assert not harm.harmful(outcome(score=0.75), few_samples)
    assert harm.harmful(outcome(score=0.75), TWINS[:1])


def test_skill_runs_from_the_best_constant_answer_to_a_perfect_one():
    assert score.constant_accuracy(np.array([0, 0, 0, 1])) == 0.75
    assert score.constant_accuracy(np.eye(2)[[0, 0, 0, 1]]) == 0.75
    assert score.constant_accuracy(np.array([[1, 1], [0, 1], [0, 1], [0, 1]])) == pytest.approx(0.875)
    assert score.of_accuracy(0.75, 0.75) == 0 and score.of_accuracy(1, 0.75) == 1
    y = np.array([1.0, 2, 3, 4])
    assert score.of_targets(np.full(4, 2.5), y)[0] == 0 and score.of_targets(y, y) == (1, 0)


def test_wilson():
    # 81 of 263, Newcombe, "Two-sided confidence intervals for the single proportion" (1998), method 3
    assert counting.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert counting.wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert counting.wilson(0, 0) == (0, 1)


def case(verdict, fault="dead_relu", harmful=True, setup="digits_cnn", seed=0):
    return Case(Job(fault, "only", setup, seed), outcome(), verdict, harmful, 0.9)


FIRST = Verdict("stalled", (("dead_relu", 1.0), ("unscaled_inputs", 0.8)))
SECOND = Verdict("stalled", (("unscaled_inputs", 1.0), ("dead_relu", 0.8)))
NOTE = Verdict("stalled", (("unscaled_inputs", 1.0),), (("dead_relu", 0.2),))
CHAIN = Verdict("stalled", (("unscaled_inputs", 1.0),), (), ("dead_relu",))
OTHER = Verdict("stalled", (("unscaled_inputs", 1.0),))
QUIET = Verdict("learning")


@pytest.mark.parametrize(
    ("verdict", "place"),
    [(FIRST, "first"), (SECOND, "probable"), (NOTE, "note"), (CHAIN, "note"), (OTHER, "missed"), (QUIET, "missed")],
)
def test_the_place_where_a_fault_is_named(verdict, place):
    assert case(verdict).place == place


def test_of_two_faults_both_or_the_first_must_be_named():
    pair = "dead_relu+label_noise"
    assert case(FIRST, pair).right
    assert not case(SECOND, pair).right, "the other one is missing, and something else is first"
    both = Verdict("stalled", (("unscaled_inputs", 1.0), ("dead_relu", 0.9), ("label_noise", 0.9)))
    assert case(both, pair).right
    assert not case(QUIET, pair).right


def test_counting():
    found = [
        case(FIRST),
        case(SECOND, seed=3),
        case(QUIET, setup="shapes_conv"),
        case(OTHER, harmful=False),
        case(QUIET, harmful=False),
        case(QUIET, plan.TWIN, harmful=False),
        Case(Job(plan.ON_PURPOSE, "warm_up", "regression", 0), outcome(), OTHER, False, 0.9),
        case(FIRST, "dead_relu+label_noise"),
    ]
    counts = counting.count(found)
    assert [(t.harmful, t.first, t.probable, t.missed) for t in counts.parts.values()] == [
        (1, 1, 0, 0),
        (1, 0, 1, 0),
        (1, 0, 0, 1),
    ]
    everything = counting.total(counts.parts.values())
    assert (everything.harmful, everything.among, everything.harmless, everything.alarms) == (3, 2, 4, 2)
    assert everything.instead == Counter({"unscaled_inputs": 1, "nothing (learning)": 1})
    assert counts.programs["warm_up"].alarms == 1 and counts.twins.harmless == 1
    assert counts.pairs == {"dead_relu+label_noise": [1, 1]}
    assert counts.records == {"dead_relu": [2, 2], "unscaled_inputs": [3, 0]}
    assert counts.cells["dead_relu"]["only"]["digits_cnn"].harmful == 2


def test_a_mechanism_beside_its_root_is_counted():
    assert counting.count([case(FIRST, "unscaled_inputs")]).mechanisms == 1
    assert counting.count([case(FIRST)]).mechanisms == 0


def test_what_is_no_case():
    sick = Job("dead_relu", "only", "digits_cnn", 0)
    twin, program = sick.twin, Job(plan.ON_PURPOSE, "warm_up", "digits_cnn", 0)
    given = {
        twin: outcome(),
        sick: {"broken": "TypeError: no"},
        Job("dead_relu", "only", "digits_cnn", 1): {"not_applicable": "no relu"},
        program: outcome(score=0.5),
        Job("dead_relu", "only", "regression", 0): outcome(),
    }
    found, left_out = counting.cases(given, {job: QUIET for job in given})
    assert [c.job for c in found] == [twin]
    assert {job.setup + job.fault for job, _ in left_out} == {
        "digits_cnndead_relu",
        f"digits_cnn{plan.ON_PURPOSE}",
        "regressiondead_relu",
    }
    assert "less than nine tenths of 0.910" in dict(left_out)[program]


def stub(job, folder):
    """Stands for a run."""
    training.clean(Path(folder))
    with open(os.path.join(folder, "trained"), "a") as file:
        file.write("once ")
    return outcome(score=job.seed / 10)


def test_a_stopped_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(command.training, "train", stub)
    monkeypatch.setattr(command.workers, "run", lambda work, given, *_: ((i, work(*g)) for i, g in enumerate(given)))
    jobs = [Job("dead_relu", "only", "digits_cnn", seed) for seed in range(3)]
    console = Console(file=io.StringIO())
    half = tmp_path / jobs[1].path
    half.mkdir(parents=True)
    (half / "events.out.tfevents.half").write_text("half")
    (half / f"{command.OUTCOME}.part").write_text("{")
    command.train(jobs[:1], tmp_path, 1, console)
    missing = [job for job in jobs if not command.is_done(job, tmp_path)]
    assert missing == jobs[1:]
    command.train(missing, tmp_path, 1, console)
    assert all(command.is_done(job, tmp_path) for job in jobs)
    assert [(tmp_path / job.path / "trained").read_text() for job in jobs] == ["once "] * 3
    assert sorted(path.name for path in half.iterdir()) == [command.OUTCOME, "trained"]
    assert command.outcome_of(jobs[2], tmp_path)["score"] == 0.2
    monkeypatch.setattr(plan, "recipe", lambda job: "other code")
    assert not command.is_done(jobs[0], tmp_path), "what was trained from other code is trained anew"


def work(what):
    """What a worker process does in the next test."""
    if what == "hang":
        time.sleep(60)
    if what == "die":
        os._exit(3)
    if what == "raise":
        raise ValueError("no")
    return what, os.getpid()


def test_one_bad_job_does_not_stop_the_rest():
    given = [(word,) for word in ("a", "hang", "die", "raise", "b", "c")]
    found = dict(workers.run(work, given, processes=2, patience=8, life=2))
    assert [found[i][0] for i in (0, 4, 5)] == ["a", "b", "c"]
    assert [found[i].reason for i in (1, 2, 3)] == [
        "no answer within 8 s",
        "the process died (exit code 3)",
        "ValueError: no",
    ]


def test_a_process_is_replaced():
    found = dict(workers.run(work, [(i,) for i in range(4)], processes=1, life=2))
    pids = [found[i][1] for i in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3] and os.getpid() not in pids


def test_a_stored_run_is_judged_and_cached(tmp_path, written, monkeypatch):
    written(tmp_path)
    folder = str(tmp_path / "run1")
    verdict = judging.judge(folder)
    assert verdict.status == "stalled" and verdict.named[0] == "output_activation"
    monkeypatch.setattr("tb_diagnose.event_file.newest", lambda *_: pytest.fail("read twice"))
    assert judging.judge(folder) == verdict
    assert judging.judge(str(tmp_path / "nowhere")) == Verdict("nothing logged")


def test_levels_are_folders():
    assert plan.level_name({"factor": 1e-3, "form": "a b/c"}) == "factor=0.001,form=a_b_c"
    assert plan.level_name({}) == "only"
    names = [Job(id_, level, "digits_cnn", 0).path for id_ in plan.fault_ids() for level in plan.levels(id_)]
    assert len(set(names)) == len(names) and all(name.count("/") == 3 for name in names)


def test_the_plan():
    jobs = plan.fault_jobs(["dead_relu"], list(SETUPS), plan.SEEDS)
    assert len(set(jobs)) == len(jobs) == len(SETUPS) * 5 * 2
    assert {job.level for job in jobs if job.setup == "digits_cnn"} == {"as_it_is", *plan.levels("dead_relu")}
    everything = plan.fault_jobs(["dead_relu"], list(SETUPS), plan.SEEDS, "all")
    assert len(everything) == len(SETUPS) * 5 * (1 + len(plan.levels("dead_relu")))
    pairs = {job.fault for job in plan.pair_jobs(plan.PAIRS_ON)}
    assert len(pairs) >= 40
    programs = plan.program_jobs(list(SETUPS), plan.SEEDS)
    assert len(programs) >= 200 and len({job.level for job in programs}) >= 16
    assert {name for program in healthy.PROGRAMS.values() for name in program.setups} <= set(SETUPS)


def test_a_recipe_follows_the_code(tmp_path):
    one = plan.recipe(Job("label_noise", "share=0.1", "digits_cnn", 0))
    assert one == plan.recipe(Job("label_noise", "share=0.4", "digits_cnn", 1))
    assert one != plan.recipe(Job("label_noise", "share=0.1", "digits_dense", 0))
    file = tmp_path / "file.py"
    codes = []
    for body in (
        "LIMIT = 1\ndef f():\n    return LIMIT",
        'LIMIT = 1\n\n# said\ndef f():\n    "Says so."\n    return LIMIT',
        "LIMIT = 2\ndef f(): return LIMIT",
    ):
        file.write_text(body + "\nOTHER = 3")
        plan._code.cache_clear()
        plan._definitions.cache_clear()
        codes.append(plan._code(file, ("f",)))
    assert codes[0] == codes[1] != codes[2] and "OTHER" not in codes[0]


def test_a_setup_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="read-only"):
        plan.base("tabular_classes").x[0] = 0


RESULT = results.as_json(
    counting.count([case(FIRST), case(SECOND, seed=4), case(QUIET, plan.TWIN, harmful=False)]),
    dict(date="2025-01-01", command="python -m demo.matrix", versions={"Keras": "3"}, runs=3, seconds=6),
)


def test_the_tables():
    assert json.loads(results.dumps(RESULT)) == RESULT
    assert results.share(1, 2) == "50.0 % (9.5-90.5)" and results.share(0, 0) == "-"
    block = results.block(RESULT)
    assert "| all | 2 | 50.0 % (9.5-90.5) | 100.0 % (34.2-100.0) | 1 | 0, 0.0 % (0.0-79.3) |" in block
    assert "| `dead_relu` | 2 | 1 | 1 | 0 | 0 | 50.0 % (9.5-90.5) | 0 of 1 | 0 of 0 | `unscaled_inputs`: 1 |" in block
    console = Console(file=io.StringIO(), width=200)
    console.print(results.rich_table(results.by_cause(RESULT), "By cause"))
    assert "dead_relu" in console.file.getvalue()
    assert results.with_block(f"a {results.BEGIN} old {results.END} b", RESULT).count("| `dead_relu` |") == 1


def test_the_readme_has_the_stored_result():
    readme = results.README.read_text(encoding="utf-8")
    assert readme == results.with_block(readme, results.load()), "Run: python -m demo.matrix --readme"


def test_the_record_of_each_cause_is_written(tmp_path):
    results.write_record(RESULT, tmp_path / "record.json")
    record = json.loads((tmp_path / "record.json").read_text())
    assert record == {"dead_relu": {"named": 1, "right": 1}, "unscaled_inputs": {"named": 1, "right": 0}}
    results.write_record({"parts": {}}, tmp_path / "none.json")
    assert not (tmp_path / "none.json").exists()


def test_the_record_is_that_of_the_stored_result():
    stored = results.load() or {}
    if "records" in stored:
        record = json.loads(results.RECORD.read_text(encoding="utf-8"))
        assert {id_: [r["named"], r["right"]] for id_, r in record.items()} == stored["records"], (
            "Run: python -m demo.matrix --readme"
        )


def test_the_misses_are_listed(capsys):
    console = Console(file=io.StringIO(), width=200)
    command.list_misses(console, [case(FIRST), case(SECOND, seed=4), case(OTHER, plan.TWIN, harmful=False)], [])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "dead_relu only digits_cnn 4 (held aside): stalled; named unscaled_inputs 1, dead_relu 0.8; "
        "skill 0.910, twins 0.900, on training samples 0.900"
    )
    assert "False alarms: 1" in console.file.getvalue() and len(lines) == 2


def test_a_part_is_no_whole_measurement():
    whole = command._parser().parse_args(["--healthy", "--pairs"])
    assert command._whole(whole) and not command._whole(command._parser().parse_args(["--healthy"]))
    part = command._parser().parse_args(["--healthy", "--pairs", "--setups", "digits_cnn"])
    assert not command._whole(part)
    with pytest.raises(SystemExit):
        command._parser().parse_args(["--faults", "no_such_fault"])


def test_a_fault_that_changes_nothing_is_not_applicable(monkeypatch):
    monkeypatch.setattr(plan.fault("label_noise"), "inject", lambda setup, **_: setup)
    with pytest.raises(NotApplicable, match="nothing was changed"):
        plan.build(Job("label_noise", "share=0.1", "digits_cnn", 0))


def test_a_tally_adds_up():
    tally = counting.total([Tally(harmful=2, first=1, missed=1, instead=Counter(a=1)), Tally(harmful=1, probable=1)])
    assert (tally.harmful, tally.among, tally.instead) == (3, 2, Counter(a=1))
