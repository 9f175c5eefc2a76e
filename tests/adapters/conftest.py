"""The networks are imported as ``networks``: the addon's own package would need Odoo."""

import sys
from pathlib import Path

ADDON = Path(__file__).resolve().parents[2] / "social_care"
for folder in (str(ADDON), str(Path(__file__).parent)):
    if folder not in sys.path:
        sys.path.insert(0, folder)
