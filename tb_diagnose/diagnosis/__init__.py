"""Tries causes, ranks what they found, and compares runs."""
