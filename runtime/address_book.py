"""Where a running installation can be reached, written into its folder for the commands.

``drumbeat --var var/demo services`` finds the demo's parts by it; a variable or an argument goes
before what stands here.
"""

import json
from pathlib import Path

ADDRESSES = "addresses.json"
NAMED = ("temporal_address", "temporal_ui_url", "smtp_url")


def write_addresses(var: Path, **addresses: str) -> None:
    """Write down where the parts of the installation in ``var`` listen."""
    var.mkdir(parents=True, exist_ok=True)
    (var / ADDRESSES).write_text(json.dumps(addresses, indent=2) + "\n", encoding="utf-8")


def read_addresses(var: Path) -> dict[str, str]:
    """Return the settings that the installation in ``var`` wrote down; none where it did not."""
    try:
        found = json.loads((var / ADDRESSES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: str(found[name]) for name in NAMED if name in found}
