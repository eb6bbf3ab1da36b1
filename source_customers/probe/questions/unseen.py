"""What is assumed and cannot be seen by reading. It is named, so that nobody takes silence for an answer."""

from source_customers.manifest.settings import Days
from source_customers.probe.children import NestedEvidence
from source_customers.probe.evidence import Evidence
from source_customers.probe.question import question
from source_customers.probe.replies import Reply, cannot_tell


@question(
    "child-change",
    "A change of what hangs on a row moves the row's change time.",
    lambda look: look.settings.parent is not None and look.stream.cursor is not None,
    (),
    of_each=True,
    of_refused=True,
)
def child_change(_look: Evidence) -> Reply:
    """Say how to see it."""
    return cannot_tell(
        "Nothing that is read shows whether a change here moves the change time of the row that it hangs on.",
        "Change something in a test account and read again; until then read with full_refresh now and then.",
    )


@question(
    "answer-whole",
    "One answer holds all that there is.",
    lambda look: (
        look.api.paging.is_one_answer
        and not look.settings.envelope.single
        and not isinstance(look.settings.paging, Days)
        and not isinstance(look, NestedEvidence)
    ),
    (),
    of_each=True,
    of_refused=True,
)
def answer_whole(_look: Evidence) -> Reply:
    """Say how to see it."""
    return cannot_tell(
        "Nothing in the answer shows whether it was cut short.",
        "Compare the number of rows with what the provider shows.",
    )


@question(
    "days-zone",
    "Days are counted in a time zone within 14 hours of UTC.",
    lambda look: isinstance(look.settings.paging, Days),
    (),
    of_refused=True,
)
def days_zone(_look: Evidence) -> Reply:
    """Say why it does not matter."""
    return cannot_tell(
        "It is not asked in which time zone days are counted.",
        "Nothing has to be done: answers overlap by a day for it.",
    )
