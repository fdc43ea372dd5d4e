"""Colours for specs: one list of words, taken from the language's own tables, for all editors.

`pygments.py` is a lexer (Sphinx, MkDocs, IPython, rich), `textmate.py` a grammar for VS Code.
"""
