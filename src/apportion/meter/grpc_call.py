"""What gRPC servers, threaded and asyncio, have in common: one call and how it ended.

The size of messages is that of their serialised form, seen where gRPC turns bytes into
messages and back; nothing is serialised twice. Replies are serialised when the service has
made them, so that all is counted when the call is recorded, and a single reply is sent after.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import grpc

from apportion.meter.consumer import Caller
from apportion.meter.service_meter import ServiceMeter

_LOG = logging.getLogger("apportion.meter")

Handler = Any  # grpc.RpcMethodHandler: gRPC has no types
Behaviour = Callable[[Any, Any], Any]
Wrapping = Callable[["GrpcCall", Behaviour], Behaviour]
Serialise = Callable[[Any], bytes]
CountReply = Callable[[Any], Mapping[str, int]]
"""Counts of one message of a reply: ``lambda reply: {"feature_reads": len(reply.rows)}``."""

SKIP = ("/grpc.health.v1.Health/", "/grpc.reflection.")
"""Beginnings of methods that are nobody's use."""

_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}
_FINE = ("OK", "CANCELLED")


class Serialised:
    """A reply that is bytes already."""

    __slots__ = ("message",)

    def __init__(self, message: bytes) -> None:
        self.message = message


class GrpcCall:
    """One call of a gRPC service, recorded once."""

    def __init__(
        self, meter: ServiceMeter, details: grpc.HandlerCallDetails, count_reply: CountReply | None
    ) -> None:
        self._meter = meter
        self._count_reply = count_reply
        self._serialise: Serialise = bytes
        self.call = meter.begin(Caller(_metadata(details), {}))
        self.call.described["Operation"] = details.method

    def handler(self, handler: Handler, one_reply: Wrapping, many_replies: Wrapping) -> Handler:
        """The same handler, of the same kind, with its call metered."""
        kinds: dict[tuple[bool, bool], tuple[str, Any]] = {
            (False, False): ("unary_unary", grpc.unary_unary_rpc_method_handler),
            (False, True): ("unary_stream", grpc.unary_stream_rpc_method_handler),
            (True, False): ("stream_unary", grpc.stream_unary_rpc_method_handler),
            (True, True): ("stream_stream", grpc.stream_stream_rpc_method_handler),
        }
        streams = bool(handler.response_streaming)
        name, made = kinds[bool(handler.request_streaming), streams]
        self._serialise = handler.response_serializer or bytes
        deserialise = handler.request_deserializer or bytes

        def read(message: bytes) -> Any:
            self.call.bytes_in += len(message)
            return deserialise(message)

        new: Handler = made(
            (many_replies if streams else one_reply)(self, getattr(handler, name)),
            request_deserializer=read,
            response_serializer=self._write,
        )
        return new

    def _write(self, reply: Any) -> bytes:
        if isinstance(reply, Serialised):
            return reply.message
        message = self._serialise(reply)
        self.call.bytes_out += len(message)
        if self._count_reply is not None:
            try:
                self.call.count(**self._count_reply(reply))
            except Exception as fault:
                _LOG.warning("a reply could not be counted: %s", type(fault).__name__)
        return message

    def replied(self, reply: Any, context: Any, *, gone: bool = False) -> tuple[Any, int]:
        """Record a call with a single reply: what to hand on to gRPC, and the ticket."""
        self._look_at_code(context)
        if self.call.failure:
            return reply, self._end("failed")
        try:
            serialised = Serialised(self._write(reply))
        except Exception:
            self.call.failure = "INTERNAL"
            return reply, self._end("failed")
        return serialised, self._end("cancelled" if gone else "success")

    def part(self, reply: Any) -> Any:
        """Count one reply of a stream; what to hand on to gRPC."""
        try:
            return Serialised(self._write(reply))
        except Exception:  # gRPC meets the fault again and tells the caller
            return reply

    def streamed(self, context: Any) -> int:
        """Record a call whose stream has ended as it should; the ticket."""
        self._look_at_code(context)
        return self._end("success")

    def broke(self, context: Any, fault: BaseException) -> None:
        """Record a call whose service raised, refused, or was stopped."""
        if isinstance(fault, Exception):
            self._look_at_code(context)
            self.call.failure = self.call.failure or "UNKNOWN"
        self._end("cancelled")

    def sync(self, ticket: int) -> None:
        """Wait for the disk where the spool promises it."""
        if self.waits(ticket):
            with suppress(OSError):  # the keeper tries again, and tells
                self._meter.spool.sync(ticket)

    def waits(self, ticket: int) -> bool:
        return ticket > 0 and self._meter.spool.fsync == "always"

    def _look_at_code(self, context: Any) -> None:
        """Take over the status that the service set for the call, where it set one."""
        code = context.code() if hasattr(context, "code") else None
        name = code.name if isinstance(code, grpc.StatusCode) else _NAMES.get(code or 0, str(code))
        if name not in _FINE:
            self.call.failure = self.call.failure or name

    def _end(self, status: str) -> int:
        return self._meter.end(self.call, "failed" if self.call.failure else status)


def _metadata(details: grpc.HandlerCallDetails) -> dict[str, str]:
    pairs = details.invocation_metadata or ()
    return {key.lower(): value for key, value in pairs if isinstance(value, str)}
