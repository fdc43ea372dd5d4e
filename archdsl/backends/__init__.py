"""Back ends: one file or folder each."""
