"""Write the grammar of the VS Code extension anew: `python -m tools.editor_files`."""

from __future__ import annotations

from pathlib import Path

from archdsl.highlighting.textmate import grammar

GRAMMAR = Path(__file__).parents[1] / "editors" / "vscode" / "syntaxes" / "arch.tmLanguage.json"

if __name__ == "__main__":
    GRAMMAR.write_text(grammar(), encoding="utf-8")
