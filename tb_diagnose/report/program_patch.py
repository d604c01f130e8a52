"""What a diagnosis changes in the user's own files."""

from __future__ import annotations

from tb_diagnose.diagnosis.result import Diagnosis
from tb_diagnose.fixes.patch import Patch, patch
from tb_diagnose.report.wording import worded


def program_patch(diagnosis: Diagnosis) -> Patch:
    """The diff of what a trial has proven, or else of all probable causes together, of the files in the working
    directory."""
    findings = [
        (named.cause.title, named.finding, named.finding.fix or named.cause.fix)
        for named in worded(diagnosis).to_change
    ]
    return patch(findings, diagnosis.evidence.facts)
