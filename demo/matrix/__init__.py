"""How often the right cause is named: `python -m demo.matrix` trains every fault on every setup and counts.

    plan -> workers: training -> outcome.json beside the events -> judging -> counting -> matrix.json -> tables

A fault counts where it does harm (`harm`); where it does none, its run counts as healthy and naming a probable
cause there is a false alarm.
"""

HELD_ASIDE_SETUPS = ("shapes_conv",)
HELD_ASIDE_SEEDS = (3, 4)
"""Runs of these setups and seeds are for measuring only: no threshold is read off them."""
