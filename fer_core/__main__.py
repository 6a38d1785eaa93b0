"""`python -m fer_core` is the command `fer`."""

from fer_core.cli import main

if __name__ == "__main__":
    main()
