"""How the images of a network with trained weights are prepared."""

from __future__ import annotations

from archdsl.diagnostics import Diagnostic, note
from archdsl.graph import Graph
from archdsl.source import whole_of
from archdsl.training.fitting import has_distances, map_count, score_count
from archdsl.training.preparation import Preparation, assumed


def prepared(
    told: Preparation | None,
    graph: Graph,
    shape: tuple[int, int, int],
    weights: str,
    is_classifier: bool,
) -> tuple[Preparation, list[Diagnostic]]:
    """What the weights tell of images, or else what is assumed, with a note.

    Raises `TrainingError` where it does not fit the network.
    """
    count = (score_count if is_classifier else map_count)(
        graph, len(told.classes) if told else None
    )
    if told is not None:
        return told, []
    message = "the weights do not say how images were prepared: ImageNet's way is assumed"
    help = "weights of `archdsl train` say it"
    found = assumed(shape, count, has_distances(graph))
    return found, [note("N0962", message, whole_of(weights), help=help)]
