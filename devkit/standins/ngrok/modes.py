"""How the stand-in fails when the environment asks for it (DEVKIT_STANDIN_NGROK)."""

from collections.abc import Mapping

VARIABLE = "DEVKIT_STANDIN_NGROK"

#: Error → what the agent logs before it ends with 1. The codes are ngrok's, the words are not.
REFUSED: Mapping[str, str] = {
    "4018": "authentication failed: a verified account and its authtoken are needed. ERR_NGROK_4018",
    "105": "authentication failed: the authtoken does not look like one. ERR_NGROK_105",
    "107": "authentication failed: the authtoken is not valid, or was revoked. ERR_NGROK_107",
    "108": "authentication failed: the account has as many agent sessions as it may have. ERR_NGROK_108",
    "bind": "listen tcp 127.0.0.1:4040: bind: address already in use",
}
ONLINE = "334"  # every endpoint is online already
OLD = "old"  # an agent without /api/endpoints
SILENT = "silent"  # logs nothing
OFFLINE = "offline"  # logs that it reaches no server, for ever
DIES = "die"  # ends once it has opened an endpoint
OUTLIVES = "outlive"  # goes on when its parent has gone, as the real agent does; for a minute

MODES = ("", *REFUSED, ONLINE, OLD, SILENT, OFFLINE, DIES, OUTLIVES)
