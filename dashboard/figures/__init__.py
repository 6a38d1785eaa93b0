"""One figure a file: a frozen view of exactly what is shown, a function that computes it, one that draws it."""
