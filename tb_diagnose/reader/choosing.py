"""All scalars of a run -> for each quantity the one tag that says it most plainly."""

from __future__ import annotations

from collections.abc import Mapping

from tb_diagnose.reader.points import Chosen, Points
from tb_diagnose.reader.tag_names import Recognised, UserTags, recognise

KERAS = "epoch_"
"""What `keras.callbacks.TensorBoard` puts before each metric; its steps are epochs from 0."""
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
        for tag, points in sorted(tags.items()):
            recognised = recognise(tag, run, user_tags)
            named = _named(tag, run, recognised, keras, user_tags)
            if named is None or not len(points.steps):
                continue
            name, rank = named
            if name in best and best[name] <= rank:
                continue
            best[name], chosen.points[name] = rank, points
            if recognised is not None:
                chosen.tags[name] = recognised
    return chosen


def _named(
    tag: str, run: str, recognised: Recognised | None, keras: bool, user_tags: UserTags
) -> tuple[str, Rank] | None:
    """Keras's name of what a tag holds, and its rank; None for what is not read."""
    if recognised is not None and tag in (*user_tags.accuracy, *user_tags.loss):
        return _name(recognised), (-1,)
    if keras and tag.startswith(KERAS):
        return _keras_name(tag.removeprefix(KERAS), run), (0,)
    if recognised is None or (keras and tag.startswith("evaluation_")):
        return None
    per = ("epoch", None, "batch").index(recognised.per)
    return _name(recognised), (1, per, recognised.qualifiers, not recognised.explicit)


def _name(recognised: Recognised) -> str:
    validation = recognised.part == "validation" and recognised.what in ("loss", "accuracy")
    return ("val_" if validation else "") + recognised.what


def _keras_name(metric: str, run: str) -> str:
    """Keras's own name: TF 1 and 2 wrote `epoch_val_loss`, and `epoch_lr`."""
    if metric == "lr":
        return "learning_rate"
    validation = metric.startswith("val_") or run.rpartition("/")[2] == "validation"
    return ("val_" if validation else "") + metric.removeprefix("val_")
