"""The device that networks run on: the first CUDA GPU, or the CPU."""

from __future__ import annotations

import gc

import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
IS_GPU = DEVICE.type == "cuda"


def described() -> str:
    """The name of the device, and the version of PyTorch."""
    threads = torch.get_num_threads()
    plural = "s" if threads != 1 else ""
    name = torch.cuda.get_device_name() if IS_GPU else f"CPU, {threads} thread{plural}"
    return f"{name}, PyTorch {torch.__version__}"


def release() -> None:
    """Return unused memory to the GPU."""
    gc.collect()
    if IS_GPU:
        torch.cuda.empty_cache()


def synchronize() -> None:
    """Wait until the GPU has finished."""
    if IS_GPU:
        torch.cuda.synchronize()


def allocated(peak: bool = False, forget_peak: bool = False) -> int:
    """Bytes in use on the GPU, or the peak since it was last reset."""
    if not IS_GPU:
        return 0
    if forget_peak:
        torch.cuda.reset_peak_memory_stats()
    return torch.cuda.max_memory_allocated() if peak else torch.cuda.memory_allocated()
