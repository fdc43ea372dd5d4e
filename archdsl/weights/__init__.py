"""Checkpoints: which state dict a file holds, and whether it fits a network.

    file --file--> object --readings--> readings --fit--> fits --report--> diagnostics

A *reading* is one way to take a file: an entry of it, and a prefix that its keys begin with. The
only reading that fits is loaded; `load.py` is the table of contents.
"""
