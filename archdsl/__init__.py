"""archdsl: from the text of a network architecture to readable PyTorch code.

>>> import archdsl
>>> networks = archdsl.read("specs/resnet.arch")
>>> networks["resnet50"].params
25557032
>>> model = archdsl.load("specs/resnet.arch", "resnet50", classes=10)  # an `nn.Module`
"""

from archdsl.api import Network, SpecError, analyse, check, compile, load, read
from archdsl.version import __version__

__all__ = ["Network", "SpecError", "__version__", "analyse", "check", "compile", "load", "read"]
