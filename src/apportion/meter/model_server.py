"""Meter the tokens of an OpenAI-compatible model server: vLLM, SGLang, TGI, a gateway.

    AsgiMeter(app, meter, reader=ModelServer())

A record has the model, the tier, and the tokens as disjoint meters. Where an answer has no
usage, the record has no tokens and says ``usage: missing``, so that nobody takes it for free.
"""

from __future__ import annotations

from apportion.meter.asgi import Answer, Receive, Scope
from apportion.meter.metered_call import MeteredCall
from apportion.meter.openai_answer import StreamedAnswer, WholeAnswer
from apportion.meter.openai_request import ModelRequest

PATHS = ("/chat/completions", "/completions", "/embeddings", "/responses")
"""Ends of the paths whose answers tell a usage."""


class ModelServer:
    """Reads requests and answers of a model server.

    `ask_for_usage` has streams tell their usage where the caller didn't ask; set it to False
    where the server always does (vLLM's ``--enable-force-include-usage``).
    """

    def __init__(self, *, ask_for_usage: bool = True, paths: tuple[str, ...] = PATHS) -> None:
        self._ask = ask_for_usage
        self._paths = paths

    async def request(self, call: MeteredCall, scope: Scope, receive: Receive) -> Receive:
        """Read a request, unless it is none to a model."""
        if scope["method"] != "POST" or not scope["path"].endswith(self._paths):
            return receive
        asked = ModelRequest()
        call.asked = asked
        call.attributes["usage"] = "missing"
        if self._ask:
            receive = await asked.taken(scope, receive)
            if asked.model:
                call.described["ModelId"] = asked.model
        return receive

    def answer(self, call: MeteredCall, status: int) -> Answer | None:
        """What looks at the answer, by its kind."""
        asked = call.asked
        if not isinstance(asked, ModelRequest) or status >= 400:
            call.attributes.pop("usage", None)
            return None
        kind = call.response_headers.get("content-type", "")
        if call.response_headers.get("content-encoding", "identity") != "identity":
            return None
        if kind.startswith("text/event-stream"):
            # With its length already told, an answer can't be made shorter.
            whole = "content-length" in call.response_headers
            return StreamedAnswer(call, withhold=asked.asked_for_usage and not whole)
        return WholeAnswer(call) if kind.startswith("application/json") else None
