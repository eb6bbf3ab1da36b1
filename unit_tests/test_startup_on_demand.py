"""Models, serializers and functions that are made when they are used are just the same."""

import pytest

from unit_tests.processes import run_python


def test_serializers_do_without_docstrings_and_are_made_when_they_are_used() -> None:
    code = (
        "import attributes_doc\n"
        "docstrings = attributes_doc.get_attributes_doc\n"
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer, Type\n"
        "from serpyco_rs import Serializer, _utils\n"
        "print(_utils.get_attributes_doc.cache_info().misses)\n"
        "print(AirbyteMessageSerializer.dump(AirbyteMessage(Type.SPEC))['type'])\n"
        "print(_utils.get_attributes_doc.cache_info().misses > 10, _utils.get_attributes_doc(Type))\n"
        "print(_utils.get_attributes_doc.__wrapped__ is docstrings, attributes_doc.get_attributes_doc is docstrings)\n"
        "print(Serializer.__module__, type(AirbyteMessageSerializer).__module__)\n"
    )
    assert run_python(code).stdout.splitlines() == [
        "0",
        "SPEC",
        "True {}",
        "False True",
        "serpyco_rs._main source_customers.startup.serializers",
    ]


def test_serializers_write_and_read_the_same_as_ever() -> None:
    code = (
        "import json\n"
        "if {quick}:\n"
        "    from source_customers.startup import quick_imports\n"
        "    with quick_imports():\n"
        "        from airbyte_cdk import models\n"
        "else:\n"
        "    from airbyte_cdk import models\n"
        'state = json.loads(\'{{"type": "STREAM", "stream": {{"stream_descriptor": {{"name": "customers"}},\'\n'
        '                   \' "stream_state": {{"at": 1}}}}}}\')\n'
        "loaded = models.AirbyteStateMessageSerializer.load(state)\n"
        "print(loaded, models.AirbyteStateMessageSerializer.dump(loaded))\n"
        "try:\n"
        "    models.ConfiguredAirbyteCatalogSerializer.load({{'streams': [{{'sync_mode': 'some'}}]}})\n"
        "except Exception as error:\n"
        "    print(error.errors)\n"
    )
    quick, plain = (run_python(code.format(quick=quick)) for quick in (True, False))

    assert quick.stdout == plain.stdout
    assert quick.stdout.count("\n") == 2


DATACLASSES = """
import copy
import dataclasses
from abc import ABC, abstractmethod
if {quick}:
    from source_customers.startup import quick_imports
    entered = quick_imports()
    entered.__enter__()

class Base(ABC):
    @abstractmethod
    def name(self): ...

@dataclasses.dataclass
class Plain(Base):
    "A class."
    first: int
    self_: str = "a"
    rest: list = dataclasses.field(default_factory=list, repr=False)
    extra: dataclasses.InitVar[dict] = None
    def name(self): return "plain"
    def __post_init__(self, extra): self.given = extra

@dataclasses.dataclass(frozen=True, order=True)
class Frozen:
    first: int
    second: int = dataclasses.field(default=2, compare=False)

@dataclasses.dataclass(kw_only=True, slots=True, eq=False)
class Slots(object):
    first: int
    second: "Slots" = None

@dataclasses.dataclass(unsafe_hash=True)
class Child(Plain):
    third: float = 1.5
    def __repr__(self): return "child"

if {quick}:
    entered.__exit__(None, None, None)

def tell(act):
    try:
        print(act())
    except Exception as error:
        print(type(error).__name__, error)

for act in [
    lambda: Plain(1), lambda: Plain(1, rest=[2]).rest, lambda: Plain(1, extra={{}}).given, Plain,
    lambda: Plain(wrong=1), lambda: Plain(1, 2, 3, 4, 5), lambda: Plain(1, first=1),
    lambda: Plain(1) == Plain(1), lambda: Plain(1) == Plain(2), lambda: Plain(1) == 1, lambda: hash(Plain(1)),
    lambda: Plain(1).rest is Plain(1).rest, lambda: dataclasses.replace(Plain(1), first=3, extra=1),
    lambda: dataclasses.asdict(Plain(1)), lambda: copy.deepcopy(Plain(1, "b")), lambda: Plain(1) < Plain(2),
    lambda: Frozen(1) < Frozen(2), lambda: Frozen(1, 3) == Frozen(1, 4), lambda: hash(Frozen(1)) == hash(Frozen(1)),
    lambda: setattr(Frozen(1), "first", 2), lambda: delattr(Frozen(1), "first"), lambda: {{Frozen(1), Frozen(1)}},
    lambda: Slots(1), lambda: Slots(first=1), lambda: Slots(first=1, second=Slots(first=2)),
    lambda: setattr(Slots(first=1), "third", 2), lambda: Slots(first=1) == Slots(first=1),
    lambda: Child(1), lambda: Child(1, third=2) == Child(1, third=2), lambda: hash(Child(1, rest=())) != 0,
    lambda: Plain.__doc__, lambda: (Plain.__init__.__name__, Plain.__init__.__qualname__),
    lambda: [(each.name, each.type) for each in dataclasses.fields(Plain)], lambda: Plain.__match_args__,
]:
    tell(act)
"""


def test_functions_of_dataclasses_are_compiled_late_and_do_just_the_same() -> None:
    quick, plain = (run_python(DATACLASSES.format(quick=quick)) for quick in (True, False))

    assert quick.stderr == plain.stderr == ""
    assert quick.stdout == plain.stdout
    assert quick.stdout.count("\n") > 30


def test_functions_of_the_cdk_s_dataclasses_are_compiled_late() -> None:
    code = (
        "import dataclasses, sys\n"
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import airbyte_cdk\n"
        "from airbyte_cdk.models import AirbyteStream\n"
        "kinds = {each for module in list(sys.modules.values()) for each in vars(module).values()\n"
        "         if isinstance(each, type) and '__dataclass_params__' in vars(each)}\n"
        "late = [kind for kind in kinds if kind.__init__.__module__ == 'source_customers.startup.functions']\n"
        "print(len(late) > 200, AirbyteStream in late)\n"
        "print(dataclasses.make_dataclass('Later', ['field']).__init__.__module__ == late[0].__init__.__module__)\n"
    )
    assert run_python(code).stdout.splitlines() == ["True True", "False"]


FIELDS = """
import re
import sys
if {quick}:
    from source_customers.startup import quick_imports
    with quick_imports():
        import airbyte_cdk.sources.declarative.models.declarative_component_schema as models
else:
    import airbyte_cdk.sources.declarative.models.declarative_component_schema as models
from pydantic.v1 import BaseModel, ValidationError

# An annotation with the name of a later model stays a text where the models are declared at once; its types do not.
UNTOLD = {{"annotation", "field_info", "model_config"}}

def told(field):
    slots = {{name: getattr(field, name) for name in field.__slots__ if name not in UNTOLD}}
    parts = [told(part) for part in slots.pop("sub_fields") or []]
    key = told(slots.pop("key_field")) if field.key_field else None
    lengths = [len(slots.pop(name) or []) for name in ("validators", "pre_validators", "post_validators")]
    return [re.sub(" at 0x[0-9a-f]+", "", repr(slots)), lengths, parts, key]

def parameters(model):
    return [(each.name, each.kind, each.default) for each in model.__signature__.parameters.values()]

declared = [model for model in vars(models).values() if isinstance(model, type) and issubclass(model, BaseModel)]
put_off = sum(not model.__fields__ for model in declared)
lines = []
for model in {order}:
    try:
        model(**dict.fromkeys(field.alias for field in model.__fields__.values()))
    except ValidationError:
        pass
    fields = [told(field) for field in model.__fields__.values()]
    lines.append(f"{{model.__name__}} {{model.__doc__}} {{model.__config__.extra}} {{parameters(model)}} {{fields}}")
print("\\n".join(sorted(lines)))
print(put_off, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "order",
    [
        "declared",
        "declared[::-1]",
        # Its `Union[str, int]` is an int first, as in the models before it, unless it is read before them.
        "sorted(declared, key=lambda model: model.__name__ != 'IncrementingCountCursor')",
    ],
)
def test_models_of_manifests_are_declared_late_and_just_the_same(order: str) -> None:
    quick, plain = (run_python(FIELDS.format(quick=quick, order=order)) for quick in (True, False))

    assert quick.stdout == plain.stdout
    assert quick.stdout.count("\n") > 100
    assert int(quick.stderr) > 100 > int(plain.stderr)


def test_a_model_is_declared_after_those_that_it_stands_on() -> None:
    code = (
        "from source_customers.startup.models import declared_on_demand\n"
        "from pydantic.v1 import BaseModel, validator\n"
        "with declared_on_demand('__main__'):\n"
        "    class Row(BaseModel):\n"
        "        key: int\n"
        "        @validator('key')\n"
        "        def doubled(cls, key): return 2 * key\n"
        "    class Customer(Row):\n"
        "        class Config:\n"
        "            extra = 'forbid'\n"
        "        name: str = 'none'\n"
        "print(Customer.__fields__, Row.__fields__)\n"
        "print(repr(Customer(key='1')), repr(Row(key=2, more=3)), isinstance(Customer(key=1), Row))\n"
        "from pydantic.v1.main import validate_model\n"
        "print(validate_model(Row, {'key': 1}, cls=Customer)[0])\n"
        "try:\n"
        "    Customer(key=1, more=2)\n"
        "except ValueError as error:\n"
        "    print(error.errors()[0]['type'])\n"
    )
    assert run_python(code).stdout.splitlines() == [
        "{} {}",
        "Customer(key=2, name='none') Row(key=4) True",
        "{'key': 2}",
        "value_error.extra",
    ]


UNIONS = """
from __future__ import annotations
from contextlib import nullcontext
from typing import Optional, Union
from pydantic.v1 import BaseModel
from source_customers.startup.models import declared_on_demand

with declared_on_demand("__main__") if {quick} else nullcontext():
    class First(BaseModel):
        size: Optional[Union[int, str]]
    class Second(BaseModel):
        size: Optional[Union[str, int]]
print(repr(Second(size="1")), repr(First(size="1")))
"""


def test_unions_are_read_in_the_order_of_the_models_whichever_is_used_first() -> None:
    quick, plain = (run_python(UNIONS.format(quick=quick)).stdout for quick in (True, False))

    assert quick == plain == "Second(size=1) First(size=1)\n"


REFUSED = """
if {quick}:
    from source_customers.startup import quick_imports
    with quick_imports():
        import airbyte_cdk.sources.declarative.models.declarative_component_schema as models
else:
    import airbyte_cdk.sources.declarative.models.declarative_component_schema as models
from pydantic.v1 import ValidationError

def stream(**changes):
    requester = {{"type": "HttpRequester", "url_base": "https://api.test", "authenticator": {{"type": "NoAuth"}}}}
    selector = {{"type": "RecordSelector", "extractor": {{"type": "DpathExtractor", "field_path": []}}}}
    retriever = {{"type": "SimpleRetriever", "requester": requester, "record_selector": selector}}
    return {{"type": "DeclarativeStream", "retriever": {{**retriever, **changes}}}}

for changes in [
    {{}}, {{"type": "Simple"}}, {{"type": 5}}, {{"type": None}}, {{"requester": {{"type": "HttpRequester"}}}},
    {{"requester": {{"type": "CustomRequester"}}}}, {{"requester": {{}}}}, {{"requester": 1}},
    {{"paginator": {{"type": "DefaultPaginator", "pagination_strategy": {{"type": "PageIncremen"}}}}}},
    {{"paginator": {{"type": "NoPagination"}}}},
    {{"partition_router": [{{"type": "ListPartitionRouter", "values": 1}}]}},
]:
    try:
        print(repr(models.DeclarativeStream.parse_obj(stream(**changes))))
    except ValidationError as error:
        print(error, error.json(), repr(error))
"""


def test_what_is_wrong_with_an_object_is_told_the_same() -> None:
    quick, plain = (run_python(REFUSED.format(quick=quick)) for quick in (True, False))

    assert quick.stdout == plain.stdout
    assert quick.stdout.count("unexpected value; permitted:") > 20
    taken = [line for line in quick.stdout.splitlines() if line.startswith("DeclarativeStream(")]
    assert len(taken) == 3
    assert quick.stderr == ""


def test_a_model_that_another_type_is_named_for_is_not_declared() -> None:
    code = (
        "from source_customers.startup import quick_imports\n"
        "with quick_imports():\n"
        "    import airbyte_cdk.sources.declarative.models.declarative_component_schema as models\n"
        "custom = {'type': 'CustomRetriever', 'class_name': 'any'}\n"
        "print(models.DeclarativeStream(type='DeclarativeStream', retriever=custom).retriever.class_name)\n"
        "print(len(models.CustomRetriever.__fields__), len(models.SimpleRetriever.__fields__))\n"
    )
    assert run_python(code).stdout.splitlines() == ["any", "3 0"]
