"""Repeats within and between epochs, against naive counts; and what is noted of a stream of batches."""

from __future__ import annotations

import numpy as np
import pytest

from tb_diagnose.recorder import batches as batches_module
from tb_diagnose.recorder import repeats
from tb_diagnose.recorder.batches import LATER_BATCHES, Batches
from tb_diagnose.recorder.data import concatenated, leaves, map_leaves

RNG = np.random.default_rng(0)


def drawn(count, among=12, size=5):
    """Batches of samples that repeat now and then: (inputs, labels)."""
    return [(RNG.integers(0, among, (size, 1)).astype("float32"), RNG.integers(0, 2, size)) for _ in range(count)]


def keys(given):
    noted = Batches("generator")
    for batch in given:
        noted.note(batch)
    assert noted.error is None
    return noted._keys


def naive_repeats(given):
    seen, repeated, count = set(), 0, 0
    for x, _ in given:
        values = x[:, 0].tolist()
        repeated += sum(value in seen for value in values)
        count += len(values)
        seen |= set(values)
    return repeated / count


def naive_news(given, first):
    known = {value for x, _ in first for value in x[:, 0].tolist()}
    values = [value for x, _ in given for value in x[:, 0].tolist()]
    return sum(value not in known for value in values) / len(values)


def naive_changes(given, first):
    pairs = {pair for x, y in first for pair in zip(x[:, 0].tolist(), y.tolist(), strict=True)}
    known = {value for value, _ in pairs}
    again = [p for x, y in given for p in zip(x[:, 0].tolist(), y.tolist(), strict=True) if p[0] in known]
    return sum(pair not in pairs for pair in again) / len(again)


@pytest.mark.parametrize("among", [3, 12, 200])
def test_the_shares_are_those_of_naive_counts(among):
    first, later = drawn(4, 12), drawn(6, among)
    known = repeats.known(keys(first))
    assert repeats.repeat_fraction(keys(later)) == pytest.approx(naive_repeats(later))
    assert repeats.new_input_fraction(keys(later), known) == pytest.approx(naive_news(later, first))
    noted = Batches("generator")
    for batch in later:
        noted.note(batch)
    assert noted.distinct_input_count == len({value for x, _ in later for value in x[:, 0].tolist()})
    assert repeats.label_change_fraction(keys(later), known) == pytest.approx(naive_changes(later, first))


def naive_moved(given):
    """The share by a look at all pairs of neighbours."""
    seen = [(x[i, 0], x[i + 1, 0], i) for x, _ in given for i in range(len(x) - 1)]
    moved = 0
    for value, _, _ in seen:
        behind = {after for other, after, _ in seen if other == value}
        moved += len(behind) == 1 and len({place for other, _, place in seen if other == value}) > 1
    return moved / len(seen)


@pytest.mark.parametrize("step", [1, 2, 6])
def test_how_many_samples_overlapping_batches_give(step):
    x = np.arange(60.0).reshape(-1, 1)
    given = [(x[i : i + 6], x[i : i + 6, 0]) for i in RNG.permutation(np.arange(0, 54, step))]
    assert repeats.moved_fraction(keys(given)) == pytest.approx(naive_moved(given))
    assert (repeats.moved_fraction(keys(given)) > 0.9) == (step < 6)
    by_chance = drawn(40)
    assert repeats.moved_fraction(keys(by_chance)) == pytest.approx(naive_moved(by_chance))
    assert naive_moved(by_chance) < 0.2
    assert repeats.moved_fraction(keys(drawn(1))) is None


def test_what_cannot_be_told_is_left_out():
    one, nothing = keys(drawn(1)), repeats.known([])
    assert repeats.repeat_fraction(one) is None
    assert repeats.new_input_fraction([], nothing) is None
    assert repeats.label_change_fraction(one, nothing) is None  # no input is known
    assert repeats.label_change_fraction(keys([(x,) for x, _ in drawn(3)]), repeats.known(one)) is None


def epochs(noted, count, steps, batch):
    """Passes batches as a step takes them, and says the series of each epoch."""
    found = []
    for epoch in range(count):
        noted.begin_epoch()
        for index in range(steps):
            if noted.wants(index):
                noted.note(batch(epoch, index))
        if epoch == 0:
            noted.data()
            found.append(noted.series())
            noted.go_on(steps)
        else:
            found.append(noted.series())
    return found


@pytest.mark.parametrize("steps", [2, 10, 35, 300])
def test_fixed_fresh_and_repeated_batches_are_told_apart(steps):
    x, y = np.arange(4.0 * steps).reshape(-1, 1), np.arange(4 * steps) % 2
    part = lambda index: slice(4 * index, 4 * index + 4)  # noqa: E731
    fixed = epochs(Batches("generator"), 3, steps, lambda _, i: (x[part(i)], y[part(i)]))
    unchanged = {"observed_repeat_fraction": 0.0, "observed_new_input_fraction": 0.0}
    assert fixed[1:] == [{**unchanged, "observed_label_change_fraction": 0.0}] * 2
    fresh = epochs(Batches("generator"), 3, steps, lambda e, i: (x[part(i)] + e / 10, y[part(i)]))
    assert fresh[1:] == [{"observed_repeat_fraction": 0.0, "observed_new_input_fraction": 1.0}] * 2
    same = epochs(Batches("generator"), 3, steps, lambda *_: (x[:4], y[:4]))
    assert same[0]["observed_repeat_fraction"] == pytest.approx(1 - 1 / steps)
    assert same[1]["observed_repeat_fraction"] >= 0.5 and same[1]["observed_new_input_fraction"] == 0
    turned = epochs(Batches("generator"), 2, steps, lambda e, i: (x[part(i)], (y[part(i)] + e) % 2))
    assert turned[1]["observed_label_change_fraction"] == 1


def test_few_batches_of_later_epochs_are_looked_at():
    asked = []
    epochs(Batches("generator"), 3, 300, lambda e, i: (asked.append((e, i)), drawn(1)[0])[1])
    assert [sum(epoch == e for e, _ in asked) for epoch in range(3)] == [300, LATER_BATCHES, LATER_BATCHES]


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(batches_module.memory, "available", lambda: 8 * 10 * 480)
    noted = Batches("generator")
    for _ in range(50):
        noted.note((np.zeros((10, 10), "float32"), np.zeros(10)))
    assert sum(a.nbytes for batch in noted._kept for a in batch.arrays) <= 10 * 480
    assert noted.batch_count == 50
    data = noted.data()
    assert data.sample_count == 100 and not data.whole  # ten batches of 480 bytes
    monkeypatch.setattr(batches_module, "MOST_KEYS", 40)
    noted, many = Batches("generator"), Batches("generator")
    (first, *_) = epochs(noted, 1, 50, lambda *_: drawn(1)[0])
    for batch in drawn(50):
        many.note(batch)
    assert first and "observed_new_input_fraction" not in noted.series()  # of the first epoch not all is known
    assert many.distinct_input_count is None


def test_batches_of_other_structure_or_shape_are_left_out():
    noted = Batches("generator")
    image = lambda size: (np.ones((2, size, size + 1, 3)), np.zeros(2))  # noqa: E731
    for batch in (image(5), image(7), image(7), (np.ones((2, 7, 8, 3)),), ({"a": np.ones((2, 7))}, np.zeros(2))):
        noted.note(batch)
    data = noted.data()
    assert noted.error is None
    assert data.x.shape == (4, 7, 8, 3) and not data.whole


def test_sequences_of_different_length_are_filled_up_and_keep_their_keys():
    noted = Batches("dataset")
    batches = [(np.array([[1, 2, 0], [3, 4, 5]]), np.zeros(2)), (np.array([[1, 2], [6, 7]]), np.zeros(2))]
    for batch in batches:
        noted.note(batch)
    assert noted.series()["observed_repeat_fraction"] == 1 / 4
    data = noted.data()
    np.testing.assert_array_equal(data.x, [[1, 2, 0], [3, 4, 5], [1, 2, 0], [6, 7, 0]])
    assert data.input_keys[0] == data.input_keys[2]


def test_structures_of_any_depth():
    nested = {"b": (np.ones(2), np.zeros(2)), "a": np.full(2, 7.0)}
    assert [array[0] for array in leaves(nested)] == [7, 1, 0]
    twice = map_leaves(lambda a: 2 * a, nested)
    joined = concatenated([nested, twice])
    assert list(joined) == ["b", "a"] and isinstance(joined["b"], tuple)
    np.testing.assert_array_equal(joined["b"][0], [1, 1, 2, 2])
    np.testing.assert_array_equal(joined["a"], [7, 7, 14, 14])
