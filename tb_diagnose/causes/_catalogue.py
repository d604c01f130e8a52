"""The contract of a cause, and the catalogue: one file a cause, found by being here."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from tb_diagnose.causes._finding import Answer

FAMILIES = ("configuration", "data", "training", "mechanism", "outcome")
"""In the order of certainty: contradictions first, then data, dynamics, what happens inside, and what comes of it."""
FAULTS = ("configuration", "data", "training")
"""Families of what a person set or fed. A fault is never a consequence of anything."""


@dataclass(frozen=True)
class Cause:
    """A catalogue entry, made by `@cause` from the function and its module; see `cause` for the fields."""

    id: str
    title: str
    family: str
    fix: str
    brings_about: tuple[str, ...]
    looks_like: tuple[str, ...]
    sources: tuple[str, ...]
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    either: tuple[str, ...]
    is_status: str | None
    sets_ceiling: bool
    harms: str
    explains: tuple[str, ...]
    one_output: bool
    doc: str
    judge: Callable[..., Answer]

    @property
    def is_fault(self) -> bool:
        """Whether it is something that a person set or fed."""
        return self.family in FAULTS


def cause(
    *,
    title: str,
    family: str,
    fix: str,
    brings_about: tuple[str, ...] = (),
    looks_like: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    either: tuple[str, ...] = (),
    is_status: str | None = None,
    sets_ceiling: bool = False,
    harms: str = "training",
    explains: tuple[str, ...] = (),
    one_output: bool = False,
) -> Callable[[Callable[..., Answer]], Cause]:
    """Makes a function a cause. Its parameters are names of evidence; one with a default is used where it was logged.

    Args:
        title: The bad state as a noun phrase.
        family: One of `FAMILIES`.
        fix: The first step in general, for the documentation; a finding may say it with the run's own numbers.
        brings_about: Ids of the mechanisms and outcomes that it causes: drawn as the chain.
        looks_like: Ids of faults that leave the same traces. Where both are found, the less certain one is set aside.
        sources: Where the reasoning and the thresholds come from.
        either: Evidence of which one is enough, the best first; each has a default.
        is_status: The status that this finding is: overfitting is what "not generalizing" says.
        sets_ceiling: Whether it limits what anything can reach, so that a run as good as its inputs allow may be held
            by it.
        harms: "training", or "validation" for what leaves the training curve alone.
        explains: Pairs of figures that it makes disagree, of `status/disagreement.py`: "modes", "training" or
            "validation". Where it is named, the headline need not say so.
        one_output: Whether it takes the layers for a chain with one output at its end, or the loss for that of one
            output: models with several are not asked about.

    Raises:
        ValueError: `family`, `harms` or one of `explains` is unknown.
    """
    if family not in FAMILIES:
        raise ValueError(f"`family` is unknown. Expected: one of {FAMILIES}. Received: {family!r}.")
    if harms not in ("training", "validation"):
        raise ValueError(f"`harms` is unknown. Expected: 'training' or 'validation'. Received: {harms!r}.")

    if not set(explains) <= {"modes", "training", "validation"}:
        raise ValueError(f"`explains` is unknown. Expected: modes, training or validation. Received: {explains!r}.")

    def make(function: Callable[..., Answer]) -> Cause:
        parameters = inspect.signature(function).parameters.values()
        return Cause(
            id=function.__name__,
            title=title,
            family=family,
            fix=fix,
            brings_about=brings_about,
            looks_like=looks_like,
            sources=sources,
            needs=tuple(p.name for p in parameters if p.default is p.empty),
            uses=tuple(p.name for p in parameters if p.default is not p.empty),
            either=either,
            is_status=is_status,
            sets_ceiling=sets_ceiling,
            harms=harms,
            explains=explains,
            one_output=one_output,
            doc=inspect.getdoc(inspect.getmodule(function)) or "",
            judge=function,
        )

    return make


def load_catalogue() -> Mapping[str, Cause]:
    """Every cause by id, in the order of the families. Files that begin with an underscore are helpers."""
    package = import_module("tb_diagnose.causes")
    names = sorted(entry.name for entry in pkgutil.iter_modules(package.__path__) if not entry.name.startswith("_"))
    found: dict[str, Cause] = {name: getattr(import_module(f"{package.__name__}.{name}"), name) for name in names}
    order = {id_: (FAMILIES.index(entry.family), id_) for id_, entry in found.items()}
    return {id_: found[id_] for id_ in sorted(found, key=order.__getitem__)}


def reached_from(id_: str) -> frozenset[str]:
    """Ids of every mechanism and outcome that a cause brings about, directly or through others."""
    from tb_diagnose.causes import CATALOGUE

    reached: set[str] = set()
    ahead = [id_]
    while ahead:
        entry = CATALOGUE.get(ahead.pop())
        new = set(entry.brings_about) - reached if entry is not None else set()
        reached |= new
        ahead += sorted(new)
    return frozenset(reached)
