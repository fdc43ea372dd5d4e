"""`archdsl mcp`: tools for programs that write specs, over the model context protocol.

`folder.py` says which texts they may read, `tools.py` has a function for every tool, and
`service.py` offers them. Only that file imports mcp.
"""
