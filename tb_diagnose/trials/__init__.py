"""Retrains copies of a model with the edits of a finding. With `recorder`, the only package that imports Keras."""
