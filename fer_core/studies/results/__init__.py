"""The table of results: runs the rows of a file and writes them as Markdown. No torch here."""
