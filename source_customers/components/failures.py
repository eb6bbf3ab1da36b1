"""The errors that a user sees: constant text, the right failure type, no value of theirs in it."""

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException


def config_error(message: str) -> AirbyteTracedException:
    """Return the error for a mistake that the user can mend."""
    return _failure(message, FailureType.config_error)


def transient_error(message: str) -> AirbyteTracedException:
    """Return the error for a fault that may pass: the same sync can be tried again later."""
    return _failure(message, FailureType.transient_error)


def system_error(message: str) -> AirbyteTracedException:
    """Return the error for a mistake of ours, in a manifest or in the code."""
    return _failure(message, FailureType.system_error)


def _failure(message: str, failure_type: FailureType) -> AirbyteTracedException:
    return AirbyteTracedException(message=message, internal_message=message, failure_type=failure_type)
