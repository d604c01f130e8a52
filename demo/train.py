"""Trains the demo into `demo/logs` and prints the verdicts: the threshold program, with a trial of what each change
brings to it, and the digits."""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from demo import setups, threshold  # noqa: E402

DIGITS_FAULT = "learning_rate_too_high"
SEED = 0


def main() -> None:
    """Trains everything, one line of progress each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logdir", type=Path, default=Path(__file__).parent / "logs")
    logdir: Path = parser.parse_args().logdir
    shutil.rmtree(logdir, ignore_errors=True)
    jobs = [
        (f"threshold/{form}", lambda path, form=form: threshold.train(form, path, SEED)) for form in threshold.FORMS
    ]
    healthy = setups.digits_cnn()
    broken = importlib.import_module(f"demo.faults.{DIGITS_FAULT}").inject(healthy)
    jobs += [
        ("digits/healthy", lambda path: healthy.train(path, SEED).history["accuracy"][-1]),
        (f"digits/{DIGITS_FAULT}", lambda path: broken.train(path, SEED).history["accuracy"][-1]),
    ]
    for number, (name, train) in enumerate(jobs, 1):
        print(f"[{number}/{len(jobs)}] {name} ...", end=" ", flush=True)
        print(f"accuracy {train(str(logdir / name)):.3f}", flush=True)
    print(threshold.tried(str(logdir / "threshold" / "as_asked"), seed=SEED, verbose=1), flush=True)


if __name__ == "__main__":
    main()
