"""The packages: those of `archdsl/`, and `archdsl.networks`, which is the folder `specs/`.

`pyproject.toml` has all else. It can find packages, or map one to a folder, but not both.
"""

from setuptools import find_namespace_packages, setup

setup(
    packages=[*find_namespace_packages(include=["archdsl*"]), "archdsl.networks"],
    package_dir={"archdsl.networks": "specs"},
)
