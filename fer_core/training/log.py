"""The lines of a run's log.txt, which is what its process prints."""

import time


def say(sentence: str) -> None:
    """Prints one line, with the time of day in front."""
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)
