"""The Keras side: takes the probe batch through the model and hands a record on.

The only package that imports Keras, and nothing imports it before logging begins.
"""
