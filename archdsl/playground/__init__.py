"""The playground: what its page asks of a spec, and a server that shows it on this machine.

The page itself, with a script that builds it, is in the folder `playground/` of the repository.
"""
