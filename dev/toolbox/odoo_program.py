"""Odoo's command line: ``python odoo_program.py server …``.

A file, not ``-m odoo``: a server of several processes starts the one for live messages by the file that it was started
by itself, and the package's own does not run alone. It would fail and be started again, twenty times a second.
"""

import sys


def main():
    """Run Odoo."""
    # This file's folder must not shadow anybody's modules.
    sys.path.pop(0)
    import odoo.cli

    odoo.cli.main()


if __name__ == "__main__":
    main()
