"""All scalars of a run -> for each quantity the one tag that says it most plainly."""

from __future__ import annotations

from collections.abc import Mapping

from tb_diagnose.reader.points import Chosen, Points
from tb_diagnose.reader.tag_names import WHAT, Recognised, UserTags, recognised, words

KERAS = "epoch_"
"""What `keras.callbacks.TensorBoard` puts before each metric; its steps are epochs from 0."""
SCORES = ("score", "val_score")
Rank = tuple[int, ...]
"""Of several tags for the same quantity the one with the lowest rank is taken."""


def choose(scalars: Mapping[str, Mapping[str, Points]], user_tags: UserTags) -> Chosen:
    """For each quantity the tag that says it most plainly, whole epochs before single batches.

    Args:
        scalars: By TensorBoard run and tag.
        user_tags: Names that the user has given.
    """
    keras = any(tag == f"{KERAS}loss" for tags in scalars.values() for tag in tags)
    chosen = Chosen(keras=keras)
    best: dict[str, Rank] = {}
    for run, tags in sorted(scalars.items()):
        meanings = recognised(tags, run, user_tags)
        for tag, points in sorted(tags.items()):
            named = _named(tag, run, meanings.get(tag), keras, user_tags)
            if named is None or not len(points.steps):
                continue
            name, rank = named
            if name in best and best[name] <= rank:
                continue
            best[name], chosen.points[name], chosen.written[name] = rank, points, tag
            if tag in meanings:
                chosen.tags[name] = meanings[tag]
    if len({_score(chosen.written[name]) for name in SCORES if name in chosen.written}) > 1:
        del chosen.points["score"]  # a recall in training and an F1 on validation samples are two things
    return chosen


def _score(tag: str) -> frozenset[str]:
    """The words that say which score a tag holds."""
    return WHAT["score"] & set(words(tag))


def _named(tag: str, run: str, meaning: Recognised | None, keras: bool, user_tags: UserTags) -> tuple[str, Rank] | None:
    """Keras's name of what a tag holds, and its rank; None for what is not read."""
    if meaning is not None and tag in (*user_tags.accuracy, *user_tags.loss):
        return _name(meaning), (-1,)
    if keras and tag.startswith(KERAS):
        return _keras_name(tag.removeprefix(KERAS), run), (0,)
    if meaning is None or (keras and tag.startswith("evaluation_")):
        return None
    per = ("epoch", None, "batch").index(meaning.per)
    return _name(meaning), (1, per, meaning.qualifiers, not meaning.explicit)


def _name(meaning: Recognised) -> str:
    validation = meaning.part == "validation" and meaning.what in ("loss", "accuracy", "score")
    return ("val_" if validation else "") + meaning.what


def _keras_name(metric: str, run: str) -> str:
    """Keras's own name: TF 1 and 2 wrote `epoch_val_loss`, and `epoch_lr`."""
    if metric == "lr":
        return "learning_rate"
    validation = metric.startswith("val_") or run.rpartition("/")[2] == "validation"
    return ("val_" if validation else "") + metric.removeprefix("val_")
