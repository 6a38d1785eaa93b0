"""The one error a person can mend: its message is a sentence that ends with the next step."""


class InputError(ValueError):
    """Wrong input. The page shows the message as it is; the command line prints it and exits with 2.

    Example:
        >>> try:
        ...     fer.open_dataset("fer2031")
        ... except fer.InputError as error:
        ...     print(error)
        There is no data set 'fer2031' (available: demo). Make it with fer data assemble fer2031 --source PATH.
    """
