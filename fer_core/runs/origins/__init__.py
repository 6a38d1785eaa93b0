"""What a network learned: from its faces, the runs that it started from, and its teachers."""
