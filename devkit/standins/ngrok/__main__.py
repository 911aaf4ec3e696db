"""`python -m devkit.standins.ngrok start --none --log stdout`: what the executable runs in the agent's place."""

import sys

from devkit.standins.ngrok.program import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
