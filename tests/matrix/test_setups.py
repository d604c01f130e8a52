"""Each setup learns: it reaches nine tenths of what tuned models of scikit-learn reach on the same samples.

The skill of a setup is that of its recorded run, see `recorded.py`.
"""

from __future__ import annotations

import numpy as np
import pytest
import recorded

from demo.matrix import plan
from demo.setups import SETUPS, Setup

TENTHS = 0.9
"""A setup reaches this share of the skill of the best reference: 0 is the best constant answer, 1 a perfect one."""
BOOSTED = 40
"""Columns up to which gradient boosting is tried: on pixels and counts of words it takes long and is never the best."""
NEGATIONS = range(21, 24)
"""Word ids of `tokens_lstm` that turn round the word behind them."""


def ids_counted(x: np.ndarray) -> np.ndarray:
    return np.array([np.bincount(row, minlength=200) for row in x])


def negated_ids_counted(x: np.ndarray) -> np.ndarray:
    negated = np.pad(np.isin(x[:, :-1], NEGATIONS), ((0, 0), (1, 0)))
    return ids_counted(x + 100 * negated)


def spectra(x: np.ndarray) -> np.ndarray:
    """What does not depend on the phase: strength by frequency, and the values in their order."""
    waves = x[..., 0]
    return np.hstack([np.abs(np.fft.rfft(waves)), np.sort(waves), np.sort(np.diff(waves))])


FEATURES = {
    "tokens_conv": ids_counted,
    "tokens_lstm": negated_ids_counted,
    "signals_conv": spectra,
    "images_conv": lambda x: x[:, ::2, ::2].reshape(len(x), -1),
}
"""Inputs that the reference models can use, where the samples are not a table; the others are taken flat."""
_KNOWN: dict[bytes, dict[str, float]] = {}
"""References by the samples that they were made from: three setups have the digits."""


def skill(predicted: np.ndarray, y: np.ndarray, form: str) -> float:
    """Share of the way from the best constant answer for `y` to a perfect one."""
    if form == "continuous":
        return 1 - ((predicted - y) ** 2).mean() / y.var()
    constant = np.maximum(y.mean(0), 1 - y.mean(0)).mean() if form == "labels" else np.bincount(y).max() / len(y)
    return ((predicted == y).mean() - constant) / (1 - constant)


def reference(setup: Setup, form: str) -> dict[str, float]:
    """Skill of each tuned model on the validation samples."""
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.model_selection import GridSearchCV
    from sklearn.multioutput import MultiOutputClassifier
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    continuous = form == "continuous"
    nearest, boosting = (
        (KNeighborsRegressor, HistGradientBoostingRegressor)
        if continuous
        else (KNeighborsClassifier, HistGradientBoostingClassifier)
    )
    linear = (
        RidgeCV(np.logspace(-3, 3, 7))
        if continuous
        else GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.01, 0.1, 1, 10]}, cv=3)
    )
    models = {
        "linear": make_pipeline(StandardScaler(), linear),
        "neighbours": GridSearchCV(nearest(), {"n_neighbors": [1, 3, 5, 11, 21]}, cv=3),
    }
    features = FEATURES.get(setup.name, lambda x: x.reshape(len(x), -1))
    y, validation_y = _targets(setup, form)
    x, validation = features(setup.x), features(setup.validation[0])
    key = x.tobytes() + y.tobytes()
    if key in _KNOWN:
        return _KNOWN[key]
    if x.shape[1] <= BOOSTED:
        models["boosting"] = GridSearchCV(boosting(max_iter=60, random_state=0), {"max_leaf_nodes": [4, 16]}, cv=3)
    skills: dict[str, float] = {}
    for name, model in models.items():
        if form == "labels":
            model = MultiOutputClassifier(model)
        skills[name] = float(skill(model.fit(x, y).predict(validation), validation_y, form))
    _KNOWN[key] = skills
    return skills


def form_of(setup: Setup) -> str:
    """ "continuous", "labels" (several a sample) or "class"."""
    if setup.y.dtype.kind == "f" and setup.y.ndim == 1:
        return "continuous"
    return "labels" if setup.y.ndim == 2 and (setup.y.sum(axis=1) != 1).any() else "class"


def _targets(setup: Setup, form: str) -> tuple[np.ndarray, np.ndarray]:
    both = setup.y, setup.validation[1]
    if form == "class" and setup.y.ndim == 2:
        return both[0].argmax(axis=1), both[1].argmax(axis=1)
    return both if form == "continuous" else (both[0].astype(int), both[1].astype(int))


@pytest.mark.slow
@pytest.mark.parametrize("name", SETUPS)
def test_a_setup_reaches_what_tuned_models_reach(name):
    setup = SETUPS[name]()
    form = form_of(setup)
    best = reference(setup, form)
    reached = recorded.load(plan.twins([name], [recorded.SEED])[0]).outcome["score"]
    assert reached >= TENTHS * max(best.values()), f"{name} reaches {reached:.3f}; the references {best}."


@pytest.mark.parametrize("name", SETUPS)
def test_a_setup_is_whole(name):
    setup = SETUPS[name]()
    assert setup.name == name
    assert len(setup.x) == len(setup.y) and len(setup.validation[0]) == len(setup.validation[1])
    assert setup.x.shape[1:] == setup.validation[0].shape[1:] and setup.y.shape[1:] == setup.validation[1].shape[1:]
    assert SETUPS[name]().x.tobytes() == setup.x.tobytes(), "the samples are the same each time"
