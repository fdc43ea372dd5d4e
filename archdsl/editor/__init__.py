"""What editors, notebooks and playgrounds ask of a text: everything at once, after every change."""
