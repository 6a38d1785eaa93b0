"""An assembled data set: a folder of faces with one table, its splits, and what is computed from them."""
