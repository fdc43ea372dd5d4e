"""Scenes: a network as data for programs that draw it and let people look inside.

    graph --outline--> scopes --contain--> boxes and local edges --write--> tables --> JSON

`FORMAT.md` describes the format. The graph can be rebuilt from it, and equal scopes are written
once, since nothing in one depends on what is around it.
"""

from __future__ import annotations

from archdsl.backends.scene.compare import compared
from archdsl.backends.scene.write import VERSION, Scene, scene

__all__ = ["VERSION", "Scene", "compared", "scene"]
