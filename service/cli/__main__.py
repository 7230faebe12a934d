"""`python -m service.cli` is `ringsight`."""

from service.cli import main

main()
