"""What a person is asked about labels, and what they answer."""
