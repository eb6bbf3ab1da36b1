import pytest

from source_customers.manifest.defaults import with_defaults

FIELDS = {
    "page_size": {"type": "integer", "default": 100},
    "api_key": {"type": "string"},
    "customers": {"type": "object", "properties": {"active_only": {"default": False}, "name": {"type": "string"}}},
    "credentials": {"type": "object", "oneOf": []},
}


def test_field_that_the_config_lacks_gets_its_default() -> None:
    assert with_defaults({"api_key": "k"}, FIELDS) == {
        "api_key": "k",
        "page_size": 100,
        "customers": {"active_only": False},
    }


@pytest.mark.parametrize("value", [0, False, "", None, 7])
def test_what_the_config_says_stays(value: object) -> None:
    assert with_defaults({"page_size": value}, FIELDS)["page_size"] == value


def test_object_in_the_config_gets_the_defaults_of_its_fields() -> None:
    config = {"customers": {"name": "Marie*"}}

    assert with_defaults(config, FIELDS)["customers"] == {"name": "Marie*", "active_only": False}
    assert config == {"customers": {"name": "Marie*"}}


def test_object_without_defaults_is_not_made_up() -> None:
    assert with_defaults({}, {"filters": {"properties": {"name": {}}}}) == {}
