"""What a network looks at in an image: maps, deconvolution, occlusion, gradients and Grad-CAM.

`findings.py` is its table of contents.
"""
