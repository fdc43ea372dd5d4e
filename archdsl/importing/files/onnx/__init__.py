"""ONNX files as flat lists of functions.

`reading.py` reads a file and what it keeps beside itself; `graph.py` has its nodes with their
constants, `patterns.py` makes one node of several that exporters write for one function, and
`names.py` says which modules nodes belong to, and by which keys their weights are known.
`translation.py` takes the nodes one after another by the tables of `layers.py`, `singles.py`,
`tensors.py` and `arithmetic.py`. `session.py` runs the file with ONNX Runtime, for the proof.
"""
