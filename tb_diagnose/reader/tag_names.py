"""Names under which programs log loss, accuracy and learning rate: one table, which a user may extend.

There is no standard, but there are few words: `train/loss`, `val_acc`, `Accuracy/test`, `epoch_loss`, `lr-Adam`,
`trainLoss_step`. A tag is taken apart into words, and recognised when exactly one of them says what it is and each of
the others where, how often or how it was measured. A word that is not in the table, as in `generator_loss` or
`box_loss`, makes it something else: one part of a loss is not the loss.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

WHAT: Mapping[str, frozenset[str]] = {
    "loss": frozenset({"loss"}),
    "accuracy": frozenset({"accuracy", "acc"}),
    "learning_rate": frozenset({"lr"}),
    "epoch": frozenset({"epoch"}),
}
PART: Mapping[str, frozenset[str]] = {
    "train": frozenset({"train", "training"}),
    "validation": frozenset({"val", "valid", "validation", "validate", "dev", "eval", "evaluation", "test", "testing"}),
}
PER: Mapping[str, frozenset[str]] = {
    "epoch": frozenset({"epoch", "epochs"}),
    "batch": frozenset({"batch", "batches", "step", "steps", "iter", "iteration", "iterations"}),
}
HOW = frozenset(
    """avg average mean total overall running smoothed metric metrics per vs by top 1 top1 multiclass sparse
    categorical binary cross entropy crossentropy ce bce nll mse adam adamw sgd rmsprop lion adagrad 0""".split()  # noqa: SIM905
)
"""Words that say how something was measured, or which optimizer it belongs to, and nothing else."""
GROUPS = frozenset({"pg", "group", "2", "3", "4"})
"""Words that tell the rates of parameter groups from each other; beside a loss, `pg` is a policy gradient."""
RATE = re.compile(r"learning[\W_]*rate", re.IGNORECASE)


@dataclass(frozen=True)
class Recognised:
    """What a tag holds.

    Args:
        what: A key of `WHAT`.
        part: "train" or "validation".
        per: "epoch", "batch", or None where the name does not tell.
        explicit: Whether the name says the part, or it was taken from the run or for granted.
        qualifiers: Words that say how it was measured; of several tags for one quantity, that with fewest is taken.
    """

    what: str
    part: str
    per: str | None
    explicit: bool
    qualifiers: int


@dataclass(frozen=True)
class UserTags:
    """Names that the user has given.

    Args:
        accuracy: Tags that hold accuracy.
        loss: Tags that hold the loss.
    """

    accuracy: tuple[str, ...] = ()
    loss: tuple[str, ...] = ()


NO_TAGS = UserTags()


def words(name: str) -> list[str]:
    """`trainLoss/epoch-1` -> `["train", "loss", "epoch", "1"]`."""
    return [
        word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+", RATE.sub("lr", name))
    ]


def recognise(tag: str, run: str = "", user_tags: UserTags = NO_TAGS) -> Recognised | None:
    """What a scalar tag holds; None where that cannot be told.

    Args:
        tag: Name of the scalar.
        run: Name of its run, the last part of which may say what belongs to training and what to validation.
        user_tags: Names that the user has given; these tags are taken as they are.
    """
    last = words(run.rpartition("/")[2])
    in_name = words(tag)
    given = "accuracy" if tag in user_tags.accuracy else "loss" if tag in user_tags.loss else None
    meanings = [what for what, names in WHAT.items() if what != "epoch" and names & set(in_name)]
    if not meanings and in_name == ["epoch"]:
        return Recognised("epoch", _part(last) or "train", None, False, 0)
    part = _part(in_name)
    known = frozenset().union(*PART.values(), *PER.values(), HOW, *(WHAT[what] for what in meanings))
    if meanings == ["learning_rate"]:
        known |= GROUPS
    rest = [word for word in in_name if word not in known]
    if given is None and (len(meanings) != 1 or rest):
        return None
    per = "batch" if PER["batch"] & set(in_name) else "epoch" if PER["epoch"] & set(in_name) else None
    # Of validation and test samples, the former are the ones that a run is steered by.
    qualifiers = sum(word in HOW or word in GROUPS for word in in_name)
    qualifiers += any(word.startswith("test") for word in (in_name if part else last))
    return Recognised(given or meanings[0], part or _part(last) or "train", per, part is not None, qualifiers)


def _part(in_name: Iterable[str]) -> str | None:
    return next((part for part, names in PART.items() if names & set(in_name)), None)


def part_of(name: str) -> str | None:
    """ "train" or "validation", as the last part of a run's name says; None where it says neither."""
    return _part(words(name))


def is_part(name: str) -> bool:
    """Whether the last part of a TensorBoard run's name says which part of a run it is: `train`, `val`, `Loss_test`."""
    in_name = words(name)
    known = frozenset().union(*PART.values(), *PER.values(), *WHAT.values())
    return bool(in_name) and _part(in_name) is not None and all(word in known for word in in_name)
