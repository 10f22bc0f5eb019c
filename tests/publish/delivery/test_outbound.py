"""A webhook may call nobody inside, by no way of writing it, unless the project allows it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from apportion.errors import DeliveryError
from apportion.publish.delivery.outbound import is_public, resolve, target_of


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_addresses_inside_are_refused(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(DeliveryError, match="isn't a public address"):
        target_of("https://hooks.example.com/x", lookup=lambda _host, _port: [address])


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://localhost./",
    ],
)
def test_loopback_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(DeliveryError, match=r"isn't a public address|can't be found"):
        target_of(url, lookup=resolve)


def test_one_address_inside_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(DeliveryError, match="isn't a public address"):
        target_of("https://h.example/", lookup=lambda _host, _port: ["93.184.216.34", "10.0.0.1"])


def test_a_host_is_resolved_once_and_pinned() -> None:
    """A name that would answer with another address the second time is asked only once."""
    answers: list[Iterable[str]] = [["93.184.216.34"], ["127.0.0.1"]]
    target = target_of("https://h.example/a?b=c", lookup=lambda _host, _port: answers.pop(0))
    assert (target.address, target.path, target.port) == ("93.184.216.34", "/a?b=c", 443)
    assert len(answers) == 1


@pytest.mark.parametrize("allow", ["10.0.0.0/8", "10.0.0.5", "h.example", "H.EXAMPLE"])
def test_who_administers_the_project_can_allow_it(allow: str) -> None:
    target = target_of("https://h.example/", (allow,), lookup=lambda _host, _port: ["10.0.0.5"])
    assert target.address == "10.0.0.5"


def test_nothing_is_called_in_the_clear_unless_it_is_allowed() -> None:
    with pytest.raises(DeliveryError, match="in the clear"):
        target_of("http://h.example/", lookup=lambda _host, _port: ["93.184.216.34"])
    assert target_of("http://h/", ("h",), lookup=lambda _host, _port: ["10.0.0.5"]).port == 80


@pytest.mark.parametrize("url", ["ftp://h.example/", "file:///etc/passwd", "https://u:p@h/", "x"])
def test_other_addresses_cant_be_called(url: str) -> None:
    with pytest.raises(DeliveryError, match="can't be called"):
        target_of(url, lookup=lambda _host, _port: ["93.184.216.34"])


def test_what_is_shown_of_a_target_holds_no_token() -> None:
    target = target_of(
        "https://h.example/t0ken?k=s3cret", lookup=lambda _host, _port: ["93.184.216.34"]
    )
    assert target.shown == "https://h.example"
