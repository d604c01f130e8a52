"""Two processes that train one Keras model with torch's DistributedDataParallel, each logging it. Prints the weights.

`python two_processes.py RANK MEETING LOGDIR`: they meet through the file MEETING; without a logdir, nothing is logged.
"""

from __future__ import annotations

import os
import sys
import warnings

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers

import tb_diagnose

X = np.random.default_rng(0).normal(size=(256, 8)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


def main(rank: int, meeting: str, logdir: str | None) -> None:
    """Trains three epochs on this process's half of the batches."""
    warnings.filterwarnings("error", message="tb_diagnose.*")
    torch.distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=2)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(8, "relu"), layers.Dense(1, "sigmoid")])
    parallel = torch.nn.parallel.DistributedDataParallel(model)
    loss_fn, optimizer = keras.losses.BinaryCrossentropy(), torch.optim.Adam(model.parameters(), 0.01)

    def log(loss: float | None) -> None:
        if logdir is not None:
            tb_diagnose.log(parallel, (X, Y), logdir, loss_fn=loss_fn, optimizer=optimizer, loss=loss)

    log(None)
    for _ in range(3):
        total = 0.0
        for first in range(32 * rank, 256, 64):
            batch = slice(first, first + 32)
            optimizer.zero_grad()
            loss = loss_fn(torch.tensor(Y[batch]), parallel(torch.tensor(X[batch])))
            loss.backward()
            optimizer.step()
            total += float(loss.detach())
        log(total / 4)
    print([keras.ops.convert_to_numpy(v.value).tolist() for v in model.trainable_variables])
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
