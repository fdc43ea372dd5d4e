"""The kinds of constructs in random specs, which past bugs of generated code required."""

from __future__ import annotations

VALUES = """
not
and
or
nested condition
comparison of parameters
comparison as an argument
conditional number
number in a guard
coinciding defaults
bending arithmetic
fraction
list index
list arithmetic
let
let of a list
function of a body
slice
sum of the first items
"""

ARGUMENTS = """
conditional width
conditional kernel
conditional stride
conditional groups
conditional bias
conditional dilation
conditional pad
conditional count_pad
conditional ceil
conditional slope
conditional share
conditional momentum
conditional mode
conditional eps
conditional factor
conditional count
conditional bound
conditional batch
conditional heads
initialiser
conditional initialiser
default
"""

LAYERS = """
identity
label on identity
helper class
bare weight
learned tensor read by a wire
one layer and station
exact station
join of one
standardised convolution
padding to the end
merge
difference
statistics of channels
absent branch
named merge without weights
training-only head
conditional layer
conditional channels
share
several shares
share at other sizes
repeated share
share under a condition
share read by a wire
share in a head
tied
attention
product of matrices
extern
"""

LOOPS = """
repeat
loop over numbers
loop over a list
loop over rows
loop over layers
loop over a merge
loop of one layer with weights
loop with growing channels
loop with a condition on its variable
loop without layers
empty loop
label by a format
shrinking loop
zip
stages
enumerate
filter
fractions in a list
comprehension of branches
names inside of items
"""

WIRES = """
wire
wire into a scope
wire two scopes deep
wire from an earlier scope
wire in a loop
wire to a turn of a loop
wire by a format
chain of labelled layers
wire in a list
bundle
share of several
loop over several
wire behind several
several inputs of a block
several results
wire as an argument
wires in a list as an argument
"""

BLOCKS = """
block
one block with different arguments
layer as an argument
layer with arguments as an argument
helper class as an argument
block as an argument
open layer as an argument
layer bound inside
layer of an argument bound inside
list of layers as an argument
lists of layers of several lengths
lists of layers that differ in kind
layer as a default
recursion
several networks
several inputs
symbolic sizes
one axis
three axes
channels last
whole numbers
mask
sequence
"""

KINDS: tuple[str, ...] = tuple(
    (VALUES + ARGUMENTS + LAYERS + LOOPS + WIRES + BLOCKS).strip().replace("\n\n", "\n").split("\n")
)
"""Every kind of construct that a random spec may have."""
