"""Export of a live module, as bytes, which are read back and compared with the module.

`inputs.py` has the shapes that stay open and the sizes to compare at, `formats.py` how each format
is written and read, `pools.py`, `recurrence.py` and `repetition.py` what is traced instead of
pools, of recurrent layers and of repeated positions, and `comparison.py` all steps together.
"""

from archdsl.export.comparison import Exported, export
from archdsl.export.inputs import Inputs, accepted_by, inputs_of

__all__ = ["Exported", "Inputs", "accepted_by", "export", "inputs_of"]
