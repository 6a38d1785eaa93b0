"""A borrowed GPU machine without network access: packing for it, running there under a deadline, bringing results back.

No torch here: `fer results run` starts the runs.
"""
