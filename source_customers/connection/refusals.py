"""What an answer other than rows means for the user."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_customers.connection.answers import FailedError, Received, UnexpectedAnswerError
from source_customers.connection.bodies import json_object
from source_customers.failures import config_error, credentials_error, system_error

_CONFIG_REFUSALS = frozenset({403, 404})
_CODE = re.compile("[a-z_]{1,40}")


def raise_for_outage(received: Received, sender: str) -> None:
    """Raise for a status that may pass by itself.

    Args:
        received: the answer.
        sender: who was answered by it, as the beginning of a sentence.

    Raises:
        FailedError: the request can be sent again.
    """
    status = received.status
    if status in {408, 425, 429} or HTTPStatus.INTERNAL_SERVER_ERROR <= status < 600:  # noqa: PLR2004
        raise FailedError(f"{sender} with {_status(status)}", status, received.headers)


def raise_for_refusal(
    received: Received, stream: str, path: str, messages: Mapping[str, str], *, has_filters: bool
) -> None:
    """Raise for a status that is not 200.

    Args:
        received: the answer.
        stream: name of the stream, for the message.
        path: path of the resource, for the message.
        messages: what to tell the user, by status.
        has_filters: whether the request carries filters from the config.

    Raises:
        AirbyteTracedException: the request was refused: config_error where the user can mend it, else system_error.
        UnexpectedAnswerError: the status says nothing.
    """
    status = received.status
    message = messages.get(str(status), "")
    if status == HTTPStatus.OK:
        return
    if not received.is_redirect and not 400 <= status < 500:  # noqa: PLR2004
        raise UnexpectedAnswerError(_status(status))
    if status == HTTPStatus.BAD_REQUEST:
        raise _refused_parameters(received, stream, message, has_filters=has_filters)
    if status == HTTPStatus.UNAUTHORIZED or (received.is_redirect and message):
        raise credentials_error(f"Stream {stream}: {message or f'the API refused with status {status}.'}")
    if status == HTTPStatus.NOT_FOUND:
        message = f"{path} was not found. {message}".strip()
    if received.is_redirect and not message:
        message = "The API sends the request on again and again. Check `base_url`."
    if message or status in _CONFIG_REFUSALS:
        raise config_error(f"Stream {stream}: {message or f'the API refused with status {status}.'}")
    raise system_error(f"Stream {stream}: the API refused the request with status {status}.")


def _refused_parameters(received: Received, stream: str, hint: str, *, has_filters: bool) -> AirbyteTracedException:
    code = _error_code(received.body)
    said = f"Stream {stream}: the API refused a parameter with status 400{f' ({code})' if code else ''}."
    if has_filters:
        hint = f"{hint} Check the filters in the configuration.".strip()
    return config_error(f"{said} {hint}") if hint else system_error(said)


def _status(status: int) -> str:
    """Return a status with what it stands for, where that is known."""
    try:
        return f"status {status} ({HTTPStatus(status).phrase.lower()})"
    except ValueError:
        return f"status {status}"


def _error_code(body: bytes) -> str:
    """Return the API's own error code, when it is one: a short name, not a text that may quote the request."""
    code = json_object(body).get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
