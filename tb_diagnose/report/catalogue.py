"""The catalogue of causes: the title of each, its page in Markdown, and the table of all."""

from __future__ import annotations

from tb_diagnose import causes
from tb_diagnose.causes import Cause


def title_of(id_: str) -> str:
    """The title of a cause; the id of one that only another version has."""
    return causes.CATALOGUE[id_].title if id_ in causes.CATALOGUE else id_


def explain(entry: Cause) -> str:
    """One cause as a Markdown page."""
    leads = ", ".join(f"`{id_}`" for id_ in entry.brings_about) or "nothing further"
    sources = "\n".join(f"- {source}" for source in entry.sources)
    either = " or ".join(f"`{name}`" for name in entry.either)
    needs = ", ".join([*(f"`{name}`" for name in entry.needs), *([either] if either else [])])
    uses = ", ".join(f"`{name}`" for name in entry.uses if name not in entry.either)
    return (
        f"# {entry.title}\n\n`{entry.id}`, {entry.family}\n\n{entry.doc}\n\n"
        f"**What to change.** {entry.fix}\n\n**Brings about** {leads}.\n\n"
        f"**Evidence needed:** {needs}."
        + (f" **Used when logged:** {uses}." if uses else "")
        + f"\n\n**Sources**\n\n{sources}\n"
    )


def catalogue_table() -> str:
    """The catalogue as a Markdown table, for the README."""
    rows = ["| id | the cause | family | what to change first |", "| --- | --- | --- | --- |"]
    rows += [f"| `{c.id}` | {c.title} | {c.family} | {c.fix} |" for c in causes.CATALOGUE.values()]
    return "\n".join(rows)
