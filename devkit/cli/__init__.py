"""The command line: the only part of devkit that talks to people."""
