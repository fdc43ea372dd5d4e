"""`archdsl lsp`: the language server. It answers out of `archdsl.editor.Analysis`.

`documents.py` has the open texts, `positions.py` counts as the client does, and `service.py` says
which function answers which request. Only this package imports pygls and lsprotocol.
"""
