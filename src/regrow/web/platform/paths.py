"""Where this clinic keeps its own things: the records, and the knowledge files it adds. No Django here."""

import os
from pathlib import Path


def data_folder() -> Path:
    """The user's own folder for Regrow's data; never the source tree."""
    given = os.environ.get("REGROW_DATA")
    if given:
        return Path(given)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "regrow"


def knowledge_folder() -> Path | None:
    """The clinic's own knowledge files: `REGROW_KNOWLEDGE`, or `knowledge` in the data folder if it is there."""
    given = os.environ.get("REGROW_KNOWLEDGE")
    if given:
        return Path(given)
    usual = data_folder() / "knowledge"
    return usual if usual.is_dir() else None
