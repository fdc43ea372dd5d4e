"""Layers to nodes of the graph and its tree."""
