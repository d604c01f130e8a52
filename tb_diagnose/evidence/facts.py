"""The table of all facts: what is known once a run."""

from __future__ import annotations

from collections.abc import Mapping

from tb_diagnose.evidence.series import Quantity

FACTS: Mapping[str, Quantity] = {
    "environment": Quantity((), "", "Versions of Python, Keras, its backend and tb_diagnose; host and process."),
    "run_start": Quantity((), "step", "The TensorBoard step at which this run began."),
    "model": Quantity((), "", "The model as Keras serializes it."),
    "source": Quantity(
        (), "", "Where in the user's program layers, optimizer and loss were made, and compile and fit were called."
    ),
    "writer": Quantity(
        (), "", "Who wrote a log of curves: lightning, transformers, stable_baselines3, estimator; absent if unknown."
    ),
    "score_name": Quantity((), "", "The tag that the series score and val_score were read from."),
    "reward_name": Quantity((), "", "The tag that the series reward was read from."),
    "silent": Quantity((), "", "Whether nothing has been written for so long that the run is over, as planned or not."),
    "hparams": Quantity((), "", "What was logged for TensorBoard's HParams tab, by name."),
    "layers": Quantity(
        ("layer",),
        "",
        "Layers with weights or an activation: name, class, activation, units, parameters, trainable, rate, "
        "regularized, momentum.",
    ),
    "preprocessing": Quantity((), "", "Class names of the layers before the first one with a kernel."),
    "dropout_rates": Quantity((), "fraction", "Rates of the Dropout layers in the order of their calls."),
    "operations": Quantity((), "", "Class names of all layers in the order of their calls."),
    "initial_weights": Quantity(
        ("layer",),
        "",
        "Kernel of each layer before training: standard deviation, fan-in, fan-out, mean bias, and whether all units "
        "are alike.",
    ),
    "training_only": Quantity(
        (), "", "Class names of layers that act otherwise in training: dropout, noise, batch statistics."
    ),
    "batch_statistics_layers": Quantity(
        (), "", "Names of the layers that scale by the statistics of the batch in inference mode as well."
    ),
    "loss_function": Quantity((), "", "Name and settings of the loss; custom = not one of Keras's own."),
    "optimizer": Quantity((), "", "Name and settings of the optimizer."),
    "loss_pairing": Quantity(
        (),
        "",
        "What a loop's loss function gives for outputs drawn at random: with the labels, with the labels in another "
        "order, and both for labels in the shape of the outputs.",
    ),
    "training_step": Quantity(
        (),
        "",
        "What was seen of the step: fit, train_step (one's own) or loop; whether it uses the compiled loss; whether "
        "labels of shape (n,) meet outputs of shape (n, 1) in its loss; the cross-entropy that takes logits in it, and "
        "the activation whose outputs that takes for logits.",
    ),
    "compiled_metrics": Quantity((), "", "Names of the metrics given to compile()."),
    "output": Quantity((), "", "The output layer: name, activation, units."),
    "outputs": Quantity(
        ("output",),
        "",
        "Outputs of a model with several that have a loss: name, loss weight, and the facts of each by their names.",
    ),
    "sample_count": Quantity((), "samples", "Samples of the training data that were given."),
    "data_is_whole": Quantity(
        (),
        "",
        "Whether the facts of the training data are taken from all of its samples. Of batches, the first ones are "
        "kept: at most 20,000 samples, and 32 MiB where these are 1,000 samples or more.",
    ),
    "data_form": Quantity(
        (),
        "",
        "What the training samples come from: arrays, dataset, generator, py_dataset, data_loader, grain or custom.",
    ),
    "observed_batch_count": Quantity((), "batches", "Batches that fit consumed in its first epoch."),
    "observed_distinct_batch_count": Quantity((), "batches", "Of these, batches of other samples than all before."),
    "observed_sample_count": Quantity((), "samples", "Samples in these batches."),
    "observed_distinct_input_count": Quantity((), "samples", "Samples of other inputs than all before."),
    "observed_moved_fraction": Quantity(
        (),
        "fraction",
        "Share of these samples that stand at several places of batches, at each before the same other sample.",
    ),
    "observed_known_fraction": Quantity(
        (),
        "fraction",
        "Share of the fed samples whose inputs are among the samples named as data, or read without shuffling.",
    ),
    "observed_relabelled_fraction": Quantity(
        (), "fraction", "Of these, the share that fit got with another label than there."
    ),
    "error": Quantity((), "", "What fit raised: type and first line."),
    "trial": Quantity(
        (),
        "",
        "What each change brought when copies of the model were trained with it: rows of causes, changes, the measure "
        "and the skill of each seed, the course of the measure over the epochs, and a verdict; written by "
        "tb_diagnose.trial after the run.",
    ),
    "probe_sample_count": Quantity((), "samples", "Samples of the probe batch."),
    "batch_size": Quantity((), "samples", "Samples a step, samples over steps when fit does not tell."),
    "batch_size_is_inferred": Quantity((), "", "Whether it is samples over steps: the program may say another number."),
    "steps_per_epoch": Quantity((), "steps", "Steps an epoch."),
    "planned_epochs": Quantity((), "epochs", "Epochs that fit was asked for."),
    "input_shape": Quantity((), "", "Shape of one input sample, per input."),
    "input_dtype": Quantity((), "", "Data type of the inputs, per input."),
    "input_min": Quantity(("feature",), "input units", "Smallest value of each feature."),
    "input_max": Quantity(("feature",), "input units", "Largest value of each feature."),
    "input_mean": Quantity(("feature",), "input units", "Mean of each feature."),
    "input_std": Quantity(("feature",), "input units", "Standard deviation of each feature."),
    "input_nonfinite_count": Quantity((), "values", "NaN and infinite values in the inputs."),
    "input_gap_fraction": Quantity(
        (), "fraction", "Widest stretch of unused values amid the used ones of integer inputs, over their range."
    ),
    "constant_feature_fraction": Quantity(
        (), "fraction", "Share of the input features with the same value in every sample."
    ),
    "padding": Quantity(
        (),
        "",
        "The longest runs of one value at an end of the sequences of the probe batch: value, side, share of all steps, "
        "share of samples with such a run, and steps of a sequence.",
    ),
    "sequence_readers": Quantity(
        (),
        "",
        "Recurrent layers and poolings over the steps of a sequence: name, class, whether they get a mask, and whether "
        "they would with mask_zero=True in each Embedding.",
    ),
    "distinct_input_count": Quantity((), "samples", "Samples whose inputs differ from those of every earlier sample."),
    "label_dtype": Quantity((), "", "Data type of the labels."),
    "label_shape": Quantity((), "", "Shape of the label of one sample."),
    "label_form": Quantity((), "", "binary, integer, one_hot, multi_label, probabilities, continuous or string."),
    "label_min": Quantity((), "label units", "Smallest label."),
    "label_max": Quantity((), "label units", "Largest label."),
    "label_mean": Quantity((), "label units", "Mean of the labels."),
    "label_std": Quantity((), "label units", "Standard deviation of the labels."),
    "label_nonfinite_count": Quantity((), "values", "NaN and infinite values in the labels."),
    "labels_are_inputs": Quantity((), "", "Whether the labels are the inputs themselves, as of an autoencoder."),
    "label_unique_count": Quantity((), "values", "Number of different labels."),
    "label_counts": Quantity(("class",), "samples", "Samples of each class."),
    "classes": Quantity(("class",), "", "Names of the classes, in the order of the model's outputs."),
    "class_weight": Quantity((), "", "Weights of the classes that fit was given, by label."),
    "label_run_ratio": Quantity(
        (), "ratio", "Runs of equal labels along the samples, over those expected in random order; near 0 = sorted."
    ),
    "baseline_loss": Quantity((), "loss", "Loss of the best constant answer on the probe batch."),
    "perfect_loss": Quantity((), "loss", "Loss of an answer that is the labels themselves; 0 for most losses."),
    "baseline_accuracy": Quantity((), "fraction", "Accuracy of the best constant answer: the majority share."),
    "duplicate_sample_fraction": Quantity(
        (), "fraction", "Share of samples that repeat an earlier sample, inputs and label."
    ),
    "natural_duplicate_fraction": Quantity(
        (), "fraction", "Share of repeats that features of this resolution would show by chance."
    ),
    "conflicting_sample_fraction": Quantity(
        (), "fraction", "Share of samples whose inputs occur with another label too."
    ),
    "neighbour_accuracy": Quantity(
        (),
        "fraction",
        "Accuracy of the majority label of the 5 nearest other samples: what the inputs tell without training.",
    ),
    "neighbour_skill": Quantity(
        (), "ratio", "The same as a share of the way from the best constant answer to a perfect one."
    ),
    "neighbour_sample_count": Quantity((), "samples", "Samples that the nearest-neighbour figures were taken from."),
    "ridge_accuracy": Quantity(
        (),
        "fraction",
        "Accuracy of a cross-validated ridge regression on the inputs, on counts of ids, or on how much pieces of "
        "images and signals resemble each other.",
    ),
    "ridge_skill": Quantity(
        (), "ratio", "The same as a share of the way from the best constant answer to a perfect one."
    ),
    "neighbour_auc": Quantity(
        (),
        "fraction",
        "Chance that the vote of nearest neighbours ranks a sample with a label above one without it, the mean over "
        "the labels.",
    ),
    "ridge_auc": Quantity((), "fraction", "The same for ridge regression."),
    "auc_error": Quantity((), "fraction", "Standard error of these two where the ranking is random."),
    "confident_error_fraction": Quantity(
        (),
        "fraction",
        "Share of samples labelled otherwise, among the half about which neighbours or ridge regression are surest.",
    ),
    "validation_reference_skill": Quantity(
        (),
        "ratio",
        "Skill on the validation samples of the better of neighbours and ridge regression on the training samples.",
    ),
    "validation_input_min": Quantity(("feature",), "input units", "Smallest validation value of each feature."),
    "validation_input_max": Quantity(("feature",), "input units", "Largest validation value of each feature."),
    "validation_input_mean": Quantity(("feature",), "input units", "Mean of each feature over validation samples."),
    "validation_input_std": Quantity(
        ("feature",), "input units", "Standard deviation of each feature over validation samples."
    ),
    "validation_sample_count": Quantity((), "samples", "Samples of the validation data that were given."),
    "validation_is_whole": Quantity((), "", "The same as `data_is_whole`, of the validation data."),
    "validation_overlap_fraction": Quantity(
        (), "fraction", "Share of validation samples that are training samples too."
    ),
    "validation_label_shift": Quantity(
        (), "fraction", "Total variation distance between the label shares of training and validation."
    ),
}
