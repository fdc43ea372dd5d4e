"""Colours for specs: one list of words, taken from the language's own tables, for all highlighters.

`pygments.py` is a lexer (Sphinx, MkDocs, IPython, rich), `textmate.py` makes the grammar of VS Code.
"""
