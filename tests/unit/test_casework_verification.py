"""Comparing a requester with the register: what is suspected, and what is left in peace."""

from typing import Any

import msgspec
import pytest

from console.casework.callback import callback_numbers, same_number
from console.casework.lookalike import distance, host_of, likenesses
from console.casework.verification import suspicions
from tests.casework_ground import REGISTER, case


def kinds(domain: str) -> list[str]:
    host = host_of(f"x@{domain}")
    assert host is not None
    return [one.kind for one in likenesses(host, REGISTER)]


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("city-p0lice.test", "homoglyph"),
        ("citypolice.test", "homoglyph"),
        ("cíty-police.test", "homoglyph"),
        ("сity-police.test", "homoglyph"),
        ("city-polise.test", "edit-distance"),
        ("ctiy-police.test", "edit-distance"),
        ("city-police.example", "wrong-tld"),
        ("city-police.test.login.example", "embedded"),
        ("city-police-test.example", "embedded"),
    ],
)
def test_an_imitation_is_suspected(domain: str, kind: str) -> None:
    assert kinds(domain) == [kind]


def test_punycode_is_read_as_what_it_shows() -> None:
    assert kinds("сity-police".encode("idna").decode() + ".test") == ["homoglyph"]


@pytest.mark.parametrize("domain", ["city-police.test", "mail.city-police.test", "garden.example"])
def test_the_real_one_and_a_stranger_are_no_imitation(domain: str) -> None:
    assert kinds(domain) == []


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("", "ab", 2), ("abc", "b", 2)],
)
def test_edits_are_counted(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == edits


@pytest.mark.parametrize("address", ["", "nobody", "x@", "x@" + "a" * 300])
def test_what_is_no_address_has_no_host(address: str) -> None:
    assert host_of(address) is None


def found(**requester: Any) -> dict[str, str]:
    known = suspicions(case(requester=requester), REGISTER)
    assert all(one.detail.isprintable() for one in known)
    return {one.code: one.level for one in known}


def test_a_requester_as_registered_raises_nothing() -> None:
    assert found(phone="+1 202 555 0100") == {}


@pytest.mark.parametrize(
    ("requester", "code", "level"),
    [
        ({"email": "pat@city-p0lice.test"}, "domain-homoglyph", "red"),
        ({"email": "pat@garden.example"}, "domain-unlisted", "amber"),
        ({"mail_authentication": {"reply_to": "pat@garden.example"}}, "reply-to", "red"),
        ({"mail_authentication": {"reply_to": "sam@city-police.test"}}, "reply-to", "amber"),
        ({"mail_authentication": {"from": "x@garden.example"}}, "sender-differs", "red"),
        ({"mail_authentication": {"dmarc": "fail"}}, "mail", "red"),
        ({"mail_authentication": {"spf": "softfail"}}, "mail", "amber"),
        ({"supervisor": {"phone": "12025550177"}}, "supervisor-phone", "red"),
        ({"phone": "+1 202 555 0199"}, "phone-unlisted", "amber"),
    ],
)
def test_a_sign_is_found_with_its_level(requester: dict[str, Any], code: str, level: str) -> None:
    assert found(**requester)[code] == level


def test_a_domain_of_another_agency_is_noticed() -> None:
    other = msgspec.structs.replace(REGISTER[0], id="a_2", domains=())
    codes = {
        one.code for one in suspicions(case(requester={"agency_id": "a_2"}), (*REGISTER, other))
    }
    assert "domain-other-agency" in codes


def test_red_comes_first_and_hostile_text_is_shown_not_let_through() -> None:
    requester = {
        "email": "p\u202e@city-p0lice.test",
        "mail_authentication": {"spf": "neutral", "reply_to": "\x1b[2J@x.test"},
    }
    known = suspicions(case(requester=requester), REGISTER)
    levels = [one.level for one in known]
    assert levels == sorted(levels, reverse=True)
    assert all(one.detail.isprintable() for one in known)


def test_callbacks_go_to_the_register_s_numbers_only() -> None:
    assert callback_numbers(case(), REGISTER) == ("+1 202 555 0100",)
    assert callback_numbers(case(requester={"agency_id": None}), REGISTER) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+1 202 555 0100", "001-202-555-0100", True),
        ("+1 202 555 0100", "(202) 555-0100", True),
        ("+1 202 555 0100", "+1 202 555 0101", False),
        ("112", "+1 202 555 0112", False),
        ("", "", False),
    ],
)
def test_a_number_is_its_digits(one: str, other: str, same: bool) -> None:
    assert same_number(one, other) is same
