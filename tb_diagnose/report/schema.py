"""The version of the form of all answers, see `answers.schema.json`."""

SCHEMA = 2
