"""No tunnel: everything works but what comes from outside."""

from devkit.adapters.tunnels.base import Standing


class NoTunnel:
    provider = "none"

    def start(self, port: int) -> None:  # noqa: ARG002 - as the Protocol has it
        return None

    def standing(self) -> Standing:
        return Standing(None)

    def stop(self) -> None:
        """Nothing runs."""
