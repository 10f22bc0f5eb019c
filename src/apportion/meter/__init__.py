"""Meters the callers of a shared service: who called, how often, and what it took.

Part of the way of the data before there is any: a service mounts it, and its records are
loaded like any other usage. It needs nothing beyond the standard library (gRPC where a
service speaks it), so that a service can carry it.
"""

from __future__ import annotations

from apportion.meter.api_keys import KeyMap, by_key, digest_of_key
from apportion.meter.asgi import AsgiMeter
from apportion.meter.consumer import Caller, Consumer, by_claim, by_header
from apportion.meter.metered_call import MeteredCall, this_call
from apportion.meter.model_server import ModelServer
from apportion.meter.service_meter import ServiceMeter, counted_by_header
from apportion.meter.spool import Spool

__all__ = [
    "AsgiMeter",
    "Caller",
    "Consumer",
    "KeyMap",
    "MeteredCall",
    "ModelServer",
    "ServiceMeter",
    "Spool",
    "by_claim",
    "by_header",
    "by_key",
    "counted_by_header",
    "digest_of_key",
    "this_call",
]
