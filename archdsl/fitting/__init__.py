"""Networks fitted to targets: the largest values of parameters, or batch, that meet them.

`asking.py` reads what is asked, and `question.py` is it; `axes.py` is what is varied and how far,
`trials.py` a network with other values and its figures, `search.py` which of them are tried,
`fit.py` the answer and `found.py` its table; `batch.py` and `largest_batch.py` answer for batches.
"""

from archdsl.analysis.training_memory import OPTIMIZERS, Step
from archdsl.fitting.asking import TARGETS, ask
from archdsl.fitting.batch import largest_batch
from archdsl.fitting.fit import fit
from archdsl.fitting.found import Fit
from archdsl.fitting.largest_batch import LargestBatch
from archdsl.fitting.question import Question
from archdsl.fitting.refusals import Unanswered

__all__ = [
    "OPTIMIZERS",
    "TARGETS",
    "Fit",
    "LargestBatch",
    "Question",
    "Step",
    "Unanswered",
    "ask",
    "fit",
    "largest_batch",
]
