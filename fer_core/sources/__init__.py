"""Reading files into records: one row per face, plus what could not be used."""
