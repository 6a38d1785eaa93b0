"""Lines of a run's log.txt, which is the output of its process."""

import time


def say(sentence: str) -> None:
    """Prints one line with the time of day."""
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)
