"""The runs of some logdirs as they are read: several processes share the work, a bar shows how far it is."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import Progress

from tb_diagnose import api
from tb_diagnose.cli import rendering
from tb_diagnose.cli.console import say
from tb_diagnose.cli.options import MANY, user_tags
from tb_diagnose.reader import logdir


def rendered_folders(
    options: argparse.Namespace, form: str, console: Console
) -> tuple[int, Iterator[rendering.RenderedFolder]]:
    """About how many runs there are, and what each one's folders give, rendered.

    Args:
        options: From `options.parse`.
        form: "text", "full", "json" or "markdown".
        console: Where text will be printed.

    Raises:
        OSError: a logdir cannot be read.
    """
    by_logdir = []
    for path in options.logdirs:
        folders, problems = logdir.folders(logdir.check(path))
        for problem in problems:
            say(problem)
        by_logdir.append((path, folders))
    count = sum(len(folders) for _, folders in by_logdir)

    def read() -> Iterator[rendering.RenderedFolder]:
        with _progress(count) as advance:
            for path, folders in by_logdir:
                render = partial(
                    rendering.render,
                    logdir=path,
                    prefix=path if len(options.logdirs) > 1 else None,
                    form=form,
                    width=console.width,
                    color=console.is_terminal and form in ("text", "full"),
                    with_html=bool(options.html),
                )
                for folder in api.look_through(folders, options.jobs, render, user_tags(options)):
                    yield folder
                    advance()

    return count, read()


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
