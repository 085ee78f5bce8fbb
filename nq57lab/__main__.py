"""``python -m nq57lab``: the command line without its script."""

from nq57lab.cli.main import main

main()
