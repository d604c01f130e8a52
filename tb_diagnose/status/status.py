"""Is the run stalled, since when, and where: judged from accuracy, or from the loss of a regression.

Everything is measured in skill, see `skill.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tb_diagnose.evidence import Evidence
from tb_diagnose.evidence.number import number
from tb_diagnose.evidence.slope import line_slope
from tb_diagnose.status.chance import NEAR_LOG
from tb_diagnose.status.disagreement import Disagreement, disagreements
from tb_diagnose.status.generalization import GAP, Gap, Skills
from tb_diagnose.status.liveness import is_alive
from tb_diagnose.status.loss_course import course
from tb_diagnose.status.reported_accuracy import Misreport
from tb_diagnose.status.simple_methods import compared
from tb_diagnose.status.skill import FAR, FINISHED, LEARNED, SHORT, SIGNIFICANT, Progress, beside, probe_samples
from tb_diagnose.status.stall import CLOSED_SHARE, FAST, SLOW, fall, flat_since, loss_pace, stands_since

ENOUGH_EPOCHS = 3
"""Fewer points have no trend: two can differ by chance alone."""
MIN_POINTS, FAR_AWAY = 5, 100.0
"""Points of a loss, and its last value over its lowest, from which a run has diverged."""
STEEP, BETTER = 1.5, 0.02
"""Rise of the validation loss that says it without a training accuracy, and gain of validation accuracy that denies
it."""
RAN_AWAY = 2.0
"""Loss at the end over its lowest value from which that is worth a word."""
MOST_RIGHT = 1.005
"""Largest accuracy that rounding, or a last batch that counts as a whole one, explains."""
CEILING = 0.97
"""Skill from which there is nothing left to stall: what is missing is of the order of label errors
in common benchmark sets (3.3 % on average; Northcutt et al., "Pervasive Label Errors", 2021)."""
AT_REFERENCE = "at what the inputs tell"
"""Place of a stall that is one only if the labels themselves are at fault."""
READ_AHEAD = 20_000
"""Samples that the recorder reads of a Dataset at most (`DATASET_SAMPLES` in `recorder/data.py`)."""
AT_CONSTANT_LABELS = "at constant labels"
MOST = 0.5
"""Share of what predictions lack from which a difference between the modes is what is wrong with a run: then its
training curve is no stall."""
NOT_LESS = 0.99
"""A loss over another from which both are the same to the eye."""
SAME_ACCURACY = 0.005
"""Difference in accuracy that two digits do not show."""
ONE_CLASS = 0.98
"""Share of samples predicted as one class from which the model answers that class, always."""
LONG_NAME = 20
"""Letters of the name of a class above which a headline does without it."""
CREEPS_FOR = 3
"""Points of a stall from which a line through them has an error: of more, it may be said to creep."""
CREEP, CREEP_OF_LOSS = 0.02, 0.05
"""Gain of accuracy over a stall, and share that a loss loses, that anybody sees in its chart: it creeps."""
WANDERS = 1.5
"""Multiple of these that a curve may wander over a stall and still stand at one value to the eye."""
PLATEAU, BETWEEN, AT_ZERO = "on a plateau", ", between ", "at zero"
"""Where nothing else is known of a level; how one is told between two values, which are no plateau to the eye; and that
no answer is right."""
COMMON = 1.5
"""Share of the commonest class over that of a balanced one from which it is common."""

STATUSES = (
    "crashed",
    "diverged",
    "stalled",
    "misreported",
    "not generalizing",
    "unfinished",
    "unreadable",
    "too short to tell",
    "not judged",
    "levelled off",
    "learning",
    "reached",
)
"""All of them, the worst first."""
GOOD = ("learning", "reached", "levelled off", "not judged")
"""Statuses in which nothing is to be changed."""
BESIDE_THE_CURVE = ("not generalizing", "misreported")
"""Complaints about a run whose own curve moves, or has arrived."""


@dataclass(frozen=True)
class Status:
    """Status of a run, with the epochs from-to and the place of a stall.

    `otherwise` is the status to give when no cause speaks for a stall: accuracy stands, but the loss still falls.
    """

    name: str
    since: int | None = None
    until: int | None = None
    where: str | None = None
    sentence: str = ""
    otherwise: Status | None = None


def judge(evidence: Evidence, curve: Progress | None, alive: Callable[[Evidence], bool] | None = None) -> Status:
    """Status of a run (see the module docstring).

    Args:
        evidence: One run.
        curve: `progress(evidence)`.
        alive: Tells whether a run without a finished epoch may still be running.
    """
    finished = evidence.finished_epochs
    error = evidence.get("error")
    if error:
        when = "before it finished an epoch" if finished == 0 else f"after {_epochs(int(evidence.epochs[-1]))}"
        message = f": {error['message']}" if error["message"] else ""
        return Status("crashed", sentence=f"The run raised {error['type']} {when}{message}")
    if finished == 0:
        if (alive or is_alive)(evidence):
            return Status("too short to tell", sentence="The first epoch is not finished yet")
        return Status("crashed", sentence="The run began and never finished an epoch")
    last = int(evidence.epochs[-1])
    diverged = _not_finite(evidence, last) or _ran_away(evidence, last)
    if diverged is not None:
        return diverged
    constant = _constant_labels(evidence)
    if constant is not None:
        at = (
            ""
            if curve is None or not np.isfinite(curve.values).any()
            else f"{curve.called} is at {number(_now(curve))}, and "
        )
        return Status(
            "stalled", 1, last, AT_CONSTANT_LABELS, _capital(f"{at}{constant}: there is nothing to tell apart")
        )
    if curve is None or not np.isfinite(curve.skill).any():
        if finished < ENOUGH_EPOCHS:
            return Status("too short to tell", sentence="Neither accuracy nor a comparable loss was logged")
        return Status("not judged", sentence=course(evidence))
    if float(np.nanmax(curve.values)) > MOST_RIGHT and curve.chance is not None:
        most = number(float(np.nanmax(curve.values)))
        sentence = f"{curve.called} goes up to {most}, and no share of right answers is above 1"
        return Status("not judged", sentence=sentence)
    lag = _lagging_statistics(evidence)
    if lag is not None:
        return _disagreeing(lag, curve, last)
    state = _from_curve(curve, last, evidence)
    if state.name != "stalled":
        return _complaint(state, curve, last, evidence) or state
    if state.otherwise is not None:
        other = _complaint(state.otherwise, curve, last, evidence) or state.otherwise
        return dataclasses.replace(state, otherwise=other)
    return state


def _not_finite(evidence: Evidence, last: int) -> Status | None:
    since = _diverged_since(evidence)
    if since is None:
        return None
    what = "the loss is" if evidence.get("nonfinite_weight_count") is None else "the loss or the weights are"
    return Status("diverged", since, last, sentence=f"The run diverged: {what} not finite since epoch {since}")


def _ran_away(evidence: Evidence, last: int) -> Status | None:
    """The status of a log of curves whose loss has run away upwards; None where it has not, or more is known."""
    loss = evidence.get("loss")
    if loss is None or evidence.get("baseline_loss") is not None:
        return None
    known = np.flatnonzero(np.isfinite(loss) & (evidence.epochs > 0))
    values = loss[known]
    if len(values) < MIN_POINTS or not values.min() > 0 or values[-1] < FAR_AWAY * values.min():
        return None
    if values[-1] < values.max() / 2:
        return None  # it comes back
    since = int(evidence.epochs[known[np.flatnonzero(values < np.sqrt(FAR_AWAY) * values.min())[-1]]]) + 1
    sentence = f"The run diverged: the loss rose from {number(float(values.min()))} to {number(float(values[-1]))}"
    return Status("diverged", min(since, last), last, sentence=sentence)


def _constant_labels(evidence: Evidence) -> str | None:
    """What is known of labels that are all alike, as a clause; None where they are not."""
    if _read_in_part(evidence):
        return None
    counts = evidence.get("label_counts")
    if evidence.get("label_form") != "multi_label" and sum(count > 0 for count in counts or [1, 1]) < 2:
        return "all labels are of one class"
    smallest, largest = evidence.get("label_min"), evidence.get("label_max")
    if evidence.get("label_form") == "continuous" and smallest is not None and smallest == largest:
        return f"all targets are {number(smallest)}"
    return None


def _read_in_part(evidence: Evidence) -> bool:
    """Whether the facts come from the first samples of a Dataset, and an epoch takes more, or may take more.

    Of a Dataset, `READ_AHEAD` samples are read at most. Sorted by label, these can be all of one class.
    """
    if evidence.get("data_is_whole") is False:
        return True
    if evidence.get("data_form") != "dataset":
        return False
    samples, steps, batch = (evidence.get(name) or 0 for name in ("sample_count", "steps_per_epoch", "batch_size"))
    # The last batch may hold a single sample. Where fit did not tell, the batch size is taken from what was read.
    return bool(samples >= READ_AHEAD or (steps - 1) * batch >= samples > 0)


def _complaint(state: Status, curve: Progress, last: int, evidence: Evidence) -> Status | None:
    """What is wrong with a run although its own curve is not stalled; None when nothing is."""
    reported = evidence.get("misreport")
    if reported is not None and reported.why != "differs":
        return _misreport(reported, state, last)
    apart = disagreements(evidence)
    gap = evidence.get("validation_gap")
    if gap is not None and gap.excused_by is None:
        return Status("not generalizing", gap.since, last, "on the validation samples", _gap(gap, curve, evidence))
    turned = _turned(curve, last, evidence)
    if turned is not None:
        return turned
    if state.name in ("learning", "too short to tell"):
        unfinished = _unfinished(state, curve, last, evidence)
        if unfinished is not None:
            return unfinished
    if reported is not None:
        return _misreport(reported, state, last)
    if apart and state.name in GOOD:
        return _disagreeing(apart[0], curve, last)
    return _nothing_left(state, curve, last, evidence) if state.name == "reached" else None


def _turned(curve: Progress, last: int, evidence: Evidence) -> Status | None:
    """Overfitting of a log without a training accuracy: by its losses, and a validation that got no better since."""
    turn = evidence.get("validation_turn")
    if turn is None or turn.ratio < STEEP or not curve.name.startswith("val_") or evidence.get("accuracy") is not None:
        return None
    then = curve.values[(curve.epochs <= turn.best) & np.isfinite(curve.values)]
    if not len(then) or _now(curve) > float(then.max()) + BETTER:
        return None
    sentence = (
        f"{curve.called} is at {number(_now(curve))} and no better than after epoch {turn.best}; since then the "
        f"validation loss rose from {number(turn.lowest)} to {number(turn.now)}, while the training loss fell"
    )
    return Status("not generalizing", turn.best + 1, last, "on the validation samples", sentence)


def _unfinished(state: Status, curve: Progress, last: int, evidence: Evidence) -> Status | None:
    """The status of a run that ended while its curve was still moving; None for any other."""
    ended = "log ends" if evidence.get("planned_epochs") is None else "run ended"
    sentence = (
        f"{curve.called} was at {number(_now(curve))} and still {_moving(curve)} when the {ended} after {_epochs(last)}"
    )
    if evidence.get("unfinished") is not None:
        return Status("unfinished", None, last, sentence=sentence)
    if evidence.get("misreport") is not None or state.name != "learning" or not _is_over(evidence, last):
        return None
    # It goes on rising, and has no more time: if something holds it, that is to be said.
    level = float(np.fmax(_level(curve), curve.skill[-1]))
    arrived = _as_good_as_reference(curve, level) and not _worse_than_constant(evidence)
    where = AT_REFERENCE if arrived else None
    return Status("unfinished", None, last, where, sentence, otherwise=state)


def _is_over(evidence: Evidence, last: int) -> bool:
    """Whether the run has had all of its epochs."""
    ends = evidence.get("last_epoch")
    return ends is not None and last >= ends


def _nothing_left(state: Status, curve: Progress, last: int, evidence: Evidence) -> Status | None:
    """What is to be said in place of "reached" where training samples alone have arrived; None where nothing is."""
    copied = evidence.get("copied_validation_fraction")
    if copied is not None:
        sentence = (
            f"{curve.called} is {_now(curve):.2f} on training samples, and {copied:.0%} of the validation samples are "
            "among them: nothing tells how it is on others"
        )
        far = curve.reference is not None and _level(curve) - curve.reference > FAR
        name = "misreported" if far else "levelled off"
        return Status(name, 1 if far else None, last, "on the validation samples" if far else None, sentence)
    gap, skills = evidence.get("validation_gap"), evidence.get("training_and_validation_skill")
    if gap is not None:
        sentence = (
            f"{_memorized(gap.skills, curve, evidence)}, where simple methods get about as far: the inputs allow "
            "no more, as far as known"
        )
        return Status("reached", sentence=sentence)
    if skills is None:
        return None
    training, validation = (float(np.mean(each[-ENOUGH_EPOCHS:])) for each in (skills.training, skills.validation))
    if training - validation <= max(GAP, SIGNIFICANT * skills.difference_error(training, validation)):
        return None
    # No gap in the sense of `validation_gap`: too few figures have no trend, or validation is still on the rise.
    if evidence.finished_epochs < ENOUGH_EPOCHS:
        sentence = f"{_memorized(skills, curve, evidence)}, after {_epochs(last)}: too few to tell whether that changes"
        return Status("too short to tell", sentence=sentence)
    if len(skills.training) < ENOUGH_EPOCHS:
        times = "once" if len(skills.training) == 1 else f"{len(skills.training)} times"
        sentence = f"{_memorized(skills, curve, evidence)}, measured {times} only: nothing tells whether that changes"
        return Status("levelled off", sentence=sentence)
    sentence = f"{_memorized(skills, curve, evidence)}, and validation {_gets_better(skills)}"
    return Status("learning", sentence=sentence)


def _memorized(skills: Skills, curve: Progress, evidence: Evidence) -> str:
    training, validation = map(number, _figures(skills, curve, evidence))
    figures = f"{_measure(skills)} is {training} on them and {validation} on validation samples"
    return f"The training samples are learned: {figures}"


def _measure(skills: Skills) -> str:
    return "the loss" if skills.what == "loss" else skills.what


def _gets_better(skills: Skills) -> str:
    return "still falls" if skills.what == "loss" else "still rises"


def _figures(skills: Skills, curve: Progress, evidence: Evidence) -> tuple[float, float]:
    """The last accuracy, loss or score on training and on validation samples, of the curves that are drawn.

    Where fewer is drawn, those that the skills were taken from.
    """
    drawn = beside(curve.name, evidence)
    same = skills.what in curve.name
    if same and drawn is not None and np.isfinite(drawn).any():
        return _now(curve), _last_finite(drawn)
    return skills.figures


def _misreport(reported: Misreport, state: Status, last: int) -> Status:
    shown = "an accuracy" if reported.last[0] is None else f"an accuracy of {number(reported.last[0])}"
    sentence = f"Keras reports {shown}, which does not measure this run. {state.sentence}"
    return Status("misreported", max(reported.since, 1), last, sentence=sentence)


def _lagging_statistics(evidence: Evidence) -> Disagreement | None:
    """The modes, where training mode has most of what predictions lack, and moving statistics lag; else None."""
    modes, moving = evidence.get("modes_disagreement"), evidence.get("moving_statistics")
    if modes is None or modes.excuse is not None or moving is None or not moving.lag:
        return None
    return modes if modes.difference >= MOST * modes.lacking else None


def _disagreeing(apart: Disagreement, curve: Progress, last: int) -> Status:
    sentence = f"{curve.called} is at {number(_now(curve))}, but {apart.clause}"
    return Status("misreported", max(apart.since, 1), last, sentence=sentence)


def _gap(gap: Gap, curve: Progress, evidence: Evidence) -> str:
    training, validation = map(number, _figures(gap.skills, curve, evidence))
    since = f"they have been apart since epoch {gap.since}"
    if curve.baseline is not None and curve.chance is not None and curve.skill[-1] < LEARNED:
        # What looks learned is the commonest label.
        share = _as_one_answer(curve, evidence)
        first = f"{_capital(_measure(gap.skills))} is {training} on training samples, {share}"
        return f"{first}, and {validation} on validation samples; {since}"
    return (
        f"The training samples are learned, the validation samples are not: {_measure(gap.skills)} is {training} "
        f"against {validation}; {since}"
    )


def _end(values: np.ndarray) -> float:
    """Mean of the last finite values; of one alone where the others are missing."""
    finite = values[np.isfinite(values)][-ENOUGH_EPOCHS:]
    return float(finite[-1] if len(finite) < ENOUGH_EPOCHS else finite.mean())


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _now(curve: Progress) -> float:
    """The last accuracy or loss, as its chart shows it."""
    return _last_finite(curve.values)


def _last_finite(values: np.ndarray) -> float:
    """The last value that is a finite number, of which there is one."""
    return float(values[np.isfinite(values)][-1])


def _level(curve: Progress) -> float:
    """Skill at the end, in inference mode where that is better."""
    level = _end(curve.skill)
    return float(np.fmax(level, curve.inference if curve.inference is not None else np.nan))


def _last_logged(curve: Progress) -> int:
    """The epoch of that value."""
    return int(curve.epochs[np.isfinite(curve.values)][-1])


def _moving(curve: Progress) -> str:
    return "rising" if curve.chance is not None else "falling"


def _from_curve(curve: Progress, last: int, evidence: Evidence) -> Status:
    what, level, now = curve.called, _level(curve), _now(curve)
    best = f"{what} is at {number(now)}"
    if level >= CEILING:
        return _at_ceiling(curve, last, evidence, best)
    fallen = _fallen(curve, level, last, evidence)
    if fallen is not None:
        return fallen
    best += _in_validation(curve, evidence)
    flat = flat_since(curve)
    if flat is not None and _as_good_as_reference(curve, level) and not _worse_than_constant(evidence):
        # Without a reference nothing tells whether more is possible.
        name = "reached" if _tells(curve.reference) else "levelled off"
        reached = Status(name, sentence=f"{best}{_reached(curve, evidence)}")
        if len(curve.skill) < ENOUGH_EPOCHS:
            return reached
        since = int(curve.epochs[stands_since(curve, flat)])
        sentence = f"{what} has been stalled {_stands(curve, since)}{_as_good(curve, evidence)}"
        return Status("stalled", since, last, AT_REFERENCE, sentence, reached)
    points, finished = int(np.isfinite(curve.skill).sum()), len(curve.skill)
    if points < ENOUGH_EPOCHS <= finished:
        times = "once" if points == 1 else f"{points} times"
        few = f"{best} after epoch {_last_logged(curve):,}, logged only {times} in {_epochs(last)}"
        if level >= FINISHED:
            return Status("reached", sentence=f"{few}: little is left to gain")
        if level >= LEARNED and _now(curve) >= float(curve.values[np.isfinite(curve.values)][0]):
            return Status("learning", sentence=few)
        return Status("not judged", sentence=f"{few}: too few to tell a stall from a slow start")
    if points < ENOUGH_EPOCHS:
        if level >= LEARNED:
            return Status("learning", sentence=f"{best} after {_epochs(last)}")
        return Status(
            "too short to tell",
            sentence=f"{best} after {_of_planned(last, evidence)}, too few to tell a stall from a slow start",
        )
    if flat is None:
        return Status("learning", sentence=f"{best} and still {_moving(curve)}{_untrained(evidence)}")
    since = int(curve.epochs[stands_since(curve, flat)])
    otherwise = None
    if curve.chance is not None:
        pace = loss_pace(evidence, since) if level >= LEARNED else 0.0
        falling = Status("learning", sentence=f"{best}: it hardly moves since epoch {since}, but the loss still falls")
        if pace >= FAST:
            return falling
        if pace >= SLOW:
            otherwise = falling
        elif level < LEARNED and _has_a_common_class(curve) and _tells_classes_apart(evidence):
            otherwise = Status("levelled off", sentence=f"{best}, and the rarer classes are told apart")
    near = curve.reference is not None and curve.reference - level < FAR
    if otherwise is None and level >= max(LEARNED, 3 * curve.error) and near:
        otherwise = Status("levelled off", sentence=f"{best} and has levelled off{_as_good(curve, evidence)}")
    where = _where(curve, level, _end(curve.values))
    if where != PLATEAU:
        moving = _loss_on_its_way(curve, last, evidence, best)
        if moving is not None and moving.name == "unfinished":
            return dataclasses.replace(moving, since=since, where=where)
        otherwise = otherwise or moving
    stands, why = _stands(curve, since), _explain(curve, where, evidence)
    if BETWEEN in stands and where == AT_ZERO:  # it was above it
        why = f"below what guessing gives ({number(curve.chance or 0.0)})"
    sentence = f"{what} has been stalled {stands}" + ("" if why == PLATEAU and BETWEEN in stands else f", {why}")
    if where == PLATEAU:
        sentence += _untrained(evidence)
    return Status("stalled", since, last, where, sentence, otherwise)


def _stands(curve: Progress, since: int) -> str:
    """`at 0.5 since epoch 3`; a curve that creeps or wanders is not said to be where it ends all the time."""
    values = curve.values[(curve.epochs >= since) & np.isfinite(curve.values)]
    first, now = float(values[0]), float(values[-1])
    better = 1.0 if curve.chance is not None else -1.0
    slope, error = line_slope(better * values) if len(values) > CREEPS_FOR else (0.0, 0.0)
    least = CREEP if curve.chance is not None else CREEP_OF_LOSS * abs(first)
    if slope > SIGNIFICANT * error and better * (now - first) >= least:
        return f"since epoch {since}: it creeps from {number(first)} to {number(now)}"
    lowest, highest = float(values.min()), float(values.max())
    if highest - lowest > WANDERS * least:
        return f"since epoch {since}{BETWEEN}{number(lowest)} and {number(highest)}"
    return f"at {number(now)} since epoch {since}"


def _in_validation(curve: Progress, evidence: Evidence) -> str:
    """The validation accuracy of a log of curves in brackets; empty where there is none, or where more is known."""
    values = evidence.get("val_accuracy")
    if curve.name != "accuracy" or values is None or evidence.get("probe_accuracy") is not None:
        return ""
    return f" ({number(_last_finite(values))} on validation samples)"


def _untrained(evidence: Evidence) -> str:
    """A clause on a loss that is still where that of an untrained model is; empty where it is not, or is unknown."""
    guess, loss = evidence.get("guess"), evidence.get("loss")
    if guess is None or guess.classes is None or loss is None or evidence.get("baseline_loss") is not None:
        return ""
    now = _last_finite(loss)
    if abs(now / np.log(guess.classes) - 1) > NEAR_LOG:
        return ""
    return f"; the loss still stands at {number(now)}, the logarithm of {guess.classes}, as before training"


def _fallen(curve: Progress, level: float, last: int, evidence: Evidence) -> Status | None:
    """The status of a curve that ends well below its best; None where it does not, or ends where nothing is learned."""
    down = fall(curve, level)
    if down is None or _where(curve, level, _end(curve.values)) != PLATEAU:
        return None
    best, since = int(curve.epochs[down.best]), int(curve.epochs[down.since])
    moved = "fell" if curve.chance is not None else "rose"
    sentence = f"{curve.called} {moved} from {number(curve.values[down.best])} in epoch {best} to {number(_now(curve))}"
    sentence += _risen_loss(evidence)
    otherwise = None
    if np.isfinite(curve.skill[down.since :]).sum() < ENOUGH_EPOCHS:
        sentence += f" in epoch {last}"
        otherwise = Status("learning", sentence=f"{sentence}, too late to tell whether it recovers")
    return Status("stalled", since, last, "below its best", sentence, otherwise)


def _risen_loss(evidence: Evidence) -> str:
    """A clause on a loss that ran away upwards; empty where it did not."""
    loss = evidence.get("loss")
    finite = np.zeros(0) if loss is None else loss[np.isfinite(loss)]
    if not len(finite) or not finite.min() > 0 or finite[-1] < RAN_AWAY * finite.min():
        return ""
    return f", while the loss rose from {number(float(finite.min()))} to {number(float(finite[-1]))}"


def _at_ceiling(curve: Progress, last: int, evidence: Evidence, best: str) -> Status:
    """A curve at its ceiling: there is nothing left to gain, unless the predictions are wrong all the same."""
    accuracy, baseline = evidence.get("probe_accuracy"), evidence.get("baseline_accuracy")
    if curve.chance is None and accuracy is not None and baseline is not None and baseline < 1:
        right = float(np.nanmean(accuracy[-ENOUGH_EPOCHS:]))
        if right <= baseline:
            shown = _last_finite(accuracy)
            sentence = f"{best}, as for perfect answers, but only {shown:.1%} of the answers are right"
            return Status(
                "stalled", int(curve.epochs[0]), last, "at a loss that does not tell right from wrong", sentence
            )
    if accuracy is not None and curve.floor is not None and curve.inference is not None:
        measured = _last_finite(accuracy)
        if max(curve.inference, (measured - curve.floor) / (1 - curve.floor)) < CEILING - FAR:
            few = evidence.finished_epochs < ENOUGH_EPOCHS
            sentence = f"{best} over the epoch, but {number(measured)} on the same samples in inference mode at its end"
            return Status("too short to tell" if few else "learning", sentence=f"{sentence}, after {_epochs(last)}")
    if curve.name == "val_accuracy" or (curve.validation is not None and curve.validation >= CEILING):
        return Status("reached", sentence=f"{best}: there is nothing left to gain")
    others = ""
    validation = beside(curve.name, evidence)
    if validation is not None and np.isfinite(validation).any():
        others = f"; on validation samples it is {number(_last_finite(validation))}"
    return Status("reached", sentence=f"{best} on the training samples, where nothing is left to gain{others}")


def _loss_on_its_way(curve: Progress, last: int, evidence: Evidence, best: str) -> Status | None:
    """The status of a run that has learned nothing yet while its loss still falls; None where it does not."""
    trend = evidence.get("loss_trend")
    if trend is None or not trend.on_its_way:
        return None
    sentence = f"{best}, no better than a constant answer, but {trend.sentence}"
    return Status("unfinished" if _is_over(evidence, last) else "learning", sentence=sentence)


def _tells(reference: float | None) -> bool:
    """Whether simple methods tell what is possible: near 0 they know nothing of these labels."""
    return reference is not None and reference >= LEARNED


def _as_good(curve: Progress, evidence: Evidence) -> str:
    """A clause on what simple methods reach; empty where they tell nothing."""
    return f", {compared(_now(curve), evidence)}" if _tells(curve.reference) else ""


def _reached(curve: Progress, evidence: Evidence) -> str:
    return _as_good(curve, evidence) or " and has levelled off"


def _epochs(count: int) -> str:
    return f"{count:,} epoch" + ("" if count == 1 else "s")


def _of_planned(last: int, evidence: Evidence) -> str:
    """`2 of 100 epochs`: a callback may have ended the run, or it still runs."""
    planned = evidence.get("planned_epochs")
    return f"{last:,} of {_epochs(planned)}" if planned is not None and planned > last else _epochs(last)


def _explain(curve: Progress, where: str, evidence: Evidence) -> str:
    baseline = "" if curve.baseline is None else number(curve.baseline)
    if curve.chance is None:
        return (
            f"{_no_better(curve)} than the best constant answer ({baseline})"
            if where == "at the best constant answer"
            else f"where the best constant answer gives {baseline}"
        )
    if where == "at the majority share":
        return _as_one_answer(curve, evidence)
    if where == "at chance":
        return f"near what guessing gives ({number(curve.chance)})"
    if where == AT_ZERO:
        return "not one right answer"
    return PLATEAU + (
        f" above the majority share ({baseline})" if curve.baseline is not None and curve.skill[-1] > 0 else ""
    )


def _as_one_answer(curve: Progress, evidence: Evidence) -> str:
    """How an accuracy at the majority share is beside it: `no better than always answering class 1 (0.503)`."""
    baseline = np.nan if curve.baseline is None else curve.baseline
    better = "hardly better" if _now(curve) > baseline + SAME_ACCURACY else "no better"
    return f"{better} than {_one_answer(evidence)} ({number(baseline)})"


def _one_answer(evidence: Evidence) -> str:
    """The constant answer that is right most often, by the name of its class where it has one."""
    counts, names = evidence.get("label_counts"), evidence.get("classes")
    if evidence.get("label_form") == "multi_label":
        return "always answering the commonest label"
    commonest = np.flatnonzero(np.array(counts or []) == max(counts or [0]))
    if len(commonest) > 1:  # then the one that the model names, if it names one
        shares = evidence.get("predicted_fraction")
        named = -1 if shares is None else int(np.nan_to_num(shares[-1]).argmax())
        if named not in commonest or np.nan_to_num(shares[-1][named]) < ONE_CLASS:
            return "always answering one class"
        commonest = np.array([named])
    if not len(commonest) or not names or commonest[0] >= len(names) or len(str(names[commonest[0]])) > LONG_NAME:
        return "always answering the commonest class"
    return f"always answering class {names[commonest[0]]}"


def _no_better(curve: Progress) -> str:
    """How a loss that stands at the best constant answer is beside it, as its chart shows both."""
    return "little better" if curve.baseline is not None and _now(curve) < NOT_LESS * curve.baseline else "no better"


def _where(curve: Progress, level: float, now: float) -> str:
    if curve.chance is None:
        return "at the best constant answer" if level <= max(3 * curve.error, CLOSED_SHARE) else PLATEAU
    guess = curve.chance if curve.baseline is None else curve.baseline
    if np.isnan(guess):
        return PLATEAU
    tolerance = max(3 * curve.error, CLOSED_SHARE / 2) * (1 - guess)
    if now <= min(tolerance, 0.01, guess / 2):
        return AT_ZERO
    if curve.baseline is not None and abs(now - curve.baseline) <= tolerance:
        return "at the majority share"
    if abs(now - curve.chance) <= tolerance:
        return "at chance"
    return PLATEAU


def _as_good_as_reference(curve: Progress, level: float) -> bool:
    """Well above a constant answer, and nothing that was measured says that more is to be had."""
    learned = level >= max(LEARNED, 3 * curve.error)
    if not learned or curve.reference is None:
        return learned
    if level < curve.reference - max(curve.margin(level), SHORT):
        return False
    # The reference is measured on samples that were not seen, as validation samples are.
    unseen = curve.validation
    if unseen is None:
        return True
    return unseen >= curve.reference - max(curve.margin(unseen, curve.validation_samples, SIGNIFICANT), SHORT)


def _has_a_common_class(curve: Progress) -> bool:
    """Whether naming one class is clearly better than guessing: only there accuracy can hide what was learned."""
    return curve.baseline is not None and curve.chance is not None and curve.baseline >= COMMON * curve.chance


def _tells_classes_apart(evidence: Evidence) -> bool:
    """Signs of learning that accuracy does not show where one class is common, or classes are weighed.

    Either probabilities that are clearly better than the shares of the classes, or an accuracy by class that is clearly
    better than chance: by three standard errors, which few samples of a rare class make large.
    """
    baseline, perfect, loss = (
        evidence.get("baseline_loss"),
        evidence.get("perfect_loss") or 0.0,
        evidence.get("probe_loss"),
    )
    known = loss is not None and baseline is not None and baseline > perfect
    if known and np.mean((baseline - loss[-ENOUGH_EPOCHS:]) / (baseline - perfect)) >= LEARNED:
        return True
    balanced, counts = evidence.get("probe_balanced_accuracy"), np.array(evidence.get("label_counts") or [], float)
    counts = counts[counts > 0]
    if balanced is None or len(counts) < 2:
        return False
    samples = np.maximum(counts / counts.sum() * probe_samples(evidence.get("probe_sample_count")), 1)
    chance = 1 / len(counts)
    error = float(np.sqrt((chance * (1 - chance) / samples).sum())) / len(counts)
    level = float(np.nanmean(balanced[-ENOUGH_EPOCHS:])) - chance
    return level >= max(LEARNED * (1 - chance), 3 * error)


def _worse_than_constant(evidence: Evidence) -> bool:
    """Whether a constant answer has a lower loss than the model, in training and on the probe samples."""
    baseline = evidence.get("baseline_loss")
    losses = [evidence.get(name) for name in ("loss", "probe_loss")]
    known = [float(np.mean(values[-ENOUGH_EPOCHS:])) for values in losses if values is not None]
    return baseline is not None and len(known) == 2 and min(known) > baseline > 0


def _diverged_since(evidence: Evidence) -> int | None:
    """First epoch of a non-finite loss or weight that is still so at the end."""
    bad = np.zeros(len(evidence.epochs), bool)
    nothing = np.full(len(bad), np.nan)
    loss, probe_loss = (
        values if values is not None and len(values) == len(bad) else nothing
        for values in map(evidence.series.get, ("loss", "probe_loss"))
    )
    bad |= np.isinf(loss) | np.isinf(probe_loss)
    if loss is not nothing:
        bad |= _broken_off(loss, evidence.epochs) & ~np.isfinite(probe_loss)
    counts = evidence.series.get("nonfinite_weight_count")
    if counts is not None and counts.size:
        bad |= np.nan_to_num(counts).sum(axis=1) > 0
    if not len(bad) or not bad[-1]:
        return None
    first = len(bad) - 1
    while first > 0 and bad[first - 1]:
        first -= 1
    return int(max(evidence.epochs[first], 1))


def _broken_off(loss: np.ndarray, epochs: np.ndarray) -> np.ndarray:
    """Finished epochs at the end in which the loss is NaN because it diverged, shape `(epoch,)`.

    A loss that was not logged in an epoch is NaN as well. Where finite values come after such a stretch, one of the
    same length at the end tells nothing.
    """
    finite = np.flatnonzero(np.isfinite(loss) & (epochs > 0))
    missing: np.ndarray = np.isnan(loss) & (epochs > 0)
    if not len(finite):
        return missing
    first = np.flatnonzero(epochs > 0)[0]
    longest = int(np.diff(np.append(first - 1, finite)).max()) - 1
    at_end: np.ndarray = missing & (np.arange(len(loss)) > finite[-1])
    return at_end if at_end.sum() > longest else np.zeros(len(loss), bool)
