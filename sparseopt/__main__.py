"""``python -m sparseopt``: the command line where no ``sparseopt`` is on the path."""

from sparseopt.cli.main import main

if __name__ == "__main__":
    main()
