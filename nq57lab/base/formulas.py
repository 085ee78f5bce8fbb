"""The closed arithmetic grammar of the catalogue: text in, a syntax tree out; trees are evaluated over any arithmetic.

Grammar (spaces are free)::

    expression = term { ("+" | "-" | "−") term }
    term       = factor { ("*" | "×" | "/" | "÷") factor }
    factor     = NUMBER | reference | call | "(" expression ")" | "-" factor
    reference  = NAME [ "[" key "=" value { ";" key "=" value } "]" ]
    call       = growth(reference [, reference]) | per(expression, expression, NUMBER)
               | mean_duration(expression, expression) | count_where(reference, OPERATOR, NUMBER)
               | sum_over(reference, NAME)

A reference names a variable or an indicator; the keys area, period, item and measure replace those of the row that is
evaluated, any other key is a breakdown (dims). Formulas are data: they are parsed, never handed to ``eval``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from nq57lab.base import messages

FUNCTIONS = ("growth", "per", "mean_duration", "count_where", "sum_over")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.(?:\d+|[a-z]{1,2}(?=\.\d)))*)(?P<where>\[[^\]]*\])?"
    r"|\"(?P<string>[^\"]*)\"|(?P<symbol>[-+*/(),−×÷]))"
)
_SAME = {"−": "-", "×": "*", "÷": "/"}


class FormulaError(ValueError):
    """Raised when a text is not a formula of the grammar; ``detail`` says where in every language."""

    def __init__(self, code: str, /, **details: object):
        self.detail = messages.shape(code, **details)
        super().__init__(self.detail["vi"])


@dataclass(frozen=True)
class Number:
    """A literal number."""

    value: float


@dataclass(frozen=True)
class Reference:
    """A variable or indicator, with the keys that differ from the row evaluated."""

    name: str
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Operation:
    """A binary operation: one of + - * /."""

    symbol: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Call:
    """A call of one of the grammar's functions."""

    function: str
    arguments: tuple[Any, ...]


Node = Number | Reference | Operation | Call


class Resolver(Protocol):
    """What an evaluation needs of the data."""

    def one(self, reference: Reference) -> Any:
        """Return the value of a reference."""

    def many(self, reference: Reference, dim: str) -> list[Any]:
        """Return the values over all values of one breakdown (or of ``item``)."""

    def year_earlier(self, reference: Reference) -> Any:
        """Return the value of a reference one year earlier."""


class _Parser:
    def __init__(self, text: str):
        self.text, self.tokens, place = text, [], 0
        while place < len(text.rstrip()):
            match = _TOKEN.match(text, place)
            if not match:
                raise FormulaError("formula_sign", place=place + 1, found=text[place:].strip()[:10])
            self.tokens.append(match)
            place = match.end()
        self.next = 0

    def symbol(self) -> str:
        token = self.tokens[self.next] if self.next < len(self.tokens) else None
        return _SAME.get(token["symbol"], token["symbol"]) or "" if token and token["symbol"] else ""

    def expect(self, symbol: str) -> None:
        if self.symbol() != symbol:
            raise FormulaError("formula_lacks", symbol=symbol, text=self.text)
        self.next += 1

    def expression(self) -> Node:
        node = self.term()
        while self.symbol() in ("+", "-"):
            symbol = self.symbol()
            self.next += 1
            node = Operation(symbol, node, self.term())
        return node

    def term(self) -> Node:
        node = self.factor()
        while self.symbol() in ("*", "/"):
            symbol = self.symbol()
            self.next += 1
            node = Operation(symbol, node, self.factor())
        return node

    def factor(self) -> Node:
        if self.symbol() == "-":
            self.next += 1
            return Operation("-", Number(0.0), self.factor())
        if self.symbol() == "(":
            self.next += 1
            node = self.expression()
            self.expect(")")
            return node
        if self.next >= len(self.tokens):
            raise FormulaError("formula_stops", text=self.text)
        token = self.tokens[self.next]
        self.next += 1
        if token["number"]:
            return Number(float(token["number"]))
        if not token["name"]:
            raise FormulaError("formula_unknown", found=token[0].strip(), text=self.text)
        if self.symbol() == "(" and not token["where"]:
            return self.call(token["name"])
        return Reference(token["name"], _where(token["where"] or "[]"))

    def call(self, function: str) -> Node:
        if function not in FUNCTIONS:
            raise FormulaError("formula_function", function=function, listed=", ".join(FUNCTIONS))
        self.expect("(")
        arguments: list[Any] = []
        while True:
            token = self.tokens[self.next] if self.next < len(self.tokens) else None
            if token is not None and token["string"] is not None:
                arguments.append(token["string"])
                self.next += 1
            else:
                arguments.append(self.expression())
            if self.symbol() != ",":
                break
            self.next += 1
        self.expect(")")
        _check_call(function, arguments)
        return Call(function, tuple(arguments))


def _where(text: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for part in text[1:-1].split(";"):
        if part.strip():
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not (equals and key and value):
                raise FormulaError("formula_key", found=part.strip())
            if key in dict(pairs):
                raise FormulaError("formula_key_twice", key=key)
            pairs.append((key, value))
    return tuple(pairs)


def _check_call(function: str, arguments: list[Any]) -> None:
    shapes: dict[str, list[tuple[type, ...]]] = {
        "growth": [(Reference,), (Reference, Reference)],
        "per": [(object, object, Number)],
        "mean_duration": [(object, object)],
        "count_where": [(Reference, str, Number)],
        "sum_over": [(Reference, Reference)],
    }
    for shape in shapes[function]:
        if len(shape) == len(arguments) and all(isinstance(a, s) for a, s in zip(arguments, shape, strict=True)):
            break
    else:
        raise FormulaError("formula_arguments", function=function)
    if function == "count_where" and arguments[1] not in _COMPARE:
        raise FormulaError("formula_comparison", listed=", ".join(_COMPARE))


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Parse a formula.

    Parameters
    ----------
    text : str
        A formula of the grammar in this module's description.

    Returns
    -------
    Node
        The syntax tree.

    Raises
    ------
    FormulaError
        If the text is not of the grammar; the message says where.

    Examples
    --------
    >>> parse("done / assigned * 100").symbol
    '*'
    """
    parser = _Parser(text)
    if not parser.tokens:
        raise FormulaError("formula_empty")
    node = parser.expression()
    if parser.next != len(parser.tokens):
        raise FormulaError("formula_left", found=parser.tokens[parser.next][0].strip(), text=text)
    return node


def parse_reference(text: str) -> Reference:
    """Parse a formula that is one reference and nothing else.

    Raises
    ------
    FormulaError
        For any other formula.

    Examples
    --------
    >>> parse_reference("tasks_done[area=block:local]").name
    'tasks_done'
    """
    node = parse(text)
    if not isinstance(node, Reference):
        raise FormulaError("formula_one_code", text=text)
    return node


def references(node: Node) -> list[Reference]:
    """Return the references of a tree, in order, each once."""
    if isinstance(node, Reference):
        return [node]
    if isinstance(node, Operation):
        parts = [node.left, node.right]
    elif isinstance(node, Call):
        parts = [a for a in node.arguments if not isinstance(a, str)]
        parts = parts[:1] if node.function == "sum_over" else parts
    else:
        parts = []
    return list(dict.fromkeys(reference for part in parts for reference in references(part)))


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "=": lambda a, b: a == b,
}


def evaluate(node: Node, data: Resolver, number: Callable[[float], Any] = float) -> Any:
    """Evaluate a tree over the values that a resolver gives.

    The values may be of any type with + − × ÷: floats, arrays (one element a row), or the audit's intervals.

    Parameters
    ----------
    node : Node
        A tree made by :func:`parse`.
    data : Resolver
        Gives the value of each reference.
    number : callable
        Turns a literal into the type of the values.

    Notes
    -----
    growth(x) = (x / x one year earlier − 1) × 100; growth(x, y) = (x / y − 1) × 100; per(x, y, n) = x / y × n;
    mean_duration(t, n) = t / n; count_where counts the items that satisfy the comparison; sum_over adds all values of
    one breakdown. A missing value is the resolver's to raise.
    """
    if isinstance(node, Number):
        return number(node.value)
    if isinstance(node, Reference):
        return data.one(node)
    if isinstance(node, Operation):
        left, right = evaluate(node.left, data, number), evaluate(node.right, data, number)
        if node.symbol == "+":
            return left + right
        if node.symbol == "-":
            return left - right
        return left * right if node.symbol == "*" else left / right
    first, *rest = node.arguments
    if node.function == "growth":
        before = data.one(rest[0]) if rest else data.year_earlier(first)
        return (data.one(first) / before - number(1.0)) * number(100.0)
    if node.function == "per":
        return evaluate(first, data, number) / evaluate(rest[0], data, number) * number(rest[1].value)
    if node.function == "mean_duration":
        return evaluate(first, data, number) / evaluate(rest[0], data, number)
    if node.function == "count_where":
        compare = _COMPARE[rest[0]]
        return number(float(sum(bool(compare(value, number(rest[1].value))) for value in data.many(first, "item"))))
    total, *others = data.many(first, rest[0].name)
    for value in others:
        total = total + value
    return total
