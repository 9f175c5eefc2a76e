"""Processes that send answers and may be killed: forked from an Odoo that has loaded everything already."""

import contextlib
import os
import select
import signal
import socket

import psutil

from .waiting import wait_for

# Each order is a line of Python for a process of its own, whose number is told.
NURSERY = """
import os, signal, socket, traceback
from odoo import SUPERUSER_ID, api, sql_db
{mutation}
env["social.care.reply"]._cron_publish()  # what a first run reads is read
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead leave at once
registry = env.registry
env.cr.rollback()
sql_db.close_all()  # a connection is nobody's but one process's
line = socket.create_connection(("127.0.0.1", {port}))
for order in line.makefile():
    child = os.fork()
    if not child:
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {{}})
                exec(order, {{"env": env}})
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    line.sendall(b"%d\\n" % child)
"""
ONE_OF_SEVERAL_WORKERS = 'env["social.care.reply"]._cron_publish()'
SCHEDULED_ACTION = 'env.ref("social_care.ir_cron_publish").method_direct_trigger()'


class Senders:
    """Start them with ``send``; ``kill`` is for a :class:`CrashProxy`. ``mutation`` changes what they run."""

    def __init__(self, database, mutation=""):
        self.database = database
        self.mutation = mutation
        self.process = None
        self._line = None
        self._told = None
        self._begun = []

    def start(self):
        """Load Odoo; answers that are queued already are sent by this."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(120)
            code = NURSERY.format(mutation=self.mutation, port=listener.getsockname()[1])
            self.process = self.database.start_script(code)
            try:
                self._line = listener.accept()[0]
            except TimeoutError:
                self.process.kill()
                raise AssertionError(self.process.communicate()[1][-4000:]) from None
        self._line.settimeout(120)
        self._told = self._line.makefile()

    def stop(self):
        """End all."""
        for sender in self._alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(sender, signal.SIGKILL)
        self._line.close()
        self.process.kill()
        self.process.communicate()

    def send(self, count=1):
        """Start workers beside each other and wait until each is dead or done."""
        for _number in range(count):
            self._order(ONE_OF_SEVERAL_WORKERS)
        wait_for(lambda: not self._alive(), "the senders are dead or done", 120, 0.01)

    def send_by_cron(self):
        """What the scheduler does after a restart: runs the action, to its end."""
        self._order(SCHEDULED_ACTION)
        wait_for(lambda: not self._alive(), "the scheduled action ends", 120)

    def kill(self, port, to_port):
        """SIGKILL to the sender that speaks from one port to the other; gives back when it is dead."""
        sender = next((one for one in self._alive() if _speaks(one, port, to_port)), None)
        if not sender:
            return  # on a busy machine it may have given up: then its connection is cut
        end = os.pidfd_open(sender)
        signal.pidfd_send_signal(end, signal.SIGKILL)
        dead, *_others = select.select([end], [], [], 30)
        os.close(end)
        assert dead

    def _order(self, code):
        self._line.sendall(f"{code}\n".encode())
        self._begun.append(int(self._told.readline()))

    def _alive(self):
        self._begun = [sender for sender in self._begun if os.path.exists(f"/proc/{sender}")]
        return self._begun


def _speaks(sender, port, to_port):
    with contextlib.suppress(psutil.Error):  # another one that dies just now
        return any(
            one.raddr and (one.laddr.port, one.raddr.port) == (port, to_port)
            for one in psutil.Process(sender).net_connections("tcp")
        )
    return False
