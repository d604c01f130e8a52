"""What is trained: faults x levels x setups x seeds, healthy twins, healthy programs and pairs of faults."""

from __future__ import annotations

import ast
import hashlib
import importlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import demo
from demo import healthy
from demo.matrix import HELD_ASIDE_SEEDS, HELD_ASIDE_SETUPS
from demo.setups import SETUPS, NotApplicable, Setup

DEMO = Path(demo.__file__).parent
TWIN, ON_PURPOSE = "healthy", "healthy_on_purpose"
"""The name in place of a fault for a setup as it is, and for a program of `demo/healthy.py`."""
SEEDS = (0, 1, 2, 3, 4)
PAIRED = {
    "configuration": ("output_activation", "poor_initialization", "frozen_layers", "excessive_regularization"),
    "data": ("unscaled_inputs", "constant_inputs", "shuffled_labels", "imbalanced_classes"),
    "training": ("learning_rate_too_high", "learning_rate_too_low", "batch_size_too_large", "optimizer_unsuited"),
}
"""Strong faults, each a single change; those of different families are tried together."""
PAIRS_ON = ("digits_cnn", "threshold_logits", "tabular_classes")
PAIR_SEEDS = (0,)


@dataclass(frozen=True)
class Job:
    """One run.

    Args:
        fault: Id of the fault, two with "+" between them, `TWIN` or `ON_PURPOSE`.
        level: Name of the fault's severity, or of the program.
        setup: Name of the setup.
        seed: Random seed.
    """

    fault: str
    level: str
    setup: str
    seed: int

    @property
    def path(self) -> str:
        return f"{self.fault}/{self.level}/{self.setup}/{self.seed}"

    @property
    def faults(self) -> tuple[str, ...]:
        """Ids of the faults that are injected."""
        return () if self.fault in (TWIN, ON_PURPOSE) else tuple(self.fault.split("+"))

    @property
    def held_aside(self) -> bool:
        return self.setup in HELD_ASIDE_SETUPS or self.seed in HELD_ASIDE_SEEDS

    @property
    def twin(self) -> Job:
        return Job(TWIN, "as_it_is", self.setup, self.seed)


def fault_ids() -> list[str]:
    """Ids of all faults, by their files."""
    return sorted(path.stem for path in (DEMO / "faults").glob("*.py") if path.stem != "__init__")


@lru_cache(None)
def fault(id_: str) -> ModuleType:
    """The file of one fault."""
    return importlib.import_module(f"demo.faults.{id_}")


def level_name(arguments: Mapping[str, Any]) -> str:
    """The arguments of `inject` as the name of a folder."""
    shown = (
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in arguments.items()
    )
    return re.sub(r"[^\w.,=+-]+", "_", ",".join(shown)) or "only"


def levels(id_: str) -> dict[str, Mapping[str, Any]]:
    """Arguments of `inject` by name, the mildest first."""
    return {level_name(arguments): arguments for arguments in fault(id_).LEVELS}


def strongest(id_: str) -> str:
    """Name of the strongest level of a fault."""
    return list(levels(id_))[-1]


def jobs(
    ids: Iterable[str],
    setups: Sequence[str],
    seeds: Sequence[int],
    *,
    which: str = "in_turn",
    programs: bool = False,
    pairs: bool = False,
) -> list[Job]:
    """Faults on setups and their twins, with the programs that are healthy on purpose and two faults at once.

    Args:
        ids: As for `fault_jobs`.
        setups: Names of setups.
        seeds: Random seeds.
        which: As for `fault_jobs`.
        programs: Whether with the programs.
        pairs: Whether with two faults at once.
    """
    found = fault_jobs(ids, setups, seeds, which)
    found += program_jobs(setups, seeds) if programs else []
    return found + (pair_jobs(setups) if pairs else [])


def fault_jobs(ids: Iterable[str], setups: Sequence[str], seeds: Sequence[int], which: str = "in_turn") -> list[Job]:
    """Faults on setups, and their twins. Seed by seed, so that a run that was stopped tells a little of everything.

    The twins are of all seeds: by how far they differ it is told what harm is.

    Args:
        ids: Ids of faults.
        setups: Names of setups.
        seeds: Random seeds.
        which: "in_turn" trains one level of a fault on a setup and seed. The levels take turns over both, so that five
            seeds show each of up to five levels on each setup. "all" trains every level, "strongest" the last one.
    """
    jobs = twins(setups, SEEDS)
    places = {name: place for place, name in enumerate(SETUPS)}
    for seed in seeds:
        for id_ in ids:
            names = list(levels(id_))
            for setup in setups:
                turn = -1 - (seed + places[setup]) % len(names)
                chosen = {"in_turn": [names[turn]], "all": names, "strongest": names[-1:]}[which]
                jobs += [Job(id_, level, setup, seed) for level in chosen]
    return jobs


def twins(setups: Sequence[str], seeds: Sequence[int]) -> list[Job]:
    return [Job(TWIN, "as_it_is", setup, seed) for setup, seed in itertools.product(setups, seeds)]


def program_jobs(setups: Sequence[str], seeds: Sequence[int]) -> list[Job]:
    """The programs that are healthy on purpose."""
    return [
        Job(ON_PURPOSE, name, setup, seed)
        for seed in seeds
        for name, program in healthy.PROGRAMS.items()
        for setup in program.setups
        if setup in setups
    ]


def pair_jobs(setups: Sequence[str]) -> list[Job]:
    """Two faults of different families at once, at their strongest levels."""
    known = set(fault_ids())
    return [
        Job(f"{one}+{other}", "strongest", setup, seed)
        for seed in PAIR_SEEDS
        for first, second in itertools.combinations(PAIRED.values(), 2)
        for one, other in itertools.product(first, second)
        if {one, other} <= known
        for setup in PAIRS_ON
        if setup in setups
    ]


@lru_cache(None)
def base(name: str) -> Setup:
    """A setup as it is. Its arrays are shared by all runs of a process, so nobody may write to them."""
    setup = SETUPS[name]()
    for array in (setup.x, setup.y, *setup.validation):
        array.setflags(write=False)
    return setup


def build(job: Job) -> Setup:
    """The setup to train. Raises NotApplicable where its fault makes no sense."""
    setup = base(job.setup)
    if job.fault == ON_PURPOSE:
        return healthy.PROGRAMS[job.level].change(setup)
    for id_ in job.faults:
        name = strongest(id_) if len(job.faults) > 1 else job.level
        setup = fault(id_).inject(setup, **levels(id_)[name])
        if setup is base(job.setup):
            raise NotApplicable("nothing was changed")
    return setup


def recipe(job: Job) -> str:
    """A number for the code that makes the setup of a job: what was trained from other code is trained anew.

    `Setup` itself and the recorder are left out: who changes how all are trained begins with an empty folder.
    """
    parts = [_code(DEMO / "setups.py", (job.setup,))]
    parts += [_code(DEMO / "faults" / f"{id_}.py", ("inject",)) for id_ in job.faults]
    if len(job.faults) > 1:
        parts += [strongest(id_) for id_ in job.faults]
    if job.fault == ON_PURPOSE:
        parts.append(_code(DEMO / "healthy.py", (job.level,)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@lru_cache(None)
def _code(path: Path, names: tuple[str, ...]) -> str:
    """The definitions of these names and of all in `demo` that they use; without comments, docstrings and layout."""
    dumped: dict[tuple[Path, str], str] = {}
    ahead = [(path, name) for name in names]
    while ahead:
        place = ahead.pop()
        node = _definitions(place[0]).get(place[1])
        if node is None or place in dumped or place[1] == Setup.__name__:
            continue
        if isinstance(node, tuple):
            ahead.append(node)
            continue
        for inner in ast.walk(node):
            if isinstance(inner, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(inner) is not None:
                del inner.body[0]
        dumped[place] = ast.dump(node)
        ahead += [(place[0], used.id) for used in ast.walk(node) if isinstance(used, ast.Name)]
    return "\n".join(f"{place[0].stem}.{place[1]} {dumped[place]}" for place in sorted(dumped))


@lru_cache(None)
def _definitions(path: Path) -> dict[str, ast.stmt | tuple[Path, str]]:
    """What a file defines by name; for what it imports from `demo`, the file and the name there."""
    defined: dict[str, ast.stmt | tuple[Path, str]] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined[node.name] = node
        elif isinstance(node, ast.Assign):
            defined |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("demo."):
            source = DEMO.joinpath(*str(node.module).split(".")[1:]).with_suffix(".py")
            if source.is_file():
                defined |= {alias.asname or alias.name: (source, alias.name) for alias in node.names}
    return defined
