"""Meter a gRPC server that serves in threads (`grpc.server`).

grpc.server(pool, interceptors=[GrpcMeter(meter)])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import grpc

from apportion.meter.grpc_call import SKIP, Behaviour, CountReply, GrpcCall, Handler
from apportion.meter.metered_call import CURRENT
from apportion.meter.service_meter import ServiceMeter


class GrpcMeter(grpc.ServerInterceptor):  # type: ignore[misc, unused-ignore]
    """Records each call; a stream is one call. `count_reply` counts what is in a reply."""

    def __init__(
        self,
        meter: ServiceMeter,
        *,
        skip: tuple[str, ...] = SKIP,
        count_reply: CountReply | None = None,
    ) -> None:
        self._meter = meter
        self._skip = skip
        self._count_reply = count_reply

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        handler = continuation(handler_call_details)
        if handler is None or handler_call_details.method.startswith(self._skip):
            return handler
        call = GrpcCall(self._meter, handler_call_details, self._count_reply)
        return call.handler(handler, one_reply, many_replies)


def one_reply(call: GrpcCall, behaviour: Behaviour) -> Behaviour:
    """A function that makes a single reply, metered."""

    def served(request: Any, context: Any) -> Any:
        mark = CURRENT.set(call.call)
        try:
            reply = behaviour(request, context)
        except BaseException as fault:
            call.broke(context, fault)
            raise
        finally:
            CURRENT.reset(mark)
        gone = hasattr(context, "is_active") and not context.is_active()
        handed_on, ticket = call.replied(reply, context, gone=gone)
        call.sync(ticket)
        return handed_on

    return served


def many_replies(call: GrpcCall, behaviour: Behaviour) -> Behaviour:
    """A function that yields replies, metered."""

    def served(request: Any, context: Any) -> Iterator[Any]:
        mark = CURRENT.set(call.call)
        try:
            for reply in behaviour(request, context):
                yield call.part(reply)
        except BaseException as fault:  # GeneratorExit, when the caller is gone
            call.broke(context, fault)
            raise
        finally:
            with suppress(ValueError):  # dropped in another thread
                CURRENT.reset(mark)
        call.sync(call.streamed(context))

    return served
