"""Folders of this clinic: records and its own knowledge files. Imports no Django."""

import os
from pathlib import Path


def data_folder() -> Path:
    """Return the user's folder for Regrow's data; never the source tree."""
    given = os.environ.get("REGROW_DATA")
    if given:
        return Path(given)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "regrow"


def knowledge_folder() -> Path | None:
    """Return the clinic's knowledge folder: `REGROW_KNOWLEDGE`, or `knowledge` in the data folder if present."""
    given = os.environ.get("REGROW_KNOWLEDGE")
    if given:
        return Path(given)
    usual = data_folder() / "knowledge"
    return usual if usual.is_dir() else None
