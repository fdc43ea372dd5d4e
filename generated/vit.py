# Generated from vit.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 3e8f5a0b0047b25825424875bcef1570f67ad366bc81f597325847b6bd85e9fe
"""An Image is Worth 16x16 Words (Dosovitskiy et al., ICLR 2021), and Training data-efficient image
transformers & distillation through attention (Touvron et al., ICML 2021).

An image is cut into patches, which a transformer reads as a sequence. `vit_b_16` and its kin are
torchvision's, `deit_tiny_patch16_224` and its kin timm's, with their keys. Multiply-adds count
the products of attention; figures that count layers alone are smaller.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "DeiT",
    "Distilled",
    "ViT",
    "deit_base_distilled_patch16_224",
    "deit_base_patch16_224",
    "deit_small_distilled_patch16_224",
    "deit_small_patch16_224",
    "deit_tiny_distilled_patch16_224",
    "deit_tiny_patch16_224",
    "vit_b_16",
    "vit_b_32",
    "vit_h_14",
    "vit_l_16",
    "vit_l_32",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02, a=-2, b=2)
        nn.init.zeros_(module.bias)


def _xavier_uniform(module: nn.Linear) -> nn.Module:
    nn.init.xavier_uniform_(module.weight)
    nn.init.zeros_(module.bias)
    return module


def _trunc_normal(module: nn.Conv2d, std: float) -> nn.Module:
    nn.init.trunc_normal_(module.weight, std=std, a=-2, b=2)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def _zeros(module: nn.Linear) -> nn.Module:
    nn.init.zeros_(module.weight)
    nn.init.zeros_(module.bias)
    return module


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int = 1) -> Tensor:
    """Attention along the last axis of positions; every head has an equal part of the features."""
    query, key, value = [
        x.unflatten(-1, (heads, -1)).transpose(-3, -2) for x in [query, key, value]
    ]
    x = F.scaled_dot_product_attention(query, key, value)
    return x.transpose(-3, -2).flatten(-2)


class Rearrange(nn.Module):
    """Splits dimensions into factors, reorders them, and joins neighbours."""

    splits: list[list[int]]
    joins: list[list[int]]
    dropped: list[int]
    made: list[int]

    def __init__(
        self,
        order: tuple[int, ...],
        splits: tuple[tuple[int, ...], ...] = (),
        joins: tuple[tuple[int, ...], ...] = (),
        dropped: tuple[int, ...] = (),
        made: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.order = list(order)
        self.splits = [list(split) for split in splits]
        self.joins = [list(join) for join in joins]
        self.dropped = list(dropped)
        self.made = list(made)

    def forward(self, x: Tensor) -> Tensor:
        for split in self.splits:
            x = x.unflatten(split[0], split[1:])
        for dimension in self.dropped:
            x = x.squeeze(dimension)
        x = x.permute(self.order)
        for join in self.joins:
            x = x.flatten(join[0], join[1])
        for dimension in self.made:
            x = x.unsqueeze(dimension)
        return x


class EncoderLayer(nn.Module):
    """Self-attention, then two layers at each position, each added to what comes in."""

    def __init__(self, in_features: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(in_features, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(in_features, heads, batch_first=True)
        self.dropout = nn.Dropout(0.0)
        self.ln_2 = nn.LayerNorm(in_features, eps=1e-6)
        self.mlp = nn.Sequential(
            _xavier_uniform(nn.Linear(in_features, hidden)),
            nn.GELU(),
            nn.Dropout(0.0),
            _xavier_uniform(nn.Linear(hidden, in_features)),
            nn.Dropout(0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.ln_1(x)
        x = x + self.dropout(self.self_attention(out, out, out, need_weights=False)[0])
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    def __init__(self, in_features: int, tokens: int, depth: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(
            nn.init.normal_(torch.empty(1, tokens, in_features), std=0.02)
        )
        self.dropout = nn.Dropout(0.0)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for i in range(depth):
            layers[f"encoder_layer_{i}"] = EncoderLayer(in_features, heads, hidden)
        self.layers = nn.Sequential(layers)
        self.ln = nn.LayerNorm(in_features, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dropout(x + self.pos_embedding)
        return self.ln(self.layers(x))


class ViT(nn.Module):
    def __init__(
        self,
        in_channels: int,
        patch: int,
        depth: int,
        width: int,
        heads: int,
        hidden: int,
        classes: int,
    ) -> None:
        super().__init__()
        self.conv_proj = _trunc_normal(
            nn.Conv2d(in_channels, width, patch, stride=patch), std=(in_channels * patch**2) ** -0.5
        )
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.encoder = Encoder(width, (224 // patch) ** 2 + 1, depth, heads=heads, hidden=hidden)
        self.heads = nn.Sequential(OrderedDict(head=_zeros(nn.Linear(width, classes))))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_proj(x).permute(0, 2, 3, 1).flatten(1, 2)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1)
        x = self.encoder(x)[:, 0]
        return self.heads(x)


class Attention(nn.Module):
    """Queries, keys and values are three parts of one layer."""

    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.proj = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = self.qkv(x)
        q, k, v = x.chunk(3, -1)
        return self.proj(attend(q, k, v, heads=self.heads))


class MLP(nn.Module):
    def __init__(self, in_features: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.gelu = nn.GELU()
        self.fc2 = nn.Linear(hidden, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = self.gelu(self.fc1(x))
        return self.fc2(x)


class DeiTBlock(nn.Module):
    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(in_features, eps=1e-6)
        self.attn = Attention(in_features, heads)
        self.norm2 = nn.LayerNorm(in_features, eps=1e-6)
        self.mlp = MLP(in_features, 4 * in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class DeiT(nn.Module):
    def __init__(self, in_channels: int, width: int, classes: int) -> None:
        super().__init__()
        heads = width // 64
        self.patch_embed = nn.Sequential(
            OrderedDict(
                proj=nn.Conv2d(in_channels, width, 16, stride=16),
                rearrange=Rearrange((0, 2, 3, 1), joins=((1, 2),)),
            )
        )
        self.cls_token = nn.Parameter(
            nn.init.trunc_normal_(torch.empty(1, 1, width), std=0.02, a=-2, b=2)
        )
        self.pos_embed = nn.Parameter(
            nn.init.trunc_normal_(torch.empty(1, 197, width), std=0.02, a=-2, b=2)
        )
        self.blocks = nn.Sequential(*(DeiTBlock(width, heads) for _ in range(12)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch_embed(x)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], 1)
        x = x + self.pos_embed
        x = self.norm(self.blocks(x))[:, 0]
        return self.head(x)


class Distilled(nn.Module):
    """A second token learns from a teacher; the scores of both are averaged."""

    def __init__(self, in_channels: int, width: int, classes: int) -> None:
        super().__init__()
        heads = width // 64
        self.patch_embed = nn.Sequential(
            OrderedDict(
                proj=nn.Conv2d(in_channels, width, 16, stride=16),
                rearrange=Rearrange((0, 2, 3, 1), joins=((1, 2),)),
            )
        )
        self.cls_token = nn.Parameter(
            nn.init.trunc_normal_(torch.empty(1, 1, width), std=0.02, a=-2, b=2)
        )
        self.dist_token = nn.Parameter(
            nn.init.trunc_normal_(torch.empty(1, 1, width), std=0.02, a=-2, b=2)
        )
        self.pos_embed = nn.Parameter(
            nn.init.trunc_normal_(torch.empty(1, 198, width), std=0.02, a=-2, b=2)
        )
        self.blocks = nn.Sequential(*(DeiTBlock(width, heads) for _ in range(12)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)
        self.head_dist = nn.Linear(width, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch_embed(x)
        x = torch.cat(
            [
                self.cls_token.expand(x.shape[0], -1, -1),
                self.dist_token.expand(x.shape[0], -1, -1),
                x,
            ],
            1,
        )
        x = x + self.pos_embed
        x = self.norm(self.blocks(x))
        return torch.stack([self.head(x[:, 0]), self.head_dist(x[:, 1])]).mean(0)


def vit_b_16(classes: int = 1000) -> ViT:
    """Defaults: [3, 224, 224] -> [1000]; 86,567,656 parameters; 17,563,828,224 multiply-adds.

    conv_proj [768, 14, 14]; class_token [1; 768]; encoder [197; 768]; heads [1000].
    """
    return ViT(3, 16, 12, width=768, heads=12, hidden=3072, classes=classes)


def vit_b_32(classes: int = 1000) -> ViT:
    """Defaults: [3, 224, 224] -> [1000]; 88,224,232 parameters; 4,409,186,304 multiply-adds.

    conv_proj [768, 7, 7]; class_token [1; 768]; encoder [50; 768]; heads [1000].
    """
    return ViT(3, 32, 12, width=768, heads=12, hidden=3072, classes=classes)


def vit_l_16(classes: int = 1000) -> ViT:
    """Defaults: [3, 224, 224] -> [1000]; 304,326,632 parameters; 61,554,712,576 multiply-adds.

    conv_proj [1024, 14, 14]; class_token [1; 1024]; encoder [197; 1024]; heads [1000].
    """
    return ViT(3, 16, 24, width=1024, heads=16, hidden=4096, classes=classes)


def vit_l_32(classes: int = 1000) -> ViT:
    """Defaults: [3, 224, 224] -> [1000]; 306,535,400 parameters; 15,377,539,072 multiply-adds.

    conv_proj [1024, 7, 7]; class_token [1; 1024]; encoder [50; 1024]; heads [1000].
    """
    return ViT(3, 32, 24, width=1024, heads=16, hidden=4096, classes=classes)


def vit_h_14(classes: int = 1000) -> ViT:
    """Defaults: [3, 224, 224] -> [1000]; 632,045,800 parameters; 167,295,109,120 multiply-adds.

    conv_proj [1280, 16, 16]; class_token [1; 1280]; encoder [257; 1280]; heads [1000].
    """
    return ViT(3, 14, 32, width=1280, heads=16, hidden=5120, classes=classes)


def deit_tiny_patch16_224(classes: int = 1000) -> DeiT:
    """Defaults: [3, 224, 224] -> [1000]; 5,717,416 parameters; 1,253,683,200 multiply-adds.

    patch_embed [196; 192]; cls_token [1; 192]; pos_embed, blocks, norm [197; 192]; head
    [1000].
    """
    return DeiT(3, 192, classes)


def deit_small_patch16_224(classes: int = 1000) -> DeiT:
    """Defaults: [3, 224, 224] -> [1000]; 22,050,664 parameters; 4,598,882,304 multiply-adds.

    patch_embed [196; 384]; cls_token [1; 384]; pos_embed, blocks, norm [197; 384]; head
    [1000].
    """
    return DeiT(3, 384, classes)


def deit_base_patch16_224(classes: int = 1000) -> DeiT:
    """Defaults: [3, 224, 224] -> [1000]; 86,567,656 parameters; 17,563,828,224 multiply-adds.

    patch_embed [196; 768]; cls_token [1; 768]; pos_embed, blocks, norm [197; 768]; head
    [1000].
    """
    return DeiT(3, 768, classes)


def deit_tiny_distilled_patch16_224(classes: int = 1000) -> Distilled:
    """Defaults: [3, 224, 224] -> [1000]; 5,910,800 parameters; 1,261,003,776 multiply-adds.

    patch_embed [196; 192]; cls_token, dist_token [1; 192]; pos_embed, blocks, norm [198; 192];
    head, head_dist [1000].
    """
    return Distilled(3, 192, classes)


def deit_small_distilled_patch16_224(classes: int = 1000) -> Distilled:
    """Defaults: [3, 224, 224] -> [1000]; 22,436,432 parameters; 4,624,140,288 multiply-adds.

    patch_embed [196; 384]; cls_token, dist_token [1; 384]; pos_embed, blocks, norm [198; 384];
    head, head_dist [1000].
    """
    return Distilled(3, 384, classes)


def deit_base_distilled_patch16_224(classes: int = 1000) -> Distilled:
    """Defaults: [3, 224, 224] -> [1000]; 87,338,192 parameters; 17,656,811,520 multiply-adds.

    patch_embed [196; 768]; cls_token, dist_token [1; 768]; pos_embed, blocks, norm [198; 768];
    head, head_dist [1000].
    """
    return Distilled(3, 768, classes)
