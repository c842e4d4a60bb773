"""Thrift's compact protocol, as much of it as the footer and page headers of Parquet need: plain numbers, bounded.

A library that reads Parquet also believes it; these few numbers are looked at before any such library sees the file. Source:
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from collections.abc import Mapping

Value = bool | int | bytes | list["Value"] | dict[int, "Value"]
MOST_DEEP = 24
"""How deep structures may stand in each other. Parquet's own need six."""

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_FIXED = {_BYTE: 1, _DOUBLE: 8}


class BadThrift(ValueError):
    """The bytes are no whole structure."""


class Compact:
    """Reads structures one after another from some bytes. `place` is where the next begins."""

    def __init__(self, data: bytes, place: int = 0) -> None:
        self._data = data
        self.place = place

    def structure(self, deep: int = 0) -> dict[int, Value]:
        """The next structure: its values by the numbers of their fields. Raises BadThrift."""
        if deep > MOST_DEEP:
            raise BadThrift("nested too deeply")
        fields: dict[int, Value] = {}
        number = 0
        while (head := self._byte()) != 0:
            kind = head & 0x0F
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, deep)
        return fields

    def _value(self, kind: int, deep: int) -> Value:
        if kind in (_I16, _I32, _I64):
            return self._zigzag()
        if kind == _STRUCT:
            return self.structure(deep + 1)
        if kind in (_LIST, _SET):
            return self._list(deep)
        if kind == _MAP:
            return self._map(deep)
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind in (_TRUE, _FALSE):  # in a list a truth value is a byte of its own
            return self._byte() == _TRUE
        if kind in _FIXED:
            return self._bytes(_FIXED[kind])
        raise BadThrift(f"no such kind of value: {kind}")

    def _list(self, deep: int) -> list[Value]:
        head = self._byte()
        count = head >> 4 if head >> 4 != 15 else self._varint()
        self._enough(count)
        if deep > MOST_DEEP:
            raise BadThrift("nested too deeply")
        return [self._value(head & 0x0F, deep + 1) for _ in range(count)]

    def _map(self, deep: int) -> Value:
        count = self._varint()
        self._enough(count)
        if count:
            kinds = self._byte()
            for _ in range(count):
                self._value(kinds >> 4, deep + 1)
                self._value(kinds & 0x0F, deep + 1)
        return {}  # Parquet's metadata has no maps: one is passed over

    def _enough(self, count: int) -> None:
        """Every value takes a byte at least, so that a count beyond what is left is a lie."""
        if count > len(self._data) - self.place:
            raise BadThrift("more values than bytes")

    def _byte(self) -> int:
        if self.place >= len(self._data):
            raise BadThrift("cut off")
        self.place += 1
        return self._data[self.place - 1]

    def _bytes(self, count: int) -> bytes:
        self._enough(count)
        self.place += count
        return self._data[self.place - count : self.place]

    def _varint(self) -> int:
        number = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
        raise BadThrift("a number without end")

    def _zigzag(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)


def whole(fields: Mapping[int, Value], number: int, least: int = 0) -> int:
    """A field as a whole number of at least `least`, which it also is where it is missing. Raises BadThrift."""
    value = fields.get(number, least)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadThrift(f"field {number} is no number from {least} up")
    return value


def structures(fields: Mapping[int, Value], number: int) -> list[dict[int, Value]]:
    """A field as a list of structures; an empty one where it is missing. Raises BadThrift."""
    value = fields.get(number, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadThrift(f"field {number} is no list of structures")
    return [one for one in value if isinstance(one, dict)]
