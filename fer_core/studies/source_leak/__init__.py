"""Whether a face's pixels tell which source it came from."""
