"""Text to tree: the grammar, the syntax tree, and the parser between them."""
