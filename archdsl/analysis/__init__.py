"""Questions asked of a graph: one file for each."""
