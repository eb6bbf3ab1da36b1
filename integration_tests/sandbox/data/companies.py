"""Companies as they stand in an address book, by country."""

from dataclasses import dataclass
from functools import cache
from random import Random

DIFFERENT_COMPANIES = 2000
KINDS = {"0": "0123456789", "A": "ABCDEFGHJKLMNPRSTVWXZ"}


@dataclass(frozen=True)
class Country:
    """What a country's companies are made of; in ``postcode``, 0 stands for a digit and A for a letter."""

    code: str
    domain: str
    dial: str
    postcode: str
    names: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    offices: tuple[str, ...]


NETHERLANDS = Country(
    code="NL",
    domain="example.nl",
    dial="+31",
    postcode="0000AA",
    names=(
        "Noorderlicht",
        "De Brug",
        "Waterkant",
        "Vlierbes",
        "Sluiswachter",
        "Oostenwind",
        "'t Anker",
        "Zandloper",
    ),
    trades=("Bouw", "Installatietechniek", "Transport", "Schoonmaak", "Horeca Services", "Groenvoorziening"),
    forms=("BV", "VOF", "NV", "Holding B.V.", "& Zonen"),
    streets=("Kerkstraat", "Stationsweg", "Industrieweg", "Havenkade", "Burgemeester van Rijnlaan"),
    cities=("Amsterdam", "Utrecht", "'s-Hertogenbosch", "Groningen", "Alphen aan den Rijn", "Venlo"),
    offices=("info", "administratie", "inkoop", "planning", "personeelszaken"),
)
SWEDEN = Country(
    code="SE",
    domain="example.se",
    dial="+46",
    postcode="000 00",
    names=(
        "Fjärden",
        "Björkbacken",
        "Nordstjärnan",
        "Skärgård",
        "Älvdalen",
        "Södra Vägen",
        "Granit",
        "Lövet",
    ),
    trades=("Bygg", "Måleri", "Elteknik", "Städ & Service", "Plåtslageri", "Golv", "Trädgård"),
    forms=("AB", "HB", "Ekonomisk förening"),
    streets=("Storgatan", "Hamnvägen", "Kungsgatan", "Åsgränd"),
    cities=("Stockholm", "Göteborg", "Malmö", "Örnsköldsvik", "Luleå"),
    offices=("info", "ekonomi", "order", "kontakt"),
)
FRANCE = Country(
    code="FR",
    domain="example.fr",
    dial="+33",
    postcode="00000",
    names=("Lumière", "Belle Étoile", "Marée Haute", "Chêne Vert", "Grand Large", "L'Olivier", "Rivage"),
    trades=("Bijoux", "Boulangerie", "Électricité", "Menuiserie", "Négoce", "Distribution"),
    forms=("SARL", "SAS", "SA", "& Fils"),
    streets=("Rue du Port", "Avenue des Tilleuls", "Boulevard de la République", "Place de l'Église"),
    cities=("Nice", "Paris", "Saint-Étienne", "Aix-en-Provence", "Lyon"),
    offices=("contact", "compta", "achats", "commandes"),
)
IRELAND = Country(
    code="IE",
    domain="example.com",
    dial="+353",
    postcode="A00 A0A0",
    names=("Northgate", "Blue Harbour", "Millstone", "Ferrybank", "Quarry Lane", "Old Mill", "O'Hara's"),
    trades=("Facilities", "Interiors", "Catering", "Packaging", "Trading & Consultancy"),
    forms=("Ltd", "PLC"),
    streets=("Mill Road", "Harbour Street", "Main Street"),
    cities=("Dublin", "Cork", "Galway"),
    offices=("info", "accounts", "orders"),
)


@dataclass(frozen=True)
class Company:
    name: str
    office: str
    domain: str
    phone: str
    street: str
    postcode: str
    city: str
    country: str

    def email(self, number: int) -> str:
        """An address of its own for each customer, since several may be the same company."""
        return f"{self.office}.{number}@{self.domain}"


def company(random: Random, country: Country) -> Company:
    """One of a country's companies; inventing a new one for each customer would take several times longer."""
    return random.choice(_companies(country))


@cache
def _companies(country: Country) -> list[Company]:
    random = Random(country.code)
    return [_invented(random, country) for _ in range(DIFFERENT_COMPANIES)]


def _invented(random: Random, country: Country) -> Company:
    choice = random.choice
    return Company(
        name=f"{choice(country.names)} {choice(country.trades)} {choice(country.forms)}",
        office=choice(country.offices),
        domain=country.domain,
        phone=f"{country.dial}{random.randrange(10**8, 10**9)}",
        street=f"{choice(country.streets)} {random.randrange(1, 400)}",
        postcode="".join(choice(KINDS.get(sign, sign)) for sign in country.postcode),
        city=choice(country.cities),
        country=country.code,
    )


def identifier(random: Random, prefix: str) -> str:
    """``cst_abc12345def678``: a prefix and fourteen letters or digits."""
    return f"{prefix}_{''.join(random.choices('abcdefghijklmnopqrstuvwxyz0123456789', k=14))}"
