"""Background jobs that outlive the page: processes, their locks, and folders with their state."""
