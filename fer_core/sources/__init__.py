"""Files on a disk to records: one row a face, with what could not become a row."""
