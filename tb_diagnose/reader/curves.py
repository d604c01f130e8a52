"""Scalars that any program wrote -> the curves of each run: loss, accuracy and learning rate over epochs or steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from tb_diagnose.reader.axis import Curves as Curves
from tb_diagnose.reader.axis import aligned
from tb_diagnose.reader.choosing import choose
from tb_diagnose.reader.points import Points as Points
from tb_diagnose.reader.restarts import by_stretch, counts_anew, last_written, runs_of
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags


def curves(scalars: Mapping[str, Mapping[str, Points]], user_tags: UserTags = NO_TAGS) -> list[Curves]:
    """The runs that were logged into some TensorBoard runs, the oldest first; empty when nothing is recognised.

    Args:
        scalars: By TensorBoard run and tag.
        user_tags: Names that the user has given.
    """
    chosen = choose(scalars, user_tags)
    main = chosen.main
    if main is None:
        return []
    if counts_anew(chosen.points[main]):
        return [aligned(by_stretch(chosen, main))]
    runs = [run for run in runs_of(chosen, main) if run.main is not None]
    return [
        aligned(dataclasses.replace(run, points={name: last_written(points) for name, points in run.points.items()}))
        for run in runs
    ]
