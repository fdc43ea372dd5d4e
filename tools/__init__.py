"""Scripts for developers: `python -m tools.NAME` runs one, in the root of a clone."""
