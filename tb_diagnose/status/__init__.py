"""Skill, stalls, generalization, convergence and reported accuracy: what is the matter with a run, not why."""
