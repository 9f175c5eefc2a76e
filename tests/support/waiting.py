"""Waiting for a condition, never for the clock."""

import time


def wait_for(condition, what, seconds=30, pause=0.05):
    """Call ``condition`` until it gives something true, and give that.

    Raises AssertionError naming ``what`` after so many ``seconds``. An exception of the condition counts as not yet
    true; the last one is the cause of the AssertionError.
    """
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            if result := condition():
                return result
            last = None
        except Exception as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}") from last
        time.sleep(pause)
