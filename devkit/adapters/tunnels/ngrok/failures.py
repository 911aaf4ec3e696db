"""What goes wrong with the agent, as one sentence and a way out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devkit.core.errors import DevkitError, MissingToolError, UnreachableError, UsageError

_CODE = re.compile(r"ERR_NGROK_(\d+)")
_LINES_SHOWN = 5
_NO_NETWORK = ("failed to reconnect", "failed to dial", "dial tcp", "no such host")
_STARTED = "tunnel session started"
_TOKENS = "https://dashboard.ngrok.com/get-started/your-authtoken"


@dataclass(frozen=True)
class _Known:
    kind: type[DevkitError]
    message: str
    hint: str


_KNOWN: Mapping[str, _Known] = {
    "4018": _Known(
        MissingToolError,
        "ngrok asks for an authtoken and has none (ERR_NGROK_4018)",
        f"set NGROK_AUTHTOKEN to yours, from {_TOKENS}",
    ),
    "105": _Known(
        UsageError,
        "the ngrok authtoken has not the form of one (ERR_NGROK_105)",
        f"set NGROK_AUTHTOKEN to the whole token, from {_TOKENS}; an API key is something else",
    ),
    "107": _Known(
        UsageError,
        "ngrok does not know the authtoken, or it was revoked (ERR_NGROK_107)",
        f"set NGROK_AUTHTOKEN to a new one, from {_TOKENS}",
    ),
    "108": _Known(
        DevkitError,
        "the ngrok account has as many agents running as its plan allows (ERR_NGROK_108)",
        "end the other one: https://dashboard.ngrok.com/agents shows where it runs",
    ),
    "334": _Known(
        DevkitError,
        "another ngrok agent serves this address already (ERR_NGROK_334)",
        "end the other one (https://dashboard.ngrok.com/endpoints), or ask for another address",
    ),
}


def refused(text: str, lines: Sequence[str], secret: str) -> DevkitError:
    """The error for an agent that ended, or would not open the endpoint.

    text: what pyngrok says; lines: the agent's log; secret: what nobody may see
    """
    evidence = _evidence(lines, secret)
    code = _CODE.search(text) or _CODE.search("\n".join(lines))
    known = _KNOWN.get(code[1]) if code else None
    if known:
        return known.kind(known.message, hint=known.hint, evidence=evidence)
    if "address already in use" in text:
        message = "the port of the ngrok agent's own API is taken"
        return DevkitError(message, hint="end the other agent, or set web_addr in its configuration", evidence=evidence)
    shown = f"ngrok refuses ({code[0]})" if code else "the ngrok agent did not start"
    hint = f"https://ngrok.com/docs/errors/err_ngrok_{code[1]}/ explains it" if code else "ngrok diagnose says more"
    return DevkitError(shown, hint=hint, evidence=evidence or _evidence([text], secret))


def too_late(seconds: float, lines: Sequence[str], secret: str) -> DevkitError:
    """The error for an agent that opened nothing in this time. lines: its log"""
    evidence, log = _evidence(lines, secret), "\n".join(lines)
    if not lines:
        message = f"the ngrok agent said nothing for {seconds:g} seconds"
        return DevkitError(message, hint="try the program alone: ngrok diagnose")
    if any(word in log for word in _NO_NETWORK):
        message = f"the ngrok agent reached none of ngrok's servers within {seconds:g} seconds"
        return UnreachableError(message, hint="look at network and proxy: ngrok diagnose", evidence=evidence)
    if _STARTED in log:
        message = "this ngrok agent is too old: it does not know endpoints"
        return MissingToolError(message, hint="update it: ngrok update", evidence=evidence)
    message = f"the ngrok agent was not ready within {seconds:g} seconds"
    return DevkitError(message, hint="try the program alone: ngrok diagnose", evidence=evidence)


def _evidence(lines: Sequence[str], secret: str) -> list[str]:
    shown = [line.replace(secret, "(secret)") if secret else line for line in lines]
    return [line for line in shown if line.strip()][-_LINES_SHOWN:]
