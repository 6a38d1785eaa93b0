"""The table of results as a command: rows of a file are run, and written as Markdown. No torch here."""
