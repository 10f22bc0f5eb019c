"""Who called Amazon Bedrock, from the ARN of a principal.

An IAM user is a user. Of an assumed role the role is what an application is, and the session is
who took it on: a person's name where the role came from single sign-on, else a machine or a
function, which is an attribute.

Source: AWS, IAM identifiers; Bedrock's granular cost attribution (2026).
"""

from __future__ import annotations

import re

_USER = re.compile(r"arn:[^:]+:iam::\d+:user/.+")
_ASSUMED = re.compile(r"(arn:[^:]+:sts::\d+:assumed-role/)([^/]+)/(.+)")
_SINGLE_SIGN_ON = "AWSReservedSSO_"


def of_principal(arn: str | None) -> tuple[dict[str, object], dict[str, str]]:
    """The identities of a principal, and its attributes.

    >>> of_principal("arn:aws:sts::1:assumed-role/search/i-01")
    ({'ServiceAccountId': 'arn:aws:sts::1:assumed-role/search'}, {'session': 'i-01'})
    >>> of_principal("arn:aws:iam::1:user/mira")
    ({'UserId': 'arn:aws:iam::1:user/mira'}, {})
    """
    if not arn:
        return {}, {}
    if _USER.fullmatch(arn):
        return {"UserId": arn}, {}
    found = _ASSUMED.fullmatch(arn)
    if not found:
        return {"ServiceAccountId": arn}, {}
    role = {"ServiceAccountId": found[1] + found[2]}
    if found[2].startswith(_SINGLE_SIGN_ON):
        return {**role, "UserId": found[3]}, {}
    return role, {"session": found[3]}
