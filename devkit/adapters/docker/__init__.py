"""Docker from outside: which engine answers, what Compose is told to do, and what the engine shows of it.

Compose acts (argv built by pure functions, run through the command line), the engine's API observes.
Nothing here knows OpenMeter; adapters/backends/compose does.
"""
