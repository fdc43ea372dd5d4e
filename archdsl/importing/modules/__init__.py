"""What a module of PyTorch is in the language: by the ops' own forms, or by a row for its class."""
