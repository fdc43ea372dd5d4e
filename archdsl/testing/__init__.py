"""Property tests of architectures, with PyTorch as the oracle (`archdsl[testing,torch]`).

Random calls of your block, each compiled and compared with what archdsl inferred about it:

    from hypothesis import given, strategies as st
    from archdsl.testing import agree, calls

    @given(calls("blocks.arch", "dense_block", n=st.integers(1, 4), growth=st.integers(1, 8)))
    def test_dense_block(call):
        agree(call)
"""

from archdsl.testing.calls import calls, shapes
from archdsl.testing.compare import Agreement, agree, held
from archdsl.testing.disagreement import Disagreement
from archdsl.testing.spec import Spec
from archdsl.testing.specs import KINDS, seeded, specs

__all__ = [
    "KINDS",
    "Agreement",
    "Disagreement",
    "Spec",
    "agree",
    "calls",
    "held",
    "seeded",
    "shapes",
    "specs",
]
