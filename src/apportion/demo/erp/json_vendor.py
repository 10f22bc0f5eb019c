"""What stand-ins that speak JSON share: exact figures in, exact figures out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from apportion.demo.erp.stand_in import Reply

_EXACT = re.compile(r'"\\u0001([0-9.eE+-]+)"')


def json_reply(status: int, document: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A document as an answer; decimals are numbers, digit by digit."""

    def exact(value: Any) -> str:
        return f"\x01{value:f}" if isinstance(value, Decimal) else str(value)

    text = json.dumps(document, default=exact)
    return Reply(status, _EXACT.sub(r"\1", text).encode(), headers=headers or {})


def json_request(body: bytes) -> dict[str, Any] | None:
    """The object of a request, or None where it is none."""
    try:
        found = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def amount_of(value: object) -> Decimal:
    """An amount of a request; what is none is one that nothing balances with."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    return found if found.is_finite() else Decimal("0.000001")
