"""Exact rewrites of networks, with their weights: `archdsl optimize`.

    graph --network--> Plan --table--> Plan, changes --scopes, importing--> text
    text, Plan.weights --proof--> text, code and weights, or a refusal

A `Plan` (`network.py`) is a flat graph that remembers the scopes of the text, with a formula for
every weight (`formulas.py`). A rewrite is a function from a plan to a plan (`rewrite.py`), of which
`table.py` lists all; `sweep.py` is a pass over all places of one op. `units.py` says which scopes
of the old text stay, `sharing.py` names what is shared, and `scopes.py` makes of both what
`importing` writes as text; `proof.py` compiles the text and holds it against the old network.
`command.py` writes the files, and `optimization.py` is what Python gets back.
"""
