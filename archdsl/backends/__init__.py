"""What is made of a graph: one file or folder for each."""
