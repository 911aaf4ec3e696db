"""ngrok's agent, version 3, driven by pyngrok: found and never fetched, its token in a file of its own."""
