"""Meter a gRPC server on asyncio (`grpc.aio.server`).

    grpc.aio.server(interceptors=[AioGrpcMeter(meter)])

Such a server also takes functions that are no coroutines, and streams that write to the
context instead of yielding; each keeps its kind.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import grpc
import grpc.aio

from apportion.meter import grpc_threads
from apportion.meter.grpc_call import SKIP, Behaviour, CountReply, GrpcCall, Handler
from apportion.meter.metered_call import CURRENT
from apportion.meter.service_meter import ServiceMeter


class AioGrpcMeter(grpc.aio.ServerInterceptor):  # type: ignore[misc, unused-ignore]
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

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        handler = await continuation(handler_call_details)
        if handler is None or handler_call_details.method.startswith(self._skip):
            return handler
        call = GrpcCall(self._meter, handler_call_details, self._count_reply)
        return call.handler(handler, _one_reply, _many_replies)


def _one_reply(call: GrpcCall, behaviour: Behaviour) -> Behaviour:
    if not inspect.iscoroutinefunction(behaviour):
        return _noting(grpc_threads.one_reply(call, behaviour))

    async def served(request: Any, context: Any) -> Any:
        mark = CURRENT.set(call.call)
        try:
            reply = await behaviour(request, context)
        except BaseException as fault:
            call.broke(context, fault)
            raise
        finally:
            CURRENT.reset(mark)
        handed_on, ticket = call.replied(reply, context)
        await _synced(call, ticket)
        return handed_on

    return served


def _many_replies(call: GrpcCall, behaviour: Behaviour) -> Behaviour:
    if inspect.isasyncgenfunction(behaviour):
        return _yielding(call, behaviour)
    if inspect.iscoroutinefunction(behaviour):
        return _writing(call, behaviour)
    return _noting(grpc_threads.many_replies(call, behaviour))


class _NotingContext:
    """The context of a function in an asyncio server, which can set a status but not tell it."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._code: Any = None

    def code(self) -> Any:
        return self._code

    def set_code(self, code: Any) -> None:
        self._code = code
        self._context.set_code(code)

    def abort(self, code: Any, *details: Any) -> None:
        self._code = code
        self._context.abort(code, *details)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


def _noting(behaviour: Behaviour) -> Behaviour:
    return lambda request, context: behaviour(request, _NotingContext(context))


def _yielding(call: GrpcCall, behaviour: Behaviour) -> Behaviour:
    async def served(request: Any, context: Any) -> AsyncIterator[Any]:
        mark = CURRENT.set(call.call)
        try:
            async for reply in behaviour(request, context):
                yield call.part(reply)
        except BaseException as fault:  # GeneratorExit, when the caller is gone
            call.broke(context, fault)
            raise
        finally:
            with suppress(ValueError):  # closed by the loop, not by the call's task
                CURRENT.reset(mark)
        await _synced(call, call.streamed(context))

    return served


def _writing(call: GrpcCall, behaviour: Behaviour) -> Behaviour:
    async def served(request: Any, context: Any) -> None:
        mark = CURRENT.set(call.call)
        try:
            await behaviour(request, context)
        except BaseException as fault:
            call.broke(context, fault)
            raise
        finally:
            CURRENT.reset(mark)
        await _synced(call, call.streamed(context))

    return served


async def _synced(call: GrpcCall, ticket: int) -> None:
    if call.waits(ticket):
        await asyncio.get_running_loop().run_in_executor(None, call.sync, ticket)
