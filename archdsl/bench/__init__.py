"""How fast networks run, in every way that PyTorch has of running them.

`device.py` is the device and its memory, `subjects.py` what is timed, `run.py` one network in one
way, and `measure.py` the rounds of all.
"""

from archdsl.bench.device import described
from archdsl.bench.measure import Measurement, measure
from archdsl.bench.subjects import PREFIX, Subject, from_torchvision

__all__ = ["PREFIX", "Measurement", "Subject", "described", "from_torchvision", "measure"]
