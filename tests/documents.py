"""Texts whose commands and snippets are run: blocks of a language, commands with their output."""

from __future__ import annotations

import re


def blocks(text: str, language: str) -> list[str]:
    """The blocks of a Markdown text that are marked with a language."""
    pattern = rf"^```{re.escape(language)}\n(.*?)^```$"
    return re.findall(pattern, text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[tuple[str, str]]:
    """Every `$ lmx ...` line of its console blocks, with the output shown below it."""
    found = []
    for block in blocks(text, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            found.append((line, output))
    return found


def words(text: str) -> str:
    """The text with every run of spaces, thin ones too, as one space."""
    return " ".join(text.split())


def matches(shown: str, printed: str) -> bool:
    """Whether what a document shows, `...` standing for anything, is what was printed."""
    wanted = re.escape(words(shown)).replace(re.escape("..."), ".*")
    return re.fullmatch(wanted, words(printed)) is not None
