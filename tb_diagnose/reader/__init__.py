"""TensorBoard runs to runs: our event files, stock Keras logs and what other writers logged, as evidence."""
