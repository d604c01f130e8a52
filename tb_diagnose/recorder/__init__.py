"""The Keras side: takes the probe batch through the model and hands a record on.

With `trial`, the only package that imports Keras, and nothing imports it before logging begins.
"""
