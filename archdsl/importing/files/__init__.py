"""From a network in a file to a spec: exported programs (`.pt2`) and ONNX files.

    file --exported, onnx--> flat list of functions --scopes--> frames, as a trace has them

All that follows is as for models in Python: the file's functions are PyTorch's, in the modules that
the file remembers, or in regions that repeat. `proof.py` runs the file and the text.
"""

from archdsl.importing.files.command import FILES, import_file

__all__ = ["FILES", "import_file"]
