"""Work that outlives the page which started it: processes, their locks, and folders that tell how far they are."""
