"""One run of an index, read whole: from its event files, wherever they are."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence

from tb_diagnose import api, storage
from tb_diagnose.event_data import EMPTY
from tb_diagnose.fleet.store import reached, store_of
from tb_diagnose.reader.logdir import Folder
from tb_diagnose.reader.tag_names import NO_TAGS, UserTags


def opened_run(logdir: str, folder: str, parts: Sequence[str], user_tags: UserTags = NO_TAGS) -> api.Look:
    """What is in the folders of a run.

    Args:
        logdir: The logdir.
        folder: Name of the run.
        parts: TensorBoard runs that it is made of.
        user_tags: Names of scalars that the user has given.

    Raises:
        OSError: it cannot be reached.
    """
    if not storage.is_remote(logdir):
        return api.look(Folder(folder, {part: os.path.join(logdir, part) for part in parts}), user_tags)
    with tempfile.TemporaryDirectory(prefix="tb_diagnose") as kept:
        places = {}
        filesystem, root = store_of(logdir)
        with reached(logdir):
            for part in parts:
                source = root if part == "." else f"{root}/{part}"
                places[part] = os.path.join(kept, part)
                os.makedirs(places[part], exist_ok=True)
                names = [path for path in filesystem.ls(source, detail=False) if _is_event_file(path)]
                filesystem.get(names, [os.path.join(places[part], os.path.basename(name)) for name in names])
        return api.look(Folder(folder, places), user_tags)


def _is_event_file(path: str) -> bool:
    name = os.path.basename(path)
    return "tfevents" in name and not name.endswith(EMPTY)
