"""What TensorBoard imports at its start. An error here would stop TensorBoard, so there is next to nothing here."""

from __future__ import annotations

from typing import Any

from tensorboard.plugins import base_plugin


class DiagnosisLoader(base_plugin.TBLoader):
    """Loads the Diagnosis tab."""

    def fix_flags(self, flags: Any) -> None:
        """Asks for the full history: TensorBoard keeps 10 or 100 samples a tag for plugins otherwise."""
        try:
            flags.samples_per_plugin.setdefault("diagnosis", 0)
        except Exception:  # noqa: BLE001 - an exception here would stop TensorBoard
            pass

    def load(self, context: base_plugin.TBContext) -> base_plugin.TBPlugin:
        """The plugin. An error in here is logged by TensorBoard and drops this tab alone."""
        from tb_diagnose.plugin import DiagnosisPlugin

        return DiagnosisPlugin(context)
