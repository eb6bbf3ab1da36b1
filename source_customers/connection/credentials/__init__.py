"""How requests prove who asks. Credentials are read from the config byte for byte."""

from collections.abc import Mapping
from queue import SimpleQueue
from typing import Any

from source_customers.config.fields import text_at
from source_customers.connection.credentials.base import Credentials
from source_customers.connection.credentials.fixed import FixedCredentials
from source_customers.connection.credentials.form import FormCredentials
from source_customers.connection.credentials.oauth import OAuthCredentials
from source_customers.failures import config_error
from source_customers.manifest.settings import ChosenMethod, FormLogin, HeaderCredentials, OAuthRefresh


def make_credentials(
    settings: HeaderCredentials | OAuthRefresh | FormLogin | ChosenMethod,
    config: Mapping[str, Any],
    origin: str,
    updates: "SimpleQueue[tuple[str, str]]",
    *,
    is_elsewhere: bool,
) -> Credentials:
    """Return the credentials that settings describe.

    Args:
        settings: the method.
        config: the config, with defaults.
        origin: scheme and host of the API.
        is_elsewhere: whether that is not the provider's own address.
        updates: takes the path and the new value of config fields that the provider changed.

    Raises:
        AirbyteTracedException: the config names a method that does not exist (config_error).
    """
    if isinstance(settings, ChosenMethod):
        chosen = settings.methods.get(text_at(config, settings.field))
        if chosen is None:
            raise config_error(f"`{settings.field}` must be one of {', '.join(settings.methods)}.")
        settings = chosen
    if isinstance(settings, HeaderCredentials):
        return FixedCredentials(settings, config)
    if isinstance(settings, OAuthRefresh):
        url = origin + settings.token_path if is_elsewhere else settings.token_url
        return OAuthCredentials(settings, config, url, updates)
    return FormCredentials(settings, config, origin)
