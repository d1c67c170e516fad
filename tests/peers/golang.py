# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reads composite literals of Go: structs become dicts, slices lists, calls their last argument."""
import ast
import re

TOKEN = re.compile(r'\s+|//[^\n]*|/\*.*?\*/|(`[^`]*`|"(?:\\.|[^"\\\n])*"|[\w.]+|[\[\]*&]+|.)', re.S)


class Reader:
    def __init__(self, text, names):
        self.tokens = [t for t in TOKEN.findall(text) if t]
        self.at = 0
        self.names = names

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self):
        return self.tokens[self.at]

    def skip(self, end):
        """What is no literal, up to the closing bracket of the one just opened."""
        depth = 1
        while depth:
            t = self.next()
            depth += t in "({" and t != ""
            depth -= t in ")}"
        del end

    def string(self, token):
        if token[0] == "`":
            return token[1:-1]
        return ast.literal_eval("b" + token).decode("latin-1") if token.isascii() else token[1:-1]

    def body(self):
        """After '{': a dict if its elements have names, else a list."""
        fields, items = {}, []
        while self.peek() != "}":
            value = self.value()
            if self.peek() == ":":
                self.next()
                fields[str(value)] = self.value()
            else:
                items.append(value)
            if self.peek() == ",":
                self.next()
        self.next()
        return items or fields

    def value(self):
        value = self.one()
        while self.peek() == "+":
            self.next()
            value += self.one()
        return value

    def one(self):
        t = self.next()
        while set(t) <= set("[]*&"):
            t = self.next()
        if t[0] in "\"`":
            return self.string(t)
        if t == "{":
            return self.body()
        if t == "func":
            while self.next() != "{":
                pass
            self.skip("}")
            return "func"
        if self.peek() == "{":
            self.next()
            return self.body()
        if t == "make":
            self.next()
            while self.next() != ",":
                pass
            n = int(self.next())
            self.next()
            return [{} for _ in range(n)]
        if self.peek() == "(":
            self.next()
            args = []
            while self.peek() != ")":
                args.append(self.value())
                if self.peek() == ",":
                    self.next()
            self.next()
            return t if t.startswith("expect") else (args or [t])[-1]
        if t.isdigit():
            return int(t)
        return self.names.get(t, t)


def constants(text):
    """Strings between backquotes that have a name."""
    return dict(re.findall(r"^(?:const|var)?\s*(\w+)\s*=\s*`([^`]*)`", text, re.M))


def literal(text, name, names=()):
    """The value of `var name = ...`."""
    start = re.search(r"^var %s = " % name, text, re.M)
    return Reader(text[start.end() :], dict(names)).value()
