"""`python -m regrow`, and the `regrow` command."""

from regrow.cli import main

if __name__ == "__main__":
    main()
