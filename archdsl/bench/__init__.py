"""The speed of networks in every configuration.

`device.py` is the device, `memory.py` its memory as measured and as expected, `subjects.py` the
networks to time, `ways.py` the configurations, `run.py` one network in one of them, and
`measure.py` the rounds of all.
"""

from archdsl.bench.device import described
from archdsl.bench.measure import Measurement, measure
from archdsl.bench.subjects import PREFIX, Subject, from_torchvision

__all__ = ["PREFIX", "Measurement", "Subject", "described", "from_torchvision", "measure"]
