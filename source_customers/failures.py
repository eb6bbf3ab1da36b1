"""The errors that a user sees: constant text, the right failure type, no value of theirs in it."""

import traceback
from collections.abc import Iterator

from airbyte_cdk.models import AirbyteMessage, FailureType, StreamDescriptor
from airbyte_cdk.utils.traced_exception import AirbyteTracedException


class CredentialsError(AirbyteTracedException):
    """A config_error that the credentials themselves are the reason of: no stream can be read with them."""


def credentials_error(message: str) -> CredentialsError:
    """Return the error for credentials that the provider does not take."""
    return CredentialsError(message=message, internal_message=message, failure_type=FailureType.config_error)


def config_error(message: str) -> AirbyteTracedException:
    """Return the error for a mistake that the user can mend."""
    return _failure(message, FailureType.config_error)


def transient_error(message: str) -> AirbyteTracedException:
    """Return the error for a fault that may pass: the same sync can be tried again later."""
    return _failure(message, FailureType.transient_error)


def system_error(message: str) -> AirbyteTracedException:
    """Return the error for a mistake of ours, in a manifest or in the code."""
    return _failure(message, FailureType.system_error)


def traced(failure: BaseException, what: str) -> AirbyteTracedException:
    """Return an error that may be shown for any exception.

    Args:
        failure: what was raised.
        what: what failed, as the beginning of a sentence.
    """
    if isinstance(failure, AirbyteTracedException):
        return failure
    # What another exception says may quote a row or an address, so its type has to do.
    kind = type(failure).__name__
    shown = system_error(f"{what} failed in a way that is not foreseen ({kind}). This is a fault of the connector.")
    shown.__cause__ = failure
    return shown


def trace_message(failure: AirbyteTracedException, stream: str | None = None) -> AirbyteMessage:
    """Return the message for an error, with a stack trace of frames and types but without any exception's text."""
    message = failure.as_airbyte_message(StreamDescriptor(name=stream) if stream else None)
    if message.trace and message.trace.error:
        message.trace.error.stack_trace = "".join(_frames(failure))
    return message


def _frames(failure: BaseException) -> Iterator[str]:
    before = failure.__cause__ or failure.__context__
    if before:
        yield from _frames(before)
        yield "\nand then\n\n"
    yield from traceback.format_list(traceback.extract_tb(failure.__traceback__))
    yield f"{type(failure).__name__}\n"


def _failure(message: str, failure_type: FailureType) -> AirbyteTracedException:
    # A name in a file may hold half a character, which no output can be written with.
    message = message.encode("utf-8", "replace").decode()
    return AirbyteTracedException(message=message, internal_message=message, failure_type=failure_type)
