"""What Keras's layers, optimizers and objects take, and what each argument is where nobody gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ACTIVATIONS = frozenset(
    """celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
    log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold""".split()  # noqa: SIM905
)
DROPOUTS = ("Dropout", "GaussianDropout", "AlphaDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
LAYERS: Mapping[str, tuple[str, ...]] = {
    "Dense": ("units",),
    **{
        f"{kind}{n}D{way}": ("filters", "kernel_size")
        for n in (1, 2, 3)
        for kind, way in (("Conv", ""), ("Conv", "Transpose"), ("SeparableConv", ""))
    },
    **{f"DepthwiseConv{n}D": ("kernel_size",) for n in (1, 2)},
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), ("units",)),
    **dict.fromkeys(DROPOUTS, ("rate",)),
    "Embedding": ("input_dim", "output_dim"),
    "Activation": ("activation",),
    "BatchNormalization": (),
}
"""Keras's layers whose calls can be written, with the arguments that are given by place."""
TOLD_BY_ROWS = ("Dense", "Activation", *DROPOUTS)
"""Layers of which the layer table tells all that a call must have; of a convolution it has no kernel size."""
ONES = ("1", "(1, 1)", "(1, 1, 1)")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "strides": ONES,
    "padding": ('"valid"',),
    "data_format": ('"channels_last"', "None"),
    "dilation_rate": ONES,
    "groups": ("1",),
    "depth_multiplier": ("1",),
    "activation": ('"linear"', "None"),
    "recurrent_activation": ('"sigmoid"',),
    "use_bias": ("True",),
    "kernel_initializer": ('"glorot_uniform"',),
    "depthwise_initializer": ('"glorot_uniform"',),
    "pointwise_initializer": ('"glorot_uniform"',),
    "recurrent_initializer": ('"orthogonal"',),
    "embeddings_initializer": ('"random_uniform"',),
    "bias_initializer": ('"zeros"',),
    **{
        f"{what}_{kind}": ("None",)
        for kind in ("regularizer", "constraint")
        for what in ("kernel", "depthwise", "pointwise", "recurrent", "embeddings", "bias", "activity")
    },
    "dropout": ("0.0", "0"),
    "recurrent_dropout": ("0.0", "0"),
    "return_sequences": ("False",),
    "return_state": ("False",),
    "go_backwards": ("False",),
    "stateful": ("False",),
    "mask_zero": ("False",),
    "axis": ("-1",),
    "momentum": ("0.99",),
    "epsilon": ("0.001",),
    "center": ("True",),
    "scale": ("True",),
    "beta_initializer": ('"zeros"',),
    "gamma_initializer": ('"ones"',),
    "moving_mean_initializer": ('"zeros"',),
    "moving_variance_initializer": ('"ones"',),
    **{f"{what}_{kind}": ("None",) for kind in ("regularizer", "constraint") for what in ("beta", "gamma")},
    "synchronized": ("False",),
}
"""The other arguments in the order of a call, with what they are where nobody gave them: such are left out."""
SHARED = ("momentum",)
"""Arguments of layers and of optimizers alike: the place of an edit tells which."""
APART = ("name", "trainable", "dtype", "build_config", "batch_input_shape", "implementation")
"""Settings that are written elsewhere, or by Keras alone."""
UNWRITTEN: Mapping[str, tuple[Any, ...]] = {
    "quantization_config": (None,),
    "output_padding": (None,),
    "unroll": (False,),
    "zero_output_for_mask": (False,),
    "time_major": (False,),
    "unit_forget_bias": (True,),
    "reset_after": (True,),
    "seed": (None,),
    "noise_shape": (None,),
    "input_length": (None,),
    "renorm": (False,),
    "renorm_clipping": (None,),
    "renorm_momentum": (0.99,),
}
"""Settings that are never written, with what they must be for that; others are none that can be written."""
PLAIN_ACTIVATIONS: Mapping[str, Mapping[str, Any]] = {
    "ReLU": {"max_value": None, "negative_slope": 0.0, "threshold": 0.0},
    "LeakyReLU": {"negative_slope": 0.3},
    "ELU": {"alpha": 1.0},
    "Softmax": {"axis": -1},
}
"""Activations that are layers of their own, as they are where nobody has set anything."""
OPTIMIZER_UNWRITTEN: Mapping[str, tuple[Any, ...]] = {
    "ema_momentum": (0.99,),
    "ema_overwrite_frequency": (None,),
    "loss_scale_factor": (None,),
    "initial_accumulator_value": (0.1,),
    "learning_rate_power": (-0.5,),
    "l1_regularization_strength": (0.0,),
    "l2_regularization_strength": (0.0,),
    "l2_shrinkage_regularization_strength": (0.0,),
    "beta": (0.0,),
    "decay": (0.0, None),
}
TANH = ("LSTM", "GRU", "SimpleRNN")
DECAY: Mapping[str, Any] = {"initial_learning_rate": None, "decay_steps": None}
"""Arguments that every decay of Keras must have."""
OBJECTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "initializers": {
        **dict.fromkeys(
            ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"), {"seed": None}
        ),
        "Zeros": {},
        "Ones": {},
        "Constant": {"value": 0.0},
        "RandomNormal": {"mean": 0.0, "stddev": 0.05, "seed": None},
        "TruncatedNormal": {"mean": 0.0, "stddev": 0.05, "seed": None},
        "RandomUniform": {"minval": -0.05, "maxval": 0.05, "seed": None},
        "VarianceScaling": {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal", "seed": None},
        "Orthogonal": {"gain": 1.0, "seed": None},
    },
    "regularizers": {"L1": {"l1": None}, "L2": {"l2": None}, "L1L2": {"l1": 0.0, "l2": 0.0}},
    "constraints": {
        "MaxNorm": {"max_value": None, "axis": 0},
        "NonNeg": {},
        "UnitNorm": {"axis": 0},
    },
    "optimizers.schedules": {
        "ExponentialDecay": {**DECAY, "decay_rate": None, "staircase": False},
        "InverseTimeDecay": {**DECAY, "decay_rate": None, "staircase": False},
        "PolynomialDecay": {**DECAY, "end_learning_rate": 0.0001, "power": 1.0, "cycle": False},
        "CosineDecay": {**DECAY, "alpha": 0.0, "warmup_target": None, "warmup_steps": 0},
        "CosineDecayRestarts": {
            "initial_learning_rate": None,
            "first_decay_steps": None,
            "t_mul": 2.0,
            "m_mul": 1.0,
            "alpha": 0.0,
        },
        "PiecewiseConstantDecay": {"boundaries": None, "values": None},
    },
    "losses": dict.fromkeys(
        (
            "BinaryCrossentropy",
            "CategoricalCrossentropy",
            "SparseCategoricalCrossentropy",
            "MeanSquaredError",
            "MeanAbsoluteError",
            "MeanAbsolutePercentageError",
            "MeanSquaredLogarithmicError",
            "LogCosh",
            "Poisson",
        ),
        {"from_logits": False, "label_smoothing": 0.0, "ignore_class": None, "axis": -1}
        | {"reduction": ("sum_over_batch_size", "auto")},
    ),
    "metrics": dict.fromkeys(
        (
            "Accuracy",
            "BinaryAccuracy",
            "CategoricalAccuracy",
            "SparseCategoricalAccuracy",
            "MeanAbsoluteError",
            "MeanSquaredError",
        ),
        {"threshold": 0.5},
    ),
}
"""Keras's own objects by their part of Keras, with their arguments and what these are by themselves."""
UNTOLD = ("name", "dtype", "fn")
"""Settings of losses and metrics that change nothing."""
OPTIMIZER: Mapping[str, tuple[str, ...]] = {
    "momentum": ("0.0", "0"),
    "nesterov": ("False",),
    "rho": ("0.9",),
    "centered": ("False",),
    "beta_1": ("0.9",),
    "beta_2": ("0.999",),
    "amsgrad": ("False",),
    "epsilon": ("1e-07",),
    "weight_decay": ("None",),
    "clipnorm": ("None",),
    "clipvalue": ("None",),
    "global_clipnorm": ("None",),
    "use_ema": ("False",),
    "gradient_accumulation_steps": ("None",),
}
OPTIMIZERS_OWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Adadelta": {"rho": ("0.95",)},
    "AdamW": {"weight_decay": ("0.004",)},
    "Lion": {"beta_2": ("0.99",)},
}
"""Where an optimizer begins otherwise than the others."""
