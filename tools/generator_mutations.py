"""Deliberate mistakes in the functions that print PyTorch code, one at a time."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """A change of one back-end file: a text that occurs in it once, and its replacement."""

    name: str
    file: str
    old: str
    new: str


SOURCE = [
    ("no parentheses behind not", '("not ", *_pieces(operand, level))', '("not ", *_pieces(operand))'),
    ("* binds as + does", '"-": 6, "*": 7', '"-": 6, "*": 6'),
    ("no parentheses on the right", "*_pieces(operand, level + 1))\n    return result",
     "*_pieces(operand, level))\n    return result"),
    ("sides of a choice swapped", "sides = [_pieces(then, LOWEST_OPERATOR)",
     "then, otherwise = otherwise, then\n            sides = [_pieces(then, LOWEST_OPERATOR)"),
    ("else dropped", 'yield INDENT * depth + "else:"\n                    yield from',
     "if False:\n                      yield from"),
    ("elif becomes if", 'depth, "elif ")', 'depth, "if ")'),
    ("slice turned round", "[expression.start, expression.stop]", "[expression.stop, expression.start]"),
    ("filter of a comprehension dropped", "if comprehension.test is None:", "if True:"),
    ("keywords dropped", 'keyword = (f"{argument.keyword}=",) if argument.keyword else ()', "keyword = ()"),
    ("floats rounded", "else repr(value).replace", "else repr(round(value, 2) if isinstance(value, float) else value).replace"),
    ("one item in parentheses is no tuple", "(*items, \",\") if len(display.items) == 1 else items", "items"),
    ("and printed as or", 'f"{operator} ", *_pieces(operand, level + 1)', '"or " if operator == "and" else f"{operator} ", *_pieces(operand, level + 1)'),
]  # fmt: skip

EXPRESSIONS = [
    ("sides of an if swapped", "PyChoice(*map(self.of, operands))",
     "PyChoice(*map(self.of, (operands[0], operands[2], operands[1])))"),
    ("index that is a float", 'return python.call("int", value) if float in self.types(expression) else value', "return value"),
    ("second of two lists dropped", "for operand in operands for item in self._items(operand)",
     "for operand in operands[:1] for item in self._items(operand)"),
    ("floor is ceil", '"floor": "math.floor"', '"floor": "math.ceil"'),
    ("lists compared the other way", "return PyOperation(expression.operator, tuple(sides))",
     'return PyOperation("!=", tuple(sides))'),
    ("a list compared with a tuple", "is_tuple = any({*self.types(operand)} - {tuple} for operand in given)", "is_tuple = True"),
    ("product is a sum", 'PyOperation("*", tuple(map(self.of, operands)))', 'PyOperation("+", tuple(map(self.of, operands)))'),
]  # fmt: skip

CONSTRUCT = [
    ("sides of a container's if swapped", "sides.append(block)", "sides.insert(0, block)"),
    ("module or the other", "return python.choice(self.condition(node), then, otherwise)",
     "return python.choice(self.condition(node), otherwise, then)"),
    ("side of a loop's if not rebound", "block = (*block, *self.loops.rebind(after))", "self.loops.rebind(after)"),
]  # fmt: skip

ATTRIBUTES = [
    ("shared layers overwrite what comes in", "outer, self.constructor.made = self.constructor.made, made_in(layer)", "outer = self.constructor.made"),
    ("shared layers made under a condition", "common = (*self._needed(uses_in(node)), *self._common(node))", "common = self._common(node)"),
    ("numbered from 1", 'PyFormat((PyName("i"),))', 'PyFormat(("1", PyName("i")))'),
    ("one attribute, sides swapped", "choice = python.choice(test, then, otherwise)", "choice = python.choice(test, otherwise, then)"),
    ("an activation for the identity", 'return (), python.call("nn.Identity")', 'return (), python.call("nn.ReLU")'),
    ("first of several added", "for block in added_one_by_one for statement", "for block in added_one_by_one[:-1] for statement"),
    ("modules of one side made", "otherwise = self._side(node, node.otherwise)",
     "otherwise = ()"),
]  # fmt: skip

COMMON_ATTRIBUTES = [
    ("layers shared that differ", "self.alike.get(value, ((), None))",
     "self.alike.get(value, next(iter(self.alike.values()), ((), None)))"),
    ("layers shared across conditions", "is_made = attribute is not None and self.guards[: len(guards)] == guards", "is_made = attribute is not None"),
    ("statement outside dropped", "self.outside.append(statement)", "pass"),
]  # fmt: skip

ACCESS = [
    ("one name for two layers", "name = unused(wanted, self.taken)", "name = wanted"),
    ("children taken apart in the other order", "for module in self.containers.children(modules):", "for module in [*self.containers.children(modules)][::-1]:"),
    ("activations are functions", "all(op.op.only_moves for op", "all(op.op.only_moves or op.op.is_activation for op"),
    ("one attribute for two calls", "if len(modules) == 1 and (self._has_more_ends(modules[0]) or self._is_twice(modules[0])):", "if False:"),
    ("one attribute for two names", "return modules if len({*map(label, modules)}) == 1 else []", "return modules"),
]  # fmt: skip

MERGED = [
    ("an op's name for its label", 'return next((str(term.value) for term in node.key.values()), "")', 'return next((str(term.value).rstrip("2") for term in node.key.values()), "")'),
]  # fmt: skip

KEPT = [
    ("one turn of a shared layer", 'return PyCall(iterable.callee, (self._kept("count", count, names),))', "return PyCall(iterable.callee, (PyArgument(PyConstant(1)),))"),
    ("flag not negated", "return python.negated(attribute) if is_negated else attribute", "return attribute"),
    ("flag of the contrary", "return python.negated(self.flags[around, contrary])", "return self.flags[around, contrary]"),
    ("one number for all", "return replace(argument, value=self.numbers[value])", "return replace(argument, value=next(iter(self.numbers.values())))"),
    ("number not kept", "self.statements.append(PyAssign(attribute, value))", "pass"),
    ("condition kept as its contrary", "condition = contrary if is_negated else test", "condition = contrary"),
]  # fmt: skip

FORWARD = [
    ("head in evaluation", "self.body.statements.append(PyIf(TRAINING, block))", "self.body.statements += block"),
    ("wire lost", "result = python.call(self.access.of(node), value.code, *wires)", "result = python.call(self.access.of(node), value.code)"),
    ("test negated, sides kept", "test, then, otherwise = python.negated(test), otherwise, then", "test = python.negated(test)"),
    ("wires of both sides taken for one", "if wires[0] != wires[-1] or any(", "if any("),
    ("result of a turn lost", "self.body.statements.append(self.body.assignment(result))", "pass"),
    ("wrong wire", "return held(self.body.variables.tensor(name, nodes))", "return held(self.body.target.name or \"x\")"),
]  # fmt: skip

BRANCHES = [
    ("branch dropped", "branches = self._branches(node, value)", "branches = self._branches(node, value)[:-1]"),
    ("branches read what is assigned", "outer, self.body.target = self.body.target, Target(\"\", is_main=False)\n        start", "outer = self.body.target\n        start"),
]  # fmt: skip

OP_CALLS = [
    ("arguments of a template turned round", "*[argument.value for argument in given])", "*[argument.value for argument in given][::-1])"),
    ("arguments of a function dropped", "(*read, *given, *mode)", "(*read, *mode)"),
    ("mode of a function dropped", "(*read, *given, *mode)", "(*read, *given)"),
]  # fmt: skip

HOIST = [
    ("above its guard", "if traversal.can_fail(value) and not _is_certain(block[first], value):", "if False:"),
    ("above its loop", "if len(indices) < 2 or bound & traversal.names_read(value):", "if len(indices) < 2:"),
    ("behind what reads it", "block = (*named[:first], python.assign(name, value), *named[first:])", "block = (*named, python.assign(name, value))"),
]  # fmt: skip

ARGUMENTS = [
    ("keywords by position", "behind.append(PyArgument(value, parameter.name))", "behind.append(PyArgument(value))"),
    ("layers of a list dropped", "(*before, *(layers or ()), *behind)", "(*before, *behind)"),
    ("layers of a list twice", "(*before, *(layers or ()), *behind)", "(*before, *(layers or ()), *(layers or ()), *behind)"),
    ("default where one row has it", "if parameter.default is not None and all(\n", "if parameter.default is not None and any(\n"),
    ("whatever has a default skipped", "equals_default(term, parameter) for term in terms.values()", "True for term in terms.values()"),
    ("layers left at their default", "return None if layer == parameter.default else layer", "return None if parameter.default else layer"),
]  # fmt: skip

LAYERS = [
    ("bound arguments lost", "for name in first.bound:", "for name in ():"),
    ("arguments of a partial lost", "return [argument for argument in found if argument]", "return []"),
    ("parameter for another layer", 'return origin.name if brought.is_identity or brought.callee == value.callee else ""', "return origin.name"),
]  # fmt: skip

PARAMETERS = [
    ("numbers in the other order", "for name in dict.fromkeys(order) if name in self.definitions]", "for name in [*dict.fromkeys(order)][::-1] if name in self.definitions]"),
    ("defaults off by one", 'return python.constant(default, "tuple"), traversal', 'return python.constant(default + 1 if type(default) is int else default, "tuple"), traversal'),
    ("default of another call", "if parameter.name not in row.occurrence.instance.arguments", "if True"),
    ("numbers are parameters", "return bool(known) and all(name in instance.locals for instance in known)", "return False"),
    ("parameters are numbers", "return bool(known) and all(name in instance.locals for instance in known)", "return bool(known) and name != \"channels\""),
]  # fmt: skip

INITIALIZE = [
    ("limit on one side", '{"a": PyOperation("neg", (limit,)), "b": limit}', '{"a": limit, "b": limit}'),
    ("fan frozen", "PyConstant(f\"fan_{dict(weight.arguments)['fan']}\")", 'PyConstant("fan_in")'),
    ("bias frozen", 'call = _constant_call("bias", python.constant(values[0]))', 'call = _constant_call("bias", python.constant(0))'),
    ("not applied", "result.applied[family.block] = name", "pass"),
    ("applied to what is wrapped", "isdisjoint(_changed(together))", "isdisjoint(())"),
    ("one start for all", "for kind, starts in part.items() if not _is_uniform({kind: starts})", "for kind, starts in part.items() if False"),
    ("numbers of starts frozen", "return [name for name, some in values.items() if len(some) > 1]", "return []"),
    ("gain is the bias", '_constant_call("weight", number)', '_constant_call("bias", number)'),
    ("last group alone", "body = (PyIf(test, _statements(starts, group), body),)", "body = (PyIf(test, _statements(starts, group), ()),)"),
]  # fmt: skip

MERGE = [
    ("different ops are one", "same({row: (type(node.op), len(node.branches)) for row, node in rows.items()})[1]", "same({row: len(node.branches) for row, node in rows.items()})"),
    ("other wires are one", "same({row: node.name for row, node in rows.items()})", "pass"),
    ("different starts are one", 'same({row: start.weight.form if start else () for row, start in starts.items()})', "pass"),
]  # fmt: skip

MERGE_CONTROL = [
    ("if dropped", "return then if then is otherwise else result", "return then"),
    ("unrolled one turn short", "for i in range(length)\n        ]\n        return MergedSequence(dict(rows), children)", "for i in range(length - 1)\n        ]\n        return MergedSequence(dict(rows), children)"),
    ("channels not carried", "turn.carried = exit.carried = any(is_carried(node) for node in rows.values())", "turn.carried = exit.carried = False"),
]  # fmt: skip

NUMBERS = [
    ("numbers that do not fit", "if speaks and self._gives(candidate, terms):", "if speaks:"),
    ("numbers frozen", "speaks = not isinstance(candidate, Literal) and self.correspondence.is_own(candidate)", "speaks = self.correspondence.is_own(candidate)"),
    ("equal by chance", "return next((each for each in fitting if self._are_one(each, lifted)), lifted)", "return next(fitting, lifted)"),
    ("sides of a number swapped", 'return operation("if", test, then, otherwise)', 'return operation("if", test, otherwise, then)'),
]  # fmt: skip

FRESH_PARAMETERS = [
    ("one number for an instance's several", "if not identical(seen.value, quotient.value):", "if False:"),
    ("multiple dropped", 'fresh.products.add(product := operation("*", base, self._symbol(fresh)))', "fresh.products.add(product := self._symbol(fresh))"),
    ("factor dropped", 'multiple = operation("*", Literal(factor), self._symbol(fresh))', "multiple = self._symbol(fresh)"),
    ("quotient off by one", 'return Term(value // divisor, operation("//", outer, divisor_outer))', 'return Term(value // divisor, operation("+", operation("//", outer, divisor_outer), Literal(1)))'),
]  # fmt: skip

INPLACE = [
    ("what a gradient needs overwritten", "and may_work_in_place(graph, graph[id])", ""),
    ("inputs overwritten", "return (row.occurrence, port.node) in made and may", "return may"),
    ("overwritten where one row may", "return all(_is_free(row, op.node, made)", "return any(_is_free(row, op.node, made)"),
]  # fmt: skip

CALLS = [
    ("default where one row has it", "if all(is_default(Term(terms[row].value, known[row]), each) for row, each in given.items()):",
     "if any(is_default(Term(terms[row].value, known[row]), each) for row, each in given.items()):"),
    ("default by value alone", "return literal and argument.default is not None and identical(term.value, argument.default)",
     "return argument.default is not None and identical(term.value, argument.default)"),
    ("start of a module lost", "return python.call(function, module, **numbers)", "return module"),
]  # fmt: skip

CLASSES = [
    ("heads returned in the other order", "outputs = python.call(outputs_name(self.text.name), x, *heads)",
     "outputs = python.call(outputs_name(self.text.name), x, *heads[::-1])"),
    ("heads of a block in the other order", "(*results, *heads, *given)", "(*results, *heads[::-1], *given)"),
    ("numbers behind what reads them", "body = (*body[:index], *parameters.locals(), *body[index:])", "body = (*body, *parameters.locals())"),
]  # fmt: skip

PYTHON = [
    (
        "not dropped, sides kept",
        "test, then, otherwise = operand, otherwise, then",
        "test = operand",
    ),
]

CONTAINER = [
    ("modules in the other order", "self.waiting.append(module)", "self.waiting.insert(0, module)"),
    ("layers assigned, not added", 'variable, waiting, operator="+"', 'variable, waiting, operator=""'),
    ("one module that waits dropped", "self.statements.append(PyEvaluate(python.call(append, *self.waiting)))", "pass"),
    ("keys of an OrderedDict", "PyArgument(value, _text(key))", 'PyArgument(value, _text(key) + "_")'),
]  # fmt: skip

JOINS = [
    ("tensors joined in the other order", 'tensors = PyDisplay("list", tuple(codes))', 'tensors = PyDisplay("list", tuple(codes[::-1]))'),
    ("product joined as a sum", "PyOperation(join.operator, tuple(codes))", 'PyOperation("+", tuple(codes))'),
]  # fmt: skip

BLOCK_CALLS = [
    ("heads in the other order", "[self.body.target.name, *variables]", "[*variables, self.body.target.name]"),
]  # fmt: skip

BODY = [
    ("call made once that is made of two", "common = next((call for call in calls if call in traversal.walk(otherwise)), None)", "common = next(iter(calls), None)"),
]  # fmt: skip

PASSING = [
    ("numbers of layers alike", "(kind(v, own.frame), _numbers(v))", "kind(v, own.frame)"),
    ("one class for all uses", "    return _fits_everywhere(families, family, name)", "    return True"),
    ("initialisation lost on the way", "if start is not None and not start.is_default:", "if False:"),
]  # fmt: skip

FOR_LOOPS = [
    ("filter of a loop dropped", 'return self.writer.value(terms, "when") if terms else None', "return None"),
    ("channels not carried on", "body = (*body, *self.rebind(self._after_turn(node)))", "self.rebind(self._after_turn(node))"),
    ("channels subtracted", "operator = sign", 'operator = "-"'),
    ("names of loops", 'return variable if variable in read else "_"', 'return variable if variable not in read else "_"'),
]  # fmt: skip

KEYS = [
    ("keys that differ are one", 'if self.scope in ("attributes", "indexed"):\n            same(', 'if self.scope in ("attributes", "indexed"):\n            dict('),
    ("names in a scope that count the identity", "same({row: node.value.is_identity for row, node in each.rows.items()})", "pass"),
]  # fmt: skip

LAYER_LISTS = [
    ("lists that differ are one", "return None if is_one else LayerList(name, layers)", "return None"),
]  # fmt: skip

FILES = {
    "source": SOURCE, "expressions": EXPRESSIONS, "construct": CONSTRUCT, "attributes": ATTRIBUTES,
    "common_attributes": COMMON_ATTRIBUTES,
    "access": ACCESS, "merged": MERGED, "kept": KEPT, "forward": FORWARD, "branches": BRANCHES,
    "op_calls": OP_CALLS, "hoist": HOIST, "arguments": ARGUMENTS,
    "layers": LAYERS, "parameters": PARAMETERS, "initialize": INITIALIZE, "merge": MERGE,
    "merge_control": MERGE_CONTROL,
    "numbers": NUMBERS, "fresh_parameters": FRESH_PARAMETERS, "inplace": INPLACE, "calls": CALLS,
    "classes": CLASSES, "python": PYTHON, "container": CONTAINER, "joins": JOINS,
    "block_calls": BLOCK_CALLS, "body": BODY, "passing": PASSING, "for_loops": FOR_LOOPS,
    "keys": KEYS, "layer_lists": LAYER_LISTS,
}  # fmt: skip

MUTATIONS = [
    Mutation(name, file, old, new) for file, some in FILES.items() for name, old, new in some
]
