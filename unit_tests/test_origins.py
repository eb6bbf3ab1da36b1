"""Which addresses are the same origin: in pairs, one that is and one that is not."""

import pytest

from source_customers.components.origins import same_origin

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
