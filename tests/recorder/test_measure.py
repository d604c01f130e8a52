"""Every measured number on arrays small enough to check by hand."""

import numpy as np
import pytest

from tb_diagnose.recorder import data_facts, measure, memory
from tb_diagnose.recorder.data import Data


def test_duplicates_are_counted_by_content():
    samples = np.array([[1, 2], [3, 4], [1, 2], [1, 2]])
    assert measure.duplicate_fraction(measure.sample_keys(samples)) == 0.5


def test_row_keys_tell_rows_apart_that_differ_in_one_place():
    samples = np.random.default_rng(0).normal(size=(5000, 9)).astype("float32")
    assert len(np.unique(measure.sample_keys(samples))) == 5000
    moved = samples.copy()
    moved[:, 8] += 1e-3
    assert not np.isin(measure.sample_keys(moved), measure.sample_keys(samples)).any()


def test_row_keys_see_the_order_of_columns():
    assert measure.sample_keys(np.array([[1.0, 2.0]]))[0] != measure.sample_keys(np.array([[2.0, 1.0]]))[0]


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64", "bool"])
def test_keys_are_the_hash_that_they_are_said_to_be(dtype):
    samples = np.random.default_rng(1).integers(0, 3, (6, 11)).astype(dtype)
    padded = [row.tobytes().ljust(-(-samples[0].nbytes // 8) * 8, b"\0") for row in samples]
    words = [np.frombuffer(row, np.uint64).tolist() for row in padded]
    factors = (np.random.default_rng(0).integers(1, 2**63, len(words[0]), dtype=np.uint64) | np.uint64(1)).tolist()
    expected = [sum((w ^ (w >> 29)) * f for w, f in zip(row, factors, strict=True)) % 2**64 for row in words]
    assert measure.sample_keys(samples).tolist() == expected


def test_blocks_make_no_difference(monkeypatch):
    """Data may fill half of the memory: nothing is worked out on all of them at once."""
    samples = np.random.default_rng(0).normal(3, 2, size=(500, 7)).astype("float32")
    samples[5, 1], samples[400, 2] = np.nan, np.inf
    data = Data(samples, samples.copy())
    whole = measure.sample_keys(samples), data_facts.feature_statistics(data), data_facts.input_facts(data)
    monkeypatch.setattr(measure, "BLOCK_BYTES", 300)
    monkeypatch.setattr(measure, "HASHED_BYTES", 300)
    keys, statistics, facts = measure.sample_keys(samples), data_facts.feature_statistics(data), whole[2]
    assert (keys == whole[0]).all() and statistics == whole[1]
    assert data_facts.input_facts(data) == facts and facts["input_nonfinite_count"] == 2
    finite = samples[np.isfinite(samples[:, 1]), 1].astype("float64")
    assert statistics["mean"][1] == pytest.approx(finite.mean(), rel=1e-5)
    assert statistics["std"][1] == pytest.approx(finite.std(), rel=1e-5)
    numbers = np.arange(500)
    assert measure.are_equal(numbers, numbers.copy()) and not measure.are_equal(
        numbers, np.where(numbers == 499, 0, numbers)
    )


def test_of_large_samples_a_probe_batch_is_kept(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: float("inf"))
    assert memory.may_keep(memory.FEWEST_SAMPLES, memory.MOST_BYTES)
    assert not memory.may_keep(memory.FEWEST_SAMPLES, memory.MOST_BYTES + 1)
    assert memory.may_keep(memory.FEWEST_SAMPLES + 1, memory.KEPT_BYTES)
    assert not memory.may_keep(memory.FEWEST_SAMPLES + 1, memory.KEPT_BYTES + 1)


def test_minus_zero_is_zero():
    assert measure.sample_keys(np.array([[-0.0]])) == measure.sample_keys(np.array([[0.0]]))


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        (np.random.default_rng(0).integers(0, 100_000, 10_000), 0.03, 0.07),  # n^2 / 2N = 5 %
        (np.random.default_rng(0).integers(0, 10, 10_000), 0.99, 1.0),
        (np.random.default_rng(0).normal(size=10_000), 0.0, 1e-3),
    ],
)
def test_natural_repeats_follow_the_resolution_of_a_feature(column, low, high):
    assert low <= measure.natural_duplicate_fraction(column[:, None]) <= high


def test_copies_of_wide_rows_are_not_natural_but_repeats_of_a_small_table_are():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 17, size=(200, 64))
    assert measure.natural_duplicate_fraction(np.tile(image, (5, 1))) == 0.0
    table = rng.integers(0, 3, size=(2000, 4))
    assert measure.natural_duplicate_fraction(table) > 0.9


def test_conflicting_rows():
    inputs, labels = np.array([[1], [1], [2]]), np.array([[0], [1], [0]])
    both = np.concatenate([inputs, labels], axis=1)
    assert measure.conflicting_fraction(measure.sample_keys(inputs), measure.sample_keys(both)) == pytest.approx(2 / 3)


def test_neighbouring_values_that_go_together():
    assert measure.autocorrelation(np.repeat([0.0, 1, 0, 1], 10)) > 0.7
    assert abs(measure.autocorrelation(np.random.default_rng(0).normal(size=400))) < 0.15
    assert np.isnan(measure.autocorrelation(np.arange(5.0)))


def test_noise_scale_of_gradients_that_are_signal_and_noise():
    rng = np.random.default_rng(0)
    samples, parts = 100, 400
    gradients = 1 + rng.normal(scale=2.0, size=(parts, samples, 10)).mean(
        axis=1
    )  # per sample: signal 1, noise 2 in each of 10 weights
    mean_square, square = (gradients.mean(axis=0) ** 2).sum(), (gradients**2).sum(axis=1).mean()
    assert measure.noise_scale(mean_square, square, samples, parts) == pytest.approx(4, rel=0.2)
    assert measure.noise_scale(0.0, 1.0, samples, parts) == np.inf


def test_unused_middle_of_wrapped_values():
    values = np.arange(-20, 20)
    assert measure.gap_fraction(values) == 0
    assert measure.gap_fraction(values.astype(np.uint8)) > 0.8
    assert measure.gap_fraction(np.array([0, 255])) == 0


def test_fans_of_kernels():
    assert measure.fans((20, 5)) == (20, 5)
    assert measure.fans((3, 3, 8, 16)) == (72, 144)


def test_units_that_begin_alike():
    assert measure.units_alike(np.ones((4, 3)))
    assert not measure.units_alike(np.random.default_rng(0).normal(size=(4, 3)))
    assert not measure.units_alike(np.ones((4, 1)))


def test_runs_of_sorted_labels():
    labels = np.repeat([0, 1], 50)
    assert measure.run_ratio(labels) < 0.05
    assert measure.run_ratio(np.random.default_rng(0).permutation(labels)) == pytest.approx(1, abs=0.3)


def test_stratified_samples_keep_the_share_of_each_class():
    labels = np.repeat([0, 1], [900, 100])
    drawn = measure.stratified_samples(labels, 1000, 100)
    assert len(np.unique(drawn)) == 100
    assert np.bincount(labels[drawn]).tolist() == [90, 10]
    assert measure.stratified_samples(labels, 1000, 5000).tolist() == list(range(1000))


def test_histogram_edges_hold_all_values():
    assert measure.histogram_edges(np.array([0.2, 0.4]))[[0, -1]].tolist() == [0, 1]
    assert measure.histogram_edges(np.array([-3.0, 5.0]))[[0, -1]].tolist() == [-3, 5]
    assert measure.histogram_edges(np.array([7.0, 7.0]))[[0, -1]].tolist() == [6.5, 7.5]
    assert measure.histogram(np.array([0.1, np.nan]), np.array([0, 0.5, 1])).tolist() == [1, 0]


def test_predicted_classes_by_threshold_argmax_and_nearest():
    assert measure.predicted_classes(np.array([[0.4], [0.6]]), np.array([0, 1])).tolist() == [0, 1]
    assert measure.predicted_classes(np.array([[0.1, 0.9]]), np.array([0, 1])).tolist() == [1]
    assert measure.predicted_classes(np.array([[1.8], [0.2]]), np.array([0, 1, 2])).tolist() == [2, 0]


def test_update_ratio_against_the_naive_formula():
    before, after = np.array([3.0, 4.0]), np.array([3.0, 4.5])
    assert measure.update_ratio(before, after) == pytest.approx(0.1)
    assert np.isnan(measure.update_ratio(np.zeros(2), after))


def test_norm_leaves_out_what_is_not_finite():
    assert measure.norm_and_nonfinite([np.array([3.0, np.nan]), np.array([4.0, np.inf])]) == (5.0, 2)


def test_layer_statistics_agree_with_numpy_over_parts():
    rng = np.random.default_rng(0)
    before = rng.normal(2, 3, size=(40, 6))
    before[:, 0] = -5  # one unit silent on every sample
    statistics = measure.LayerStatistics("relu")
    for part in np.split(before, 4):
        statistics.add(np.maximum(part, 0), part)
    found = statistics.result()
    assert found["preactivation_std"] == pytest.approx(before.std())
    assert found["activation_mean"] == pytest.approx(np.maximum(before, 0).mean())
    assert found["activation_std"] == pytest.approx(np.maximum(before, 0).std())
    assert found["dead_fraction"] == pytest.approx(1 / 6)
    assert np.isnan(found["saturated_fraction"])


def test_saturated_share_of_a_sigmoid():
    statistics = measure.LayerStatistics("sigmoid")
    before = np.array([[-9.0, 0.0, 6.0, 1.0]])
    statistics.add(1 / (1 + np.exp(-before)), before)
    assert statistics.result()["saturated_fraction"] == 0.5


def test_an_overflowing_layer_has_an_infinite_spread():
    statistics = measure.LayerStatistics("other")
    statistics.add(np.array([[1.0]]), np.array([[1e200, -1e200]]))
    assert statistics.result()["preactivation_std"] == float("inf")


def test_entropy_of_two_even_classes_is_log_2():
    assert measure.entropy(np.array([5, 5, 0])) == pytest.approx(np.log(2))


def test_the_batch_size_is_what_fit_says_and_else_is_called_worked_out(tmp_path):
    """Three steps over 64 samples are 22 a batch, which the program need not have said."""
    import small_run

    import tb_diagnose
    from tb_diagnose import event_file

    named = tb_diagnose.KerasCallback(tmp_path / "named", (small_run.X, small_run.Y), verbose=0)
    small_run.model().fit(small_run.X, small_run.Y, batch_size=30, verbose=0, callbacks=[named])
    facts = event_file.newest(str(tmp_path / "named" / "diagnosis")).facts
    assert facts["batch_size"] == 30 and "batch_size_is_inferred" not in facts
    batches = [(small_run.X[at : at + 30], small_run.Y[at : at + 30]) for at in (0, 30, 60)]
    unseen = tb_diagnose.KerasCallback(tmp_path / "unseen", (small_run.X, small_run.Y), verbose=0)
    small_run.model().fit((each for each in batches), steps_per_epoch=3, verbose=0, callbacks=[unseen])
    facts = event_file.newest(str(tmp_path / "unseen" / "diagnosis")).facts
    assert (facts["batch_size"], facts["batch_size_is_inferred"]) == (22, True)
