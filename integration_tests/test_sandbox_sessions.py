"""Valomnia's sessions: login, failed login, the end of a session."""

import re
from time import monotonic

import pytest
import requests

from integration_tests.sandbox import Sandbox
from integration_tests.sandbox.client import TIMEOUT, ask, log_in


def follow(sandbox: Sandbox, session: str) -> requests.Response:
    cookie = {"cookie": f"JSESSIONID={session}"}
    return requests.get(f"{sandbox.url}/login/ajaxSuccess", headers=cookie, allow_redirects=False, timeout=TIMEOUT)


def test_a_login_sets_a_cookie_and_leads_to_its_success(sandbox: Sandbox) -> None:
    answer = log_in(sandbox)

    assert answer.status_code == 302
    assert answer.headers["location"] == f"{sandbox.url}/login/ajaxSuccess"
    assert re.fullmatch(r"JSESSIONID=[0-9A-F]{32}; Path=/; HttpOnly", answer.headers["set-cookie"])
    session = answer.cookies["JSESSIONID"]
    success = follow(sandbox, session).json()
    assert (success["success"], success["token"]) == (True, session)
    assert success["user"]["email"] == sandbox.valomnia.username


def test_credentials_may_come_in_the_query(sandbox: Sandbox) -> None:
    given = {"j_username": sandbox.valomnia.username, "j_password": sandbox.valomnia.password, "ajax": "true"}

    answer = requests.post(
        f"{sandbox.url}/j_spring_security_check", params=given, allow_redirects=False, timeout=TIMEOUT
    )

    assert answer.status_code == 302


def test_awkward_passwords_survive_the_form(sandbox: Sandbox) -> None:
    sandbox.valomnia.password = "a&b=c +%20é 12_34 "

    assert log_in(sandbox).status_code == 302


@pytest.mark.parametrize("fields", [{"j_username": "x@example.com"}, {"j_password": "wrong"}, {"j_password": ""}])
def test_a_failed_login_says_so_with_status_200_and_sets_no_cookie(sandbox: Sandbox, fields: dict[str, str]) -> None:
    answer = log_in(sandbox, **fields)

    assert (answer.status_code, answer.json()["success"]) == (200, False)
    assert "set-cookie" not in answer.headers


def test_a_failed_login_can_be_a_401(sandbox: Sandbox) -> None:
    sandbox.valomnia.failed_login_status = 401

    assert log_in(sandbox, j_password="wrong").status_code == 401


@pytest.mark.parametrize("cookie", ["", "JSESSIONID=", "JSESSIONID=0123456789ABCDEF0123456789ABCDEF", "other=1"])
def test_without_a_session_one_lands_on_an_html_page_with_status_200(sandbox: Sandbox, cookie: str) -> None:
    address = f"{sandbox.url}/api/v1.0/customers"

    refused = requests.get(address, headers={"cookie": cookie}, allow_redirects=False, timeout=TIMEOUT)
    page = requests.get(address, headers={"cookie": cookie}, timeout=TIMEOUT)

    assert (refused.status_code, refused.headers["location"]) == (302, f"{sandbox.url}/login/auth")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "j_password" in page.text


def test_sessions_can_be_ended(sandbox: Sandbox) -> None:
    session = log_in(sandbox).cookies["JSESSIONID"]
    cookie = {"cookie": f"JSESSIONID={session}"}
    assert ask(sandbox, "valomnia", headers=cookie).status_code == 200

    sandbox.valomnia.expire_sessions()

    assert ask(sandbox, "valomnia", headers=cookie).status_code == 302
    assert follow(sandbox, session).status_code == 302


def test_the_end_of_a_session_can_be_a_401(sandbox: Sandbox) -> None:
    sandbox.valomnia.expired_session_status = 401

    assert ask(sandbox, "valomnia", headers={"cookie": ""}).status_code == 401


def test_a_session_can_last_for_so_many_requests(sandbox: Sandbox) -> None:
    sandbox.valomnia.session_requests = 2
    cookies = [{"cookie": f"JSESSIONID={log_in(sandbox).cookies['JSESSIONID']}"} for _ in range(2)]

    statuses = [ask(sandbox, "valomnia", headers=cookie).status_code for cookie in cookies for _ in range(4)]

    assert statuses == [200, 200, 302, 302] * 2


@pytest.mark.parametrize(("outage", "statuses"), [(3, [200, 200, 502, 302]), (4, [200, 200, 302, 502, 302])])
def test_an_outage_can_come_before_or_after_the_end_of_a_session(
    sandbox: Sandbox, outage: int, statuses: list[int]
) -> None:
    sandbox.valomnia.session_requests = 2
    cookie = {"cookie": f"JSESSIONID={log_in(sandbox).cookies['JSESSIONID']}"}
    sandbox.valomnia.fault("html_502", on=outage, admitted=False)

    assert [ask(sandbox, "valomnia", headers=cookie).status_code for _ in statuses] == statuses


def test_a_login_can_set_two_cookies_of_one_name(sandbox: Sandbox) -> None:
    sandbox.valomnia.cookie_paths = ["/", "/api"]

    with requests.Session() as session:
        address = f"{sandbox.url}/j_spring_security_check"
        form = {"j_username": sandbox.valomnia.username, "j_password": sandbox.valomnia.password}
        session.post(address, data=form, timeout=TIMEOUT)
        cookies = {cookie.path: cookie.value for cookie in session.cookies if cookie.name == "JSESSIONID"}
        both = session.get(f"{sandbox.url}/api/v1.0/customers", timeout=TIMEOUT, allow_redirects=False)

    assert set(cookies) == {"/", "/api"}
    assert str(both.request.headers["cookie"]).count("JSESSIONID=") == 2
    assert both.status_code == 200
    alone = {
        path: ask(sandbox, "valomnia", headers={"cookie": f"JSESSIONID={value}"}).status_code
        for path, value in cookies.items()
    }
    assert alone == {"/": 200, "/api": 302}


def test_a_login_can_be_slow(sandbox: Sandbox) -> None:
    sandbox.valomnia.fault("slow", endpoint="login", seconds=0.2)

    started = monotonic()

    assert log_in(sandbox).status_code == 302
    assert monotonic() - started >= 0.2


def test_several_sessions_live_side_by_side(sandbox: Sandbox) -> None:
    sessions = {log_in(sandbox).cookies["JSESSIONID"] for _ in range(3)}

    assert len(sessions) == 3
    for session in sessions:
        assert ask(sandbox, "valomnia", headers={"cookie": f"a=b; JSESSIONID={session}"}).status_code == 200
