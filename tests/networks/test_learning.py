"""A generated network learns in a loop of PyTorch: scikit-learn's digits, in seconds."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

from tests.helpers.generated import built


@pytest.fixture(autouse=True)
def repeatable(one_thread: None) -> None:
    torch.manual_seed(0)


def digits(size: int) -> tuple[Tensor, Tensor]:
    """1797 images of handwritten digits, enlarged to `size`, in an order of no meaning."""
    data = load_digits()
    images = torch.tensor(data.images, dtype=torch.float32).unsqueeze(1) / 16
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    enlarged = F.interpolate(images, size=(size, size), mode="bilinear")
    return enlarged[order], torch.tensor(data.target)[order]


def accuracy_after_training(network: nn.Module, size: int, epochs: int, rate: float) -> float:
    """The share of right answers on 360 digits that were not trained on."""
    images, labels = digits(size)
    train, test = slice(0, -360), slice(-360, None)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate)
    steps = epochs * len(images[train].split(64))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    network.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images[train])).split(64):
            loss = F.cross_entropy(network(images[train][batch]), labels[train][batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()
    with torch.no_grad():
        return (network(images[test]).argmax(1) == labels[test]).float().mean().item()


def test_lenet5_modern_learns_digits() -> None:
    network = built("lenet", "lenet5_modern")
    assert accuracy_after_training(network, size=32, epochs=10, rate=5e-3) > 0.97
