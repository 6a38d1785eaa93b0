"""Child processes that are forked, to be killed at a step of their work."""

import multiprocessing
import os
import signal

FORK = multiprocessing.get_context("fork")


def in_child(function, *arguments):
    """The function at work in a child of its own."""
    child = FORK.Process(target=function, args=arguments, daemon=True)
    child.start()
    return child


def die(*arguments, **options):
    """Kills this process, in place of what it was about to do."""
    os.kill(os.getpid(), signal.SIGKILL)
