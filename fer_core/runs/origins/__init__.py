"""The origins of a network: its training faces, the run that it started from, and its teachers."""
