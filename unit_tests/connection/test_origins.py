"""Which addresses are the same origin: in pairs, one that is and one that is not."""

import pytest

from source_customers.connection.origins import check_base_url, same_origin

BASE = "https://caoloon.com/portal/customer/"

PAIRS = [
    ("https://caoloon.com/elsewhere", "https://caoloon.com.evil.example/"),
    ("https://caoloon.com:443/x", "https://caoloon.com:444/x"),
    ("HTTPS://CaoLoon.COM/x", "https://evilcaoloon.com/x"),
    ("https://caoloon.com./x", "https://caoloon.co/x"),
    ("https://caoloon.com", "http://caoloon.com"),
    ("https://caoloon.com/@evil.example", "https://caoloon.com@evil.example/"),
    ("https://caoloon.com/?u=//evil.example", "//evil.example/"),
    ("https://caoloon.com/#x", "https://caoloon.com:x/"),
    ("https://caoloon.com//x", "https:///caoloon.com/"),
    ("https://caoloon.com/%2f", "javascript:alert(1)"),
    ("https://caoloon.com/\u200b", "https://caoloon\u3002com.evil.example/"),
]


@pytest.mark.parametrize(("same", "other"), PAIRS)
def test_tells_the_same_origin_from_another(same: str, other: str) -> None:
    assert same_origin(same, BASE)
    assert not same_origin(other, BASE)


@pytest.mark.parametrize("url", ["https://acme.example", "https://acme.example:8443/", "http://127.0.0.1:8080"])
def test_takes_an_origin_as_base_url(url: str) -> None:
    check_base_url(url)


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("https://acme.example/api", "end after the host"),
        ("http://acme.example", "begin with https"),
        ("https://user@acme.example", "without user or password"),
        ("https://169.254.169.254", "link-local"),
        ("https://[::ffff:169.254.169.254]", "link-local"),
        ("https://2130706433", "usual address"),
        ("https://acme.example\\@evil.example", "backslashes"),
        ("https://[", "the form https://host"),
    ],
)
def test_says_what_is_wrong_with_a_base_url(url: str, mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        check_base_url(url)
