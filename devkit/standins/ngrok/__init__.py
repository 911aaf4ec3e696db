"""A stand-in for the ngrok agent: the same command line, log and API, with public addresses on loopback."""
