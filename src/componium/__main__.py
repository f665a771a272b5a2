"""Runs the command line: ``python -m componium``."""

from componium.cli.main import main

main()
