"""What support/nursery.py starts: ``python nursery_program.py SOCKET``. Loads the addon, then forks for each order.

An order is Odoo's arguments as JSON, with four files: standard input, output and errors, and where to tell the process
id and, when it has ended, its exit status, twelve bytes each.
"""

import gc
import json
import os
import signal
import socket
import sys


def load(module):
    """Import a module of Odoo after those it depends on, as a database where it is installed would."""
    from odoo.modules.module import Manifest, load_openerp_module

    for needed in Manifest.for_addon(module)["depends"]:
        load(needed)
    load_openerp_module(module)


def serve(line):
    """Fork until the other side hangs up. Gives the arguments of its command in a fork, and nothing in the end."""
    while True:
        order, files, *_rest = socket.recv_fds(line, 65536, 4)
        if not order:
            return None
        if not os.fork():
            line.close()
            attend(*files)
            return json.loads(order)
        for file in files:
            os.close(file)


def attend(*files):
    """Fork again: the command itself goes on from here, and the other tells what becomes of it."""
    *streams, telling = files
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    command = os.fork()
    if not command:
        os.close(telling)
        for number, file in enumerate(streams):
            os.dup2(file, number)
            os.close(file)
        return
    os.write(telling, b"%12d" % command)
    _command, status = os.waitpid(command, 0)
    os.write(telling, b"%12d" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def main():
    """Load Odoo and the addon, and run the commands that are ordered."""
    line = socket.socket(fileno=int(sys.argv[1]))
    # This file's folder must not shadow anybody's modules.
    sys.path.pop(0)
    import odoo.cli
    from odoo.tools import config

    config.parse_config([], setup_logging=False)
    odoo.cli.command.find_command("shell")
    load("social_care")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead leave at once
    arguments = serve(line)
    if arguments:
        sys.argv = ["odoo", *arguments]
        odoo.cli.main()


if __name__ == "__main__":
    main()
