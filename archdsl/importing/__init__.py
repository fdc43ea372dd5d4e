"""From a model in hand to a spec that is proved equal: `archdsl import`.

    model --recording--> frames --resolve--> scopes of ops --composition, blocks--> terms
    terms --printing--> text --proof--> the text, or a refusal
    graph --graphs, regions--> scopes of ops

`recording.py` runs the model once and keeps what every module did (`trace.py`). `resolve.py` reads
that as ops of the language, by the table that `modules/` reads backwards from the ops' own PyTorch
forms and by the rules for functions in `rules/`. `composition.py` makes one expression of a
module's steps, `blocks.py` one block of all modules whose expressions differ in arguments alone.
`proof.py` compiles the text and compares it with the model; what is not equal is never given out.

The model's Python is run, with all that it does.
"""

from archdsl.importing.model import Imported, import_model

__all__ = ["Imported", "import_model"]
