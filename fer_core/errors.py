"""The one error a person can mend: its message is a sentence that ends with the next step."""


class InputError(ValueError):
    """Wrong input. The page shows the message as it is; the command line prints it and exits with 2."""
