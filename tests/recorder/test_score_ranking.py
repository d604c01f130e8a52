"""Ranking against a naive count over all pairs and all thresholds."""

import numpy as np
import pytest

from tb_diagnose.recorder import ranking


def drawn(seed, samples=30):
    rng = np.random.default_rng(seed)
    positive = rng.random(samples) < 0.4
    positive[:2] = True, False
    return rng.integers(0, 8, samples) / 3, positive  # with ties


@pytest.mark.parametrize("seed", range(8))
def test_auc_is_the_share_of_pairs_in_the_right_order(seed):
    scores, positive = drawn(seed)
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[positive] for b in scores[~positive]]
    assert ranking.auc(scores, positive) == pytest.approx(np.mean(pairs))
    assert ranking.auc(-scores, positive) == pytest.approx(1 - np.mean(pairs))


@pytest.mark.parametrize("seed", range(8))
def test_the_best_threshold_is_the_best_of_all(seed):
    scores, positive = drawn(seed)
    threshold, share = ranking.best_threshold(scores, positive)
    right = [((scores > at) == positive).mean() for at in np.append(scores, scores - 1e-9)]
    assert share == pytest.approx(max(*right, 1 - min(right)))
    at_it = [(side == positive).mean() for side in (scores > threshold, scores < threshold)]
    assert max(at_it) == pytest.approx(share) or scores.min() <= threshold <= scores.max()


def test_what_has_one_kind_only_has_no_order():
    assert np.isnan(ranking.auc(np.arange(3.0), np.ones(3, bool)))
    assert np.isnan(ranking.auc(np.array([0.0, np.nan]), np.array([True, False])))
    columns = np.array([[True, True], [False, True], [True, True]])
    assert ranking.mean_auc(np.array([[2.0, 1], [1, 1], [3, 1]]), columns) == 1


def test_the_error_of_a_random_order():
    rng = np.random.default_rng(0)
    positive = rng.random((400, 1)) < 0.1
    drawn_ = [ranking.mean_auc(rng.normal(size=(400, 1)), positive) for _ in range(300)]
    assert ranking.mean_auc_error(drawn_, positive) == pytest.approx(np.std(drawn_), rel=0.2)
    several = rng.random((400, 12)) < 0.1
    scores = rng.normal(size=(400, 12))
    alike = ranking.mean_auc_error(np.tile(scores[:, :1], 12), np.tile(several[:, :1], 12))
    # Twelve columns that err alike are no surer than one, twelve that do not are surer.
    assert alike > 2 * ranking.mean_auc_error(scores, several)
