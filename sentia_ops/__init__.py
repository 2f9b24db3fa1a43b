import os

# numba, where colorama is installed, swaps sys.stdout while it compiles, in whatever thread: output gets lost
os.environ.setdefault("NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING", "1")

__version__ = "0.1.0"
