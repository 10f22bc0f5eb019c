"""Credentials are sent in a header to one host, and are seen nowhere else."""

from __future__ import annotations

import base64
import ipaddress
import json
import socket
from pathlib import Path

import pytest

from apportion.demo.erp.json_vendor import json_reply
from apportion.demo.erp.stand_in import MISBEHAVIOURS, Asked, Reply
from apportion.errors import ConfigurationError, Place
from apportion.model.read_project import read_project
from apportion.publish.erp.post.channel import Channel, may_be_asked
from apportion.publish.erp.post.connectors import CONNECTORS
from apportion.publish.erp.post.credentials import Credentials
from apportion.publish.erp.settings import ErpSettings
from posting import ENVIRONMENT, FORMATS, SECRET, TARGETS, USER, place, project_settings
from walk import apportion

HERE = Place("apportion.yaml")
BASIC = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()


@pytest.mark.parametrize("target", TARGETS)
def test_no_fault_of_an_erp_lets_a_secret_out(
    tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the ERP echoes the credentials in all that it answers."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("time.sleep", lambda _: None)
    said = ""
    with place(tmp_path / "p", target, list(MISBEHAVIOURS[:6])) as at:
        answer = at.server.vendor.answer

        def echoing(asked: Asked, fault: str) -> Reply:
            reply = answer(asked, fault)
            login = asked.headers["authorization"]
            if fault == "reject":
                return json_reply(
                    400,
                    {
                        "Message": login,
                        "o:errorDetails": [{"detail": login}],
                        "Fault": {"Error": [{"Message": login, "Detail": SECRET}]},
                    },
                )
            return Reply(reply.status, reply.body, reply.type, {**reply.headers, "X-Echo": login})

        at.server.vendor.answer = echoing  # type: ignore[method-assign]
        for _ in range(7):
            monkeypatch.setenv("APPORTION_ACTOR", "ben")
            for more in ((), ("--json",)):
                code, output, errors = apportion(
                    at.small.root, "post", "--period", "2026-10", "--to", target, *more
                )
                said += output + errors
                assert code in {0, 1}
        _, output, errors = apportion(at.small.root, "postings", "--json")
        assert json.loads(output)["postings"][0]["state"] == "posted"
        _, log, _ = apportion(at.small.root, "audit", "log", "--json")
        said += output + errors + log
        assert any(SECRET in one.headers["authorization"] or BASIC in one.headers["authorization"]
                   for one in at.server.asked)  # fmt: skip
        assert not any(SECRET in one.path + str(one.query) for one in at.server.asked)
        files = [one.read_bytes() for one in at.small.root.rglob("*") if one.is_file()]
    assert SECRET not in said
    assert BASIC not in said
    assert not any(SECRET.encode() in one or BASIC.encode() in one for one in files)


def channel(url: str) -> Channel:
    return Channel(url, Credentials("Bearer x", ("x",)), HERE)


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example.com",
        "https://ann:pw@erp.example.com",
        "https://169.254.169.254",
        "https://[::ffff:169.254.169.254]",
        "https://[fe80::1]",
        "https://2852039166",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://0.0.0.0",
        "ftp://erp.example.com",
    ],
)
def test_credentials_do_not_go_to(url: str) -> None:
    with pytest.raises(ConfigurationError):
        channel(url)


def test_a_name_that_leads_to_this_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ConfigurationError, match="leads to 127"):
        channel("https://erp.example.com")
    elsewhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: elsewhere)
    with pytest.raises(ConfigurationError, match="leads to 10"):
        channel("http://localhost:8000")


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere the next time leads nowhere else with us."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, *more: object, **others: object) -> object:
        asked.append(host)
        return real(host, *more, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        channel(f"http://localhost:{port}")
    assert asked.count("localhost") == 1


def test_private_networks_may_hold_an_erp() -> None:
    assert may_be_asked(ipaddress.ip_address("192.168.4.5"))
    assert not may_be_asked(ipaddress.ip_address("fd00:ec2::254"))


@pytest.mark.parametrize("target", ["netsuite", "xero", "quickbooks"])
def test_a_vendor_in_the_cloud_is_asked_at_its_own_hosts(tmp_path: Path, target: str) -> None:
    text = "name: P\ncurrency: USD\n" + project_settings(target, "https://erp.example.com")
    (tmp_path / "apportion.yaml").write_text(text)
    name = FORMATS.get(target, target)
    spec = read_project(tmp_path).erp[name]
    with pytest.raises(ConfigurationError, match=r"erp\.example\.com is no server of"):
        CONNECTORS[name](ErpSettings(spec))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://erp.example.com", "in clear text"),
        ("https://ann:pw@erp.example.com", "not the URL of a server"),
        ("https://erp.example.com?key=1", "not the URL of a server"),
    ],
)
def test_an_address_is_checked_where_it_is_written(tmp_path: Path, url: str, why: str) -> None:
    text = "name: P\ncurrency: USD\n" + project_settings("sap", url)
    (tmp_path / "apportion.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=why) as told:
        read_project(tmp_path)
    assert told.value.place is not None
    assert told.value.place.line == 4
