"""What TensorBoard imports at its start. An error here would stop TensorBoard, so there is next to nothing here."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tensorboard.plugins import base_plugin


class DiagnosisLoader(base_plugin.TBLoader):  # type: ignore[misc]
    """Loads the Diagnosis tab."""

    def define_flags(self, parser: Any) -> None:
        """Flags that name the scalars of accuracy and loss, an index, and where verdicts are kept."""
        with suppress(Exception):  # an exception here would stop TensorBoard
            group = parser.add_argument_group("diagnosis plugin")
            for what in ("accuracy", "loss"):
                group.add_argument(
                    f"--diagnosis_{what}_tag",
                    metavar="TAG",
                    action="append",
                    default=[],
                    help=f"a scalar that holds {what} under a name that says something else; may be repeated",
                )
            group.add_argument(
                "--diagnosis_index",
                metavar="DIR",
                default="",
                help="list the runs of an index of `tb-diagnose review` (a folder or an address), not of the logdir",
            )
            group.add_argument(
                "--diagnosis_cache",
                metavar="FOLDER",
                default="",
                help="where verdicts are kept for the next start (default: the user's cache folder); off keeps none",
            )

    def fix_flags(self, flags: Any) -> None:
        """Asks for the full history: TensorBoard keeps 10 or 100 samples a tag for plugins otherwise."""
        with suppress(Exception):  # an exception here would stop TensorBoard
            flags.samples_per_plugin.setdefault("diagnosis", 0)

    def load(self, context: base_plugin.TBContext) -> base_plugin.TBPlugin:
        """The plugin. An error in here is logged by TensorBoard and drops this tab alone."""
        from tb_diagnose.plugin.routes import DiagnosisPlugin

        return DiagnosisPlugin(context)
