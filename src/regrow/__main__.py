"""`python -m regrow`, and the `regrow` command."""

from .cli import main

if __name__ == "__main__":
    main()
