"""Processes that send answers and may be killed: forked from an Odoo that has loaded everything already."""

import os
import select
import signal
import socket

import psutil

from .waiting import wait_for

# Each order is a line of Python for a process of its own; that it has begun is told.
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
    if not os.fork():
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {{}})
                exec(order, {{"env": env}})
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    line.sendall(b".")
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

    def stop(self):
        """End all."""
        for child in self._alive():
            child.kill()
        self._line.close()
        self.process.kill()
        self.process.communicate()

    def send(self, count=1):
        """Start workers beside each other and wait until each is dead or done."""
        for _number in range(count):
            self._order(ONE_OF_SEVERAL_WORKERS)
        wait_for(lambda: len(self._alive()) == 0, "the senders are dead or done", 120, 0.005)

    def send_by_cron(self):
        """What the scheduler does after a restart: runs the action, to its end."""
        self._order(SCHEDULED_ACTION)
        wait_for(lambda: len(self._alive()) == 0, "the scheduled action ends", 120, 0.01)

    def kill(self, port):
        """SIGKILL to the sender that speaks from this port; gives back when it is dead."""
        [sender] = [child for child in self._alive() if _speaks_from(child, port)]
        end = os.pidfd_open(sender.pid)
        signal.pidfd_send_signal(end, signal.SIGKILL)
        dead, *_others = select.select([end], [], [], 30)
        os.close(end)
        assert dead

    def _order(self, code):
        self._line.sendall(f"{code}\n".encode())
        assert self._line.recv(1) == b"."

    def _alive(self):
        return psutil.Process(self.process.pid).children()


def _speaks_from(process, port):
    try:
        return any(one.laddr.port == port for one in process.net_connections("tcp"))
    except psutil.NoSuchProcess:
        return False
