"""The four APIs; a new one is a module here and a line below."""

from integration_tests.sandbox.providers.caoloon import CaoLoon
from integration_tests.sandbox.providers.coredination import Coredination
from integration_tests.sandbox.providers.mijnklantportaal import MijnKlantportaal
from integration_tests.sandbox.providers.valomnia import Valomnia

__all__ = ["CaoLoon", "Coredination", "MijnKlantportaal", "Valomnia"]
