"""Names under which programs log loss, accuracy and learning rate: one table, which a user may extend.

There is no standard, but there are few words: `train/loss`, `val_acc`, `Accuracy/test`, `epoch_loss`, `lr-AdamW`,
`Performance/Validation/Top1`. A tag is taken apart into words, and recognised when they say one thing only and each of
the others where, how often or how it was measured. A word that is not in the table, as in `generator_loss` or
`box_loss`, makes it something else: one part of a loss is not the loss. What stands before a slash may be anything
(`Model/accuracy`, `ptl/val_loss`), and so may the name of an output (`dense_accuracy`), as long as no other tag of the
same run says the same of something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

WHAT: Mapping[str, frozenset[str]] = {
    "loss": frozenset({"loss", "crossentropy"}),
    "accuracy": frozenset({"accuracy", "acc", "top1"}),
    "score": frozenset(
        """map ap auc auroc auprc roc f1 fbeta dice iou miou jaccard exactmatch exprate recall precision mcc kappa ndcg
        mrr""".split()  # noqa: SIM905
    ),
    "learning_rate": frozenset({"lr"}),
    "epoch": frozenset({"epoch"}),
    "reward": frozenset({"reward", "rewards", "rew", "return", "returns"}),
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
    """avg average mean total overall objective sum running smoothed metric metrics score per vs by multiclass sparse
    categorical binary ce bce nll mse macro micro weighted optimizer sgd lion 0 1 2 3 4""".split()  # noqa: SIM905
)
"""Words that say how something was measured, or which optimizer it belongs to, and nothing else."""
GROUPS = frozenset({"pg", "group"})
"""Words that tell the rates of parameter groups from each other; beside a loss, `pg` is a policy gradient."""
EPISODES = frozenset({"ep", "episode", "episodes", "episodic", "rollout", "mean"})
"""Words without which a reward may be anything."""
SUMMARIES = frozenset({"best", "max", "min", "std", "top", "diff", "gap", "threshold"})
"""Words that make something else of an accuracy."""
MORE: Mapping[str, frozenset[str]] = {
    "baseline": WHAT["accuracy"] | {"baseline"},
    "learning_rate": GROUPS,
    "reward": EPISODES,
}
"""Words that say nothing else beside one thing only."""
QUALIFYING = frozenset().union(*PART.values(), *PER.values(), HOW)
KNOWN = QUALIFYING.union(*WHAT.values(), GROUPS, EPISODES)
LIGHTNING_RATE = re.compile(r"lr-[A-Za-z]\w*(-\d+)?(/pg\d+)?")
"""What `LearningRateMonitor` of Lightning writes: the optimizer's class, of whatever name."""
COMPOUNDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"learning[\W_]*rate", re.IGNORECASE), " lr "),
    (re.compile(r"(?:cross|x)[\W_]*entropy|xent(?![a-z])", re.IGNORECASE), " crossentropy "),
    (re.compile(r"(?:top|prec)[\W_]*(\d+)", re.IGNORECASE), r" top\1 "),
    (re.compile(r"exact[\W_]*match", re.IGNORECASE), " exactmatch "),
    (re.compile(r"(?:adam[wx]|[nr]?adam(?:ax)?|rmsprop|ada(?:delta|grad|factor|max))(?![a-z])", re.I), " optimizer "),
    (re.compile(r"m(?=AP|IoU|IOU|Dice)"), " "),
    (re.compile(r"IoU|mean_io_u"), " iou "),
    (re.compile(r"ExpRate"), " exprate "),
    (re.compile(r"f[\W_]*1(?!\d)", re.IGNORECASE), " f1 "),
    (re.compile(r"\([A-Za-z]\)"), " "),
)
"""Words of several words, names with capitals of their own, and remarks in brackets."""
WORD = re.compile(r"top\d+|f1|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


@dataclass(frozen=True)
class Recognised:
    """What a tag holds.

    Args:
        what: A key of `WHAT`, or "baseline", the accuracy of the best constant answer.
        part: "train" or "validation".
        per: "epoch", "batch", or None where the name does not tell.
        explicit: Whether the name says the part, or it was taken from the run or for granted.
        qualifiers: Words that say how it was measured; of several tags for one quantity, that with fewest is taken.
        of: What else its name says, of a section or an output; "" where it says nothing.
    """

    what: str
    part: str
    per: str | None
    explicit: bool
    qualifiers: int
    of: str = ""


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
    for pattern, word in COMPOUNDS:
        name = pattern.sub(word, name)
    return [word.lower() for word in WORD.findall(name)]


def recognised(tags: Iterable[str], run: str = "", user_tags: UserTags = NO_TAGS) -> dict[str, Recognised]:
    """What the scalars of a TensorBoard run hold, by tag; what cannot be told is left out.

    Args:
        tags: Names of the scalars.
        run: Name of the TensorBoard run.
        user_tags: Names that the user has given; these tags are taken as they are.
    """
    found = {tag: meaning for tag in tags if (meaning := recognise(tag, run, user_tags)) is not None}
    sections: dict[tuple[str, str], set[str]] = {}
    for meaning in found.values():
        sections.setdefault((meaning.what, meaning.part), set()).add(meaning.of)
    # `loss` is plainer than `encoder/loss`; of `actor/loss` and `critic/loss` neither is the loss.
    return {
        tag: meaning
        for tag, meaning in found.items()
        if not meaning.of or sections[meaning.what, meaning.part] == {meaning.of}
    }


@lru_cache(maxsize=65536)
def recognise(tag: str, run: str = "", user_tags: UserTags = NO_TAGS) -> Recognised | None:
    """What a scalar tag holds by its own name; None where that cannot be told.

    Args:
        tag: Name of the scalar.
        run: Name of its run, the last part of which may say what belongs to training and what to validation.
        user_tags: Names that the user has given; these tags are taken as they are.
    """
    given = "accuracy" if tag in user_tags.accuracy else "loss" if tag in user_tags.loss else None
    *sections, name = [words(part) for part in ("lr" if LIGHTNING_RATE.fullmatch(tag) else tag).split("/")]
    strange = [word for section in sections if not set(section) <= KNOWN for word in section]
    in_name = [word for section in sections if set(section) <= KNOWN for word in section] + name
    what = given or _what(set(in_name))
    if what is None:
        return None
    rest = [] if given else [word for word in in_name if not _belongs(word, what)]
    # The name of an output; that of a loss would be one part of the loss.
    if rest and (what != "accuracy" or any(_sums_up(word) for word in rest) or all(word.isdigit() for word in rest)):
        return None
    of = [*strange, *(in_name if rest else [])]
    last = words(run.rpartition("/")[2])
    part = _part([*in_name, *strange])
    per = "batch" if PER["batch"] & set(in_name) else "epoch" if PER["epoch"] & set(in_name) else None
    # Of validation and test samples, the former are the ones that a run is steered by.
    qualifiers = sum(word in HOW or word in GROUPS for word in in_name)
    qualifiers += any(word.startswith("test") for word in (in_name if part else last))
    return Recognised(
        what,
        part or _part(last) or "train",
        None if what == "epoch" else per,
        part is not None,
        qualifiers,
        " ".join(word for word in of if _part([word]) is None and word not in WHAT["accuracy"]),
    )


def _what(in_name: set[str]) -> str | None:
    """The one thing that some words say; None where they say nothing or several things."""
    meanings = [what for what, names in WHAT.items() if what != "epoch" and names & in_name]
    if not meanings:
        return "epoch" if "epoch" in in_name else None
    if len(meanings) > 1 or (meanings == ["reward"] and not in_name & EPISODES):
        return None
    return "baseline" if meanings == ["accuracy"] and "baseline" in in_name else meanings[0]


def _sums_up(word: str) -> bool:
    """Whether a word makes something else of an accuracy: "best", or "top10"."""
    return word in SUMMARIES or (word.startswith("top") and word[3:].isdigit() and word not in WHAT["accuracy"])


def _belongs(word: str, what: str) -> bool:
    """Whether a word says nothing else beside what a tag holds."""
    if what == "epoch":
        return word == "epoch" or _part([word]) is not None
    if what in ("score", "learning_rate") and word.isdigit():
        return True  # mAP50, and one rate of several
    return word in QUALIFYING | WHAT.get(what, frozenset()) | MORE.get(what, frozenset())


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
