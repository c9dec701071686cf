"""What a template prints and asks: every value has to be known, and guarded where it may be missing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from jinja2 import Environment, nodes

from local.check.facts import ANYTHING, TEXT, Facts, Many, Value, look_up, unknown
from local.check.problem import one_of

Chain = tuple[str, ...]
Sure = frozenset[tuple[Chain, str]]  # "defined": it is there, if only as nothing; "some": it is there and not nothing
Found = tuple[int, str, str]  # line, place, text
NOTHING_SURE: Sure = frozenset()
CLOCKS = {"weekday": ("time", "day"), "day": ("time", "day"), "hour": ("time",)}


@dataclass(frozen=True)
class Reader:
    """Reads one template. `own` are the names that it gives; `tested`, whether the value is only looked at."""

    environment: Environment
    facts: Facts
    own: frozenset[str]
    sure: Sure = NOTHING_SURE
    tested: bool = False

    def read(self, node: nodes.Node) -> Iterator[Found]:
        """The mistakes in the node and below it."""
        match node:
            case nodes.TemplateData() | nodes.Const():
                return
            case nodes.If():
                yield from self.read_if(node)
            case nodes.For(target=nodes.Name(name=name)) if isinstance(many := self.fact(node.iter), Many):
                yield from self.read_for(node, name, many)
            case nodes.CondExpr() | nodes.And() | nodes.Or() | nodes.Not() | nodes.Compare():
                yield from self.read_logic(node)
            case nodes.Test():
                yield from self.read_test(node)
            case nodes.Filter():
                yield from self.read_filter(node)
            case nodes.Getattr() | nodes.Getitem() | nodes.Name():
                yield from self.read_value(node)
            case nodes.Call(node=nodes.Getattr() as method) if self.is_text_method(method):
                yield from self.plain().read(method.node)
                yield from self.read_all([*node.args, *node.kwargs])
            case nodes.Include() | nodes.Import() | nodes.FromImport() | nodes.Extends():
                yield node.lineno, type(node).__name__.lower(), "expected a template that stands alone"
            case _:
                yield from self.read_all(list(node.iter_child_nodes()))

    def read_all(self, many: list[nodes.Node]) -> Iterator[Found]:
        """The mistakes in each, where each is printed or worked with."""
        for node in many:
            yield from self.plain().read(node)

    def read_logic(self, node: nodes.Node) -> Iterator[Found]:
        """Of `a or b`, a is printed only if it is something; of `a and b`, a may be printed as nothing."""
        match node:
            case nodes.CondExpr():
                yield from self.test().read(node.test)
                yield from self.knowing(node.test, True).read(node.expr1)
                if node.expr2 is not None:
                    yield from self.knowing(node.test, False).read(node.expr2)
            case nodes.And() | nodes.Or():
                left = self.test() if isinstance(node, nodes.Or) else self
                yield from left.read(node.left)
                yield from self.knowing(node.left, isinstance(node, nodes.And)).read(node.right)
            case nodes.Not():
                yield from self.test().read(node.node)
            case nodes.Compare():
                looks = self.test() if all(operand.op in ("eq", "ne") for operand in node.ops) else self.plain()
                for inner in (node.expr, *(operand.expr for operand in node.ops)):
                    yield from looks.read(inner)

    def read_if(self, node: nodes.If) -> Iterator[Found]:
        """What is tested is known to be there in the body, and known to be missing afterwards."""
        reader = self.plain()
        for part in (node, *node.elif_):
            yield from reader.test().read(part.test)
            inside = reader.knowing(part.test, True)
            for inner in part.body:
                yield from inside.read(inner)
            reader = reader.knowing(part.test, False)
        for inner in node.else_:
            yield from reader.read(inner)

    def read_for(self, node: nodes.For, name: str, many: Many) -> Iterator[Found]:
        """What each of several things is called in the loop is known as they are."""
        yield from self.test().read(node.iter)
        inside = replace(self.plain(), facts={**self.facts, name: many.each}, own=self.own - {name})
        for inner in [*([node.test] if node.test else []), *node.body]:
            yield from inside.read(inner)
        yield from self.read_all(node.else_)

    def read_test(self, node: nodes.Test) -> Iterator[Found]:
        """`is defined` may be asked of everything that has a name."""
        if node.name not in self.environment.tests:
            yield node.lineno, node.name, f"unknown test; {one_of(node.name, self.environment.tests)}"
        chain = chain_of(node.node)
        asked = self.assuming(chain, "defined") if chain and node.name in ("defined", "undefined") else self
        yield from asked.test().read(node.node)
        yield from self.read_all(list(node.args))

    def read_filter(self, node: nodes.Filter) -> Iterator[Found]:
        """A filter that there is, on what it can be used for; `default` is a guard."""
        if node.name not in self.environment.filters:
            yield node.lineno, node.name, f"unknown filter; {one_of(node.name, self.environment.filters)}"
        inner, chain = self.plain(), chain_of(node.node) if node.node else None
        if chain and node.name in ("default", "d"):
            inner = self.assuming(chain, "some" if is_for_nothing_too(node) else "defined").plain()
        fact = self.fact(node.node) if node.node else None
        kinds = CLOCKS.get(node.name)
        if kinds and isinstance(fact, Value) and fact.kind not in (*kinds, "anything"):
            place = f"{'.'.join(chain or ())}|{node.name}"
            yield node.lineno, place, f"expected a field of kind {' or '.join(kinds)}, found {fact.kind}"
        if node.node:
            yield from inner.read(node.node)
        yield from self.read_all([*node.args, *node.kwargs])

    def read_value(self, node: nodes.Expr) -> Iterator[Found]:
        """A value has to be known, and certain to be there where it is printed."""
        chain = chain_of(node)
        if chain is None:
            yield from self.read_part(node)
        elif chain[0] not in self.own:
            yield from ((node.lineno, ".".join(chain), text) for text in self.doubts(chain))

    def read_part(self, node: nodes.Expr) -> Iterator[Found]:
        """Something of something else, such as `voice.sign_off[language]`: the whole need not be a single value."""
        if isinstance(node, nodes.Getitem):
            yield from self.plain().read(node.arg)
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            chain = chain_of(node.node)
            if chain is None or look_up(chain, self.facts) is None or chain[0] in self.own:
                yield from self.plain().read(node.node)

    def fact(self, node: nodes.Node) -> Facts | Value | None:
        """What is known of the value; None of what the template names itself."""
        chain = chain_of(node)
        return look_up(chain, self.facts) if chain and chain[0] not in self.own else None

    def doubts(self, chain: Chain) -> Iterator[str]:
        """What is wrong with the value, used in this place."""
        fact = look_up(chain, self.facts)
        if chain[0] not in self.facts:
            if chain[0] not in self.environment.globals:
                yield f"there is no such variable; {one_of(chain[0], self.facts)}"
        elif not isinstance(fact, Value):
            yield unknown(chain, self.facts).replace(".".join(chain), "it", 1)
        elif isinstance(fact, Many) and not self.tested:
            yield f"there are several; expected {{% for each in {'.'.join(chain)} %}}"
        elif fact.absent and not {(chain, "defined"), (chain, "some")} & self.sure:
            name = ".".join(chain)
            guard = f"{{% if {name} is defined and {name} %}}" if fact.empty else f"{{% if {name} is defined %}}"
            yield f"may be missing, and even asking is an error then; guard it with {guard}"
        elif fact.empty and not self.tested and (chain, "some") not in self.sure:
            defined = ", since what is missing is defined, as nothing" if (chain, "defined") in self.sure else ""
            yield f"may be missing; guard it with {{% if {'.'.join(chain)} %}}{defined}"

    def is_text_method(self, node: nodes.Getattr) -> bool:
        """Whether it is something that every text can do, such as `startswith`."""
        chain = chain_of(node.node)
        fact = look_up(chain, self.facts) if chain else None
        return isinstance(fact, Value) and fact != ANYTHING and hasattr(TEXT.kind, node.attr)

    def test(self) -> "Reader":
        """The reader where a value is only looked at."""
        return self if self.tested else replace(self, tested=True)

    def plain(self) -> "Reader":
        """The reader where a value is printed or worked with."""
        return replace(self, tested=False) if self.tested else self

    def knowing(self, test: nodes.Node, outcome: bool) -> "Reader":
        """The reader after a test."""
        return replace(self, sure=self.sure | implied(test, outcome))

    def assuming(self, chain: Chain, what: str) -> "Reader":
        """The reader where this much is sure of the value."""
        return replace(self, sure=self.sure | {(chain, what)})


def is_for_nothing_too(node: nodes.Filter) -> bool:
    """Whether a `default` stands in for nothing as well, not only for the undefined: its second argument is true."""
    given = [*node.args[1:2], *(pair.value for pair in node.kwargs if pair.key == "boolean")]
    return any(isinstance(value, nodes.Const) and bool(value.value) for value in given)


def chain_of(node: nodes.Node) -> Chain | None:
    """`event.data.order` or `event["data"]["order"]` as its names; None for anything else."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    name = None
    if isinstance(node, nodes.Getattr):
        name = node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        name = node.arg.value
    inner = chain_of(node.node) if name is not None and isinstance(node, nodes.Getattr | nodes.Getitem) else None
    return (*inner, name) if inner and name is not None else None


def implied(test: nodes.Node, outcome: bool) -> Sure:
    """What is sure once the test has come out so."""
    match test:
        case nodes.Not():
            return implied(test.node, not outcome)
        case nodes.And() | nodes.Or() if outcome is isinstance(test, nodes.And):
            return implied(test.left, outcome) | implied(test.right, outcome)
        case nodes.Test(name="defined" | "undefined" | "none", node=inner):
            chain = chain_of(inner)
            what = "some" if test.name == "none" else "defined"
            return frozenset({(chain, what)}) if chain and outcome is (test.name == "defined") else NOTHING_SURE
        case nodes.Compare(expr=inner, ops=[nodes.Operand(op="eq" | "ne" as op, expr=nodes.Const(value=value))]):
            chain = chain_of(inner)
            equal = outcome is (op == "eq")
            return frozenset({(chain, "some")}) if chain and equal is (value is not None) else NOTHING_SURE
        case nodes.Getattr() | nodes.Getitem() | nodes.Name():
            chain = chain_of(test)
            return frozenset({(chain, "some")}) if chain and outcome else NOTHING_SURE
    return NOTHING_SURE
