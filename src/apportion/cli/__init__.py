"""The command line. One file per command group; heavy imports happen inside commands."""

from __future__ import annotations


def main() -> None:
    """Run the command line; faults become messages and exit codes, never traces."""
    from apportion.cli.app import run_app

    run_app()
