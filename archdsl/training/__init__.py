"""Training a network: on one processor, on many GPUs, on many machines.

`recipe.py` says what is learned and `engine.py` how it is computed; `loop.py` is the table of
contents. What is random is a pure function of seed, epoch and step, so that a run that goes on
after an interruption needs no more than its weights and two integers.
"""
