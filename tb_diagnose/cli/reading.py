"""The runs of some logdirs as they are read: several processes share the work, a bar shows how far it is."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import Progress

from tb_diagnose import api
from tb_diagnose.cli import rendering
from tb_diagnose.cli.console import say
from tb_diagnose.cli.options import MANY, user_tags
from tb_diagnose.reader import logdir


def find(options: argparse.Namespace) -> list[tuple[str, list[logdir.Folder]]]:
    """The logdirs that were asked for, each with the folders of its runs.

    Args:
        options: From `options.parse`.

    Raises:
        OSError: a logdir cannot be read.
    """
    found = []
    for path in options.logdirs:
        folders, problems = logdir.folders(logdir.check(path))
        for problem in problems:
            say(problem)
        found.append((path, folders))
    return found


def rendered_folders(
    found: Sequence[tuple[str, Sequence[logdir.Folder]]], options: argparse.Namespace, form: str, console: Console
) -> Iterator[rendering.RenderedFolder]:
    """What each run's folders give, rendered.

    Args:
        found: From `find`.
        options: From `options.parse`.
        form: "text", "full", "json", "markdown", "brief", or "line" where no report is wanted.
        console: Where text will be printed.
    """
    with _progress(sum(len(folders) for _, folders in found)) as advance:
        for path, folders in found:
            render = partial(
                rendering.render,
                logdir=path,
                prefix=path if len(options.logdirs) > 1 else None,
                form=form,
                width=console.width,
                color=console.is_terminal and form in ("text", "full"),
                with_html=bool(options.html),
                class_names=options.class_names,
            )
            for folder in api.look_through(folders, options.jobs, render, user_tags(options)):
                yield folder
                advance()


@contextmanager
def _progress(count: int) -> Iterator[Callable[[], None]]:
    """A bar on the terminal's error stream, where somebody looks at it and there is something to wait for."""
    terminal = Console(stderr=True)
    if count <= MANY or not terminal.is_terminal:
        yield lambda: None
        return
    with Progress(console=terminal, transient=True) as progress:
        task = progress.add_task("Reading runs", total=count)
        yield lambda: progress.advance(task)
