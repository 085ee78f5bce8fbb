"""The command line ``nq57``: the whole of it; commands of one concern are in the ``cli`` module of its room."""
