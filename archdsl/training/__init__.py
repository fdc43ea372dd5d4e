"""Training of networks: on one CPU, on many GPUs, on many machines.

`recipe.py` holds the settings that results depend on, `engine.py` how they are computed; `loop.py`
is the table of contents. Randomness is a pure function of seed, epoch and step, so an interrupted
run resumes from its weights, its optimizer state and two integers.
"""
