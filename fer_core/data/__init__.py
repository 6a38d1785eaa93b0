"""From files on disk to one assembled data set: readers, copies, splits, decoding, export."""
