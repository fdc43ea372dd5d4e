"""Queries on a graph, one file each."""
