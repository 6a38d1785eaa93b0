"""A borrowed GPU machine without a network: what it needs is packed, run there under a deadline, and brought home.

No torch here: `fer results run` starts the trainings.
"""
