"""TensorBoard runs -> the runs that they are parts of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tb_diagnose import event_file
from tb_diagnose.reader.tag_names import NO_TAGS, Recognised, UserTags, is_part, part_of, recognised

STAMP = r"\d{10}\.\d+"
TELLING = ("loss", "accuracy", "score", "reward")
"""What makes scalars a run; a learning rate alone does not."""
NAMED_TAGS = 10
"""Tags that a message names."""


@dataclass(frozen=True)
class Index:
    """What TensorBoard lists, each by run and tag: one look at its index.

    Args:
        tensors: Tensors of this plugin.
        scalars: Scalars.
        hparams: Runs of the HParams tab.
    """

    tensors: Mapping[str, Mapping[str, Any]]
    scalars: Mapping[str, Mapping[str, Any]]
    hparams: Collection[str]


def index(provider: Any, ctx: Any, experiment: str) -> Index:
    """Lists all runs.

    Args:
        provider: TensorBoard data provider.
        ctx: TensorBoard request context.
        experiment: Experiment id, "" outside a server.
    """
    return Index(
        provider.list_tensors(ctx, experiment_id=experiment, plugin_name=event_file.PLUGIN),
        provider.list_scalars(ctx, experiment_id=experiment, plugin_name="scalars"),
        list(provider.list_tensors(ctx, experiment_id=experiment, plugin_name="hparams")),
    )


def names(listed: Index, user_tags: UserTags = NO_TAGS) -> dict[str, list[str]]:
    """Names of the runs and the TensorBoard runs of each, by name.

    `a/train`, `a/validation`, `a/diagnosis` and `a/Loss_val` are parts of the run `a`.

    Args:
        listed: From `index`.
        user_tags: Names of scalars that the user has given.
    """
    read = {run: _read_of(tags, last(run), user_tags) for run, tags in listed.scalars.items()}
    whole = {run for run, meanings in read.items() if len({each.part for each in meanings if each.explicit}) > 1}
    every = {*listed.tensors, *(run for run, meanings in read.items() if meanings)}
    grouped: dict[str, list[str]] = {}
    for run in sorted(every):
        grouped.setdefault(_run_of(run, every, whole), []).append(run)
    # Keras writes hyperparameters into the folder of the run, PyTorch into one below it that is named by the time.
    for run in sorted(listed.hparams):
        if re.fullmatch(STAMP, last(run)) and above(run) in grouped:
            grouped[above(run)].extend(part for part in grouped.pop(run, []) if part != run)
            grouped[above(run)].append(run)
        elif run in grouped and run not in grouped[run]:
            grouped[run].append(run)
    return dict(sorted(grouped.items()))


def _run_of(run: str, every: Collection[str], whole: Collection[str]) -> str:
    """The run that a TensorBoard run belongs to: the folder above for a part of one, itself otherwise.

    Args:
        run: Name of the run.
        every: Names of all runs.
        whole: Those that hold training and validation both.
    """
    if last(run) == event_file.RUN:
        return above(run)
    if not is_part(last(run)) or run in whole:
        return run
    # `test` or `val` alone may be any run's name; beside `train`, or below another part of a run, it is a part.
    beside = {last(other) for other in every if above(other) == above(run) and other not in whole}
    is_train = "train" in {part_of(name) for name in beside if is_part(name)}
    return above(run) if is_train or above(run) in every or event_file.RUN in beside else run


def tags(listed: Index) -> list[str]:
    """Names of all scalars."""
    return sorted({tag for of_run in listed.scalars.values() for tag in of_run})


def nothing(tags_there: Sequence[str], where: str) -> str:
    """One sentence for logs in which no run was recognised: what was there instead.

    Args:
        tags_there: Names of the scalars that were there.
        where: The logdir.
    """
    if not tags_there:
        return (
            f"No run was found in {where}: no run was logged by tb_diagnose or keras.callbacks.TensorBoard, and there "
            "are no scalars."
        )
    named = ", ".join(map(repr, tags_there[:NAMED_TAGS]))
    more = f" and {len(tags_there) - NAMED_TAGS:,} more" if len(tags_there) > NAMED_TAGS else ""
    return (
        f"No run was found in {where}: none of the scalars looks like a loss or an accuracy. There are "
        f"{named}{more}; `tb-diagnose --loss-tag` and `--accuracy-tag` say which to read, "
        "`tensorboard --diagnosis_loss_tag` and `--diagnosis_accuracy_tag` for the tab."
    )


def last(run: str) -> str:
    """The last part of a run's name."""
    return run.rpartition("/")[2]


def above(run: str) -> str:
    """The name without its last part, "." where there is no other."""
    return run.rpartition("/")[0] or "."


def named_like_a_part(run: str) -> bool:
    """Whether a TensorBoard run's name says that it holds a part of a run only."""
    return last(run) == event_file.RUN or is_part(last(run))


def _read_of(tags: Iterable[str], run: str, user_tags: UserTags) -> list[Recognised]:
    """What is read of the scalars of a TensorBoard run: empty where none of them makes it a run."""
    return [each for each in recognised(tags, run, user_tags).values() if each.what in TELLING]
