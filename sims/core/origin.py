"""Where an experiment comes from: shipped, installed, a file, or made in Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Origin:
    """What a run's file says of the code that made it, so that it can be recomputed elsewhere.

    Attributes:
        kind: `shipped` with this package, `installed` by another distribution, a `file` someone
            named, or `python`: an object made in a running program.
        name: the distribution, or the name of the file.
        version: that of the distribution.
        source: the text of the file.
        sha256: of that text, in hexadecimal.
        shadows: whether it stands in place of a shipped experiment of the same id.
    """

    kind: Literal["shipped", "installed", "file", "python"] = "python"
    name: str = ""
    version: str = ""
    source: str = ""
    sha256: str = ""
    shadows: bool = False

    @property
    def words(self) -> str:
        """For a reader: `from one_neuron.py, in place of the shipped one`; '' if shipped."""
        if self.kind == "shipped":
            return ""
        if self.kind == "python":
            return "made in Python"
        version = f" {self.version}" if self.version else ""
        instead = ", in place of the shipped one" if self.shadows else ""
        return f"from {self.name}{version}{instead}"

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes of a run's file; none for what this package ships, whose version is there."""
        if self.kind == "shipped":
            return {}
        found = {
            "origin": self.words,
            "origin_distribution": f"{self.name} {self.version}" if self.version else "",
            "origin_source": self.source,
            "origin_sha256": self.sha256,
        }
        return {name: text for name, text in found.items() if text}


SHIPPED = Origin("shipped", "learning-mechanics-explorer")
