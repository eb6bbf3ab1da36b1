"""The questions, module after module in the order in which they are asked."""

from source_customers.probe.question import Question
from source_customers.probe.questions import access, account, days, filters, pages, rows, times, unseen

_MODULES = (account, access, rows, times, pages, filters, days, unseen)

QUESTIONS = [each for module in _MODULES for each in vars(module).values() if isinstance(each, Question)]
"""All questions, in the order in which they are asked."""
