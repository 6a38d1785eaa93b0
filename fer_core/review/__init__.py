"""Lists of labels to review, and the corrections that result."""
