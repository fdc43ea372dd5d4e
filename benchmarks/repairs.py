"""Mistakes that `archdsl mcp` mends: the first fix it offers is applied, again and again."""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.helpers.tool_client import ToolClient, applied, tool_client  # noqa: E402

LARGEST = 4000
"""Longer specs are left out."""
ROUNDS = 5
"""Maximum number of fixes for one mistake."""
FOREIGN = {
    "conv": "Conv2d",
    "linear": "Linear",
    "relu": "ReLU",
    "bn": "batch_norm",
    "maxpool": "max_pool2d",
    "dropout": "Dropout",
    "concat": "cat",
}

Mistake = Callable[[str, random.Random], str | None]


def _replaced(pattern: str, new: Callable[[re.Match[str], random.Random], str]) -> Mistake:
    """A mistake at a random place that fits a pattern; None where no place does."""

    def make(text: str, chance: random.Random) -> str | None:
        code = re.sub(r"#.*", lambda match: " " * len(match[0]), text)
        found = [*re.finditer(pattern, code)]
        if not found:
            return None
        match = chance.choice(found)
        return text[: match.start()] + new(match, chance) + text[match.end() :]

    return make


def _slip(match: re.Match[str], chance: random.Random) -> str:
    """A name with two letters swapped, or one left out."""
    name = match[0]
    at = chance.randrange(len(name) - 1)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return swapped if chance.random() < 0.5 and swapped != name else name[:at] + name[at + 1 :]


OPS = r"\b(?:conv|linear|relu|flatten|maxpool|dropout|concat|global_avgpool)\b"
KINDS: dict[str, Mistake] = {
    "a slip in the name of an op": _replaced(OPS, _slip),
    "a slip in a parameter": _replaced(r"\b(?:stride|kernel|groups|bias|classes)(?==)", _slip),
    "a slip in a wire": _replaced(r"(?<=@)\w{3,}", _slip),
    "a slip in a keyword": _replaced(r"\b(?:network|block|assert|default)\b", _slip),
    "PyTorch's name of an op": _replaced(
        rf"\b(?:{'|'.join(FOREIGN)})\b", lambda match, _: FOREIGN[match[0]]
    ),
    "`padding` for `pad`": _replaced(r"\bpad(?==)", lambda *_: "padding"),
    "a closing bracket left out": _replaced(r"[)\]]", lambda *_: ""),
    "a closing bracket too many": _replaced(r"[)\]]", lambda match, _: match[0] * 2),
    "a comma left out": _replaced(r",", lambda *_: ""),
    "an arrow left out": _replaced(r"->", lambda *_: ""),
    "`=>` for `->`": _replaced(r"->", lambda *_: "=>"),
    "`True` for `true`": _replaced(r"\b(?:true|false)\b", lambda match, _: match[0].title()),
    "`flatten` left out": _replaced(r"flatten\s*->", lambda *_: ""),
    "another figure in an assert": _replaced(
        r"(?<=[a-z]=)\d[\d_]{2,}", lambda match, _: f"{match[0]}1"
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for every kind of mistake."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=30, help="mistakes of every kind")
    times = parser.parse_args(arguments).times
    specs = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "specs").glob("*.arch"))]
    print(f"{'mistake':30} {'made':>5} {'clean':>6} {'as before':>10} {'no fix':>7}")
    with tempfile.TemporaryDirectory() as folder, tool_client(Path(folder)) as client:
        # A spec that imports another is wrong without it.
        specs = [each for each in specs if len(each) < LARGEST and not _errors(client, each)]
        for kind, mistake in KINDS.items():
            ends = _tried(client, specs, mistake, times)
            made, clean = ends.total(), ends["clean"] + ends["as before"]
            share = f"{clean / made:6.0%}" if made else ""
            print(
                f"{kind:30} {made:5} {share} {ends['as before']:10} {ends['no fix']:7}", flush=True
            )


def _tried(client: ToolClient, specs: list[str], mistake: Mistake, times: int) -> Counter[str]:
    """How mistakes of a kind ended; what is none is left out."""
    chance, ends = random.Random(0), Counter[str]()  # noqa: S311
    for _ in range(4 * times):
        text = chance.choice(specs)
        wrong = mistake(text, chance)
        if wrong is not None and wrong != text and _errors(client, wrong):
            ends[_mended(client, text, wrong)] += 1
        if ends.total() == times:
            break
    return ends


def _mended(client: ToolClient, right: str, text: str) -> str:
    """What comes of a wrong text while the first fix of its errors is applied."""
    for _ in range(ROUNDS):
        errors = _errors(client, text)
        if not errors:
            return "as before" if text == right else "clean"
        fixes = [fix for each in errors for fix in each["fixes"]]
        if not fixes:
            return "no fix"
        text = applied(text, fixes[0]["edits"])
    return "still wrong"


def _errors(client: ToolClient, text: str) -> list[dict]:
    found = client.call("check", text=text)["diagnostics"]
    return [each for each in found if each["severity"] == "error"]


if __name__ == "__main__":
    main()
