"""Object files to code in memory, where they are simple ELF for x86-64: in 0.1 ms.

LLVM's linker takes two milliseconds to be made, and half of one for a module.  Ours have code,
constants, and calls of functions by name; an object that has anything else is left to LLVM.
Reference: System V Application Binary Interface, AMD64 Architecture Processor Supplement, ch. 4.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

__all__ = ["LoadedObject", "load_object"]

_HEADER = struct.Struct("<4sBB10xHH20xQ10xHHH")
_MAGIC, _64_BITS, _LITTLE_ENDIAN, _RELOCATABLE, _X86_64 = b"\x7fELF", 2, 1, 1, 62
_PROGRAM, _SYMBOLS, _RELOCATIONS = 1, 2, 4
_WRITABLE, _ALLOCATED = 1, 2
_ABSOLUTE, _RELATIVE, _CALL = 1, 2, 4
_SLOT_RELATIVE = (9, 41, 42)
_SLOT_SIZE = 16
_JUMP = b"\xff\x25" + struct.pack("<i", -14)  # to the address that stands 8 bytes before it
_READ_AND_EXECUTE = 5
_PROTECT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


class _Section(NamedTuple):
    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQq")


class _UnknownKindError(Exception):
    """An object with something that is left to LLVM."""


class LoadedObject:
    """Code in memory, and the addresses of its functions, as long as it is kept."""

    def __init__(self, code: bytes, address_of: Callable[[str], int | None]) -> None:
        self._code, self._address_of = code, address_of
        self._sections = list(_sections(code))
        self._places: dict[int, int] = {}
        size = self._lay_out()
        self._slots: dict[int, int] = {}
        self._first_slot = -(-size // _SLOT_SIZE) * _SLOT_SIZE
        relocations = list(self._relocations)
        total = self._first_slot + _SLOT_SIZE * (len(relocations) + 1)
        self._memory = mmap.mmap(-1, total, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        view = ctypes.c_char.from_buffer(self._memory)
        self._start = ctypes.addressof(view)
        for number, place in self._places.items():
            section = self._sections[number]
            self._memory[place : place + section.size] = _content(code, section)
        for place, kind, symbol, addend in relocations:
            self._relocate(place, kind, symbol, addend)
        protect = _PROTECT(address_of("mprotect") or 0)
        if protect(self._start, total, _READ_AND_EXECUTE):
            raise _UnknownKindError

    def __getitem__(self, name: str) -> int:
        return self._defined[name]

    def _lay_out(self) -> int:
        """Find where in memory the sections go that a program has; return the end of them."""
        end = 0
        for number, section in enumerate(self._sections):
            if not section.flags & _ALLOCATED or self._name(section) == b".eh_frame":
                continue  # tables for exceptions, which never pass through
            if section.type != _PROGRAM or section.flags & _WRITABLE:
                raise _UnknownKindError
            align = max(1, section.alignment)
            self._places[number] = -(-end // align) * align
            end = self._places[number] + section.size
        return end

    def _name(self, section: _Section) -> bytes:
        names = self._sections[_HEADER.unpack_from(self._code)[-1]]
        return _text(self._code, names.offset + section.name)

    @cached_property
    def _symbols(self) -> list[tuple[str, int, int, int]]:
        """Name, binding, section and value of each symbol."""
        found, code = [], self._code
        for table in (s for s in self._sections if s.type == _SYMBOLS):
            names = self._sections[table.link].offset
            for name, info, _, section, value, _ in _SYMBOL.iter_unpack(_content(code, table)):
                # What is inside of the module has no name that anybody asks for.
                text = _text(code, names + name).decode() if info >> 4 else ""
                found.append((text, info >> 4, section, value))
        return found

    @cached_property
    def _defined(self) -> dict[str, int]:
        return {
            name: self._start + self._places[section] + value
            for name, binding, section, value in self._symbols
            if binding and section in self._places
        }

    @property
    def _relocations(self) -> Iterator[tuple[int, int, int, int]]:
        """Place in memory, kind, symbol and addend of each reference."""
        for table in (s for s in self._sections if s.type == _RELOCATIONS):
            if table.info in self._places:
                for offset, info, addend in _RELOCATION.iter_unpack(_content(self._code, table)):
                    yield self._places[table.info] + offset, info & 0xFFFFFFFF, info >> 32, addend

    def _relocate(self, place: int, kind: int, symbol: int, addend: int) -> None:
        if kind == _ABSOLUTE:
            struct.pack_into("<Q", self._memory, place, self._target(symbol) + addend)
            return
        if kind in _SLOT_RELATIVE:
            target = self._slot(symbol)
        elif kind in (_RELATIVE, _CALL) and self._symbols[symbol][2]:
            target = self._target(symbol)
        elif kind == _CALL:
            # Another module may be farther away than a call reaches.
            target = self._slot(symbol) + 8
        else:
            raise _UnknownKindError
        struct.pack_into("<i", self._memory, place, target + addend - self._start - place)

    def _target(self, symbol: int) -> int:
        name, _, section, value = self._symbols[symbol]
        if section in self._places:
            return self._start + self._places[section] + value
        address = None if section else self._address_of(name)
        if not address:
            raise _UnknownKindError
        return address

    def _slot(self, symbol: int) -> int:
        """Return the place of a symbol's address, behind which is a jump to it."""
        if symbol not in self._slots:
            place = self._first_slot + _SLOT_SIZE * len(self._slots)
            struct.pack_into("<Q", self._memory, place, self._target(symbol))
            self._memory[place + 8 : place + 8 + len(_JUMP)] = _JUMP
            self._slots[symbol] = self._start + place
        return self._slots[symbol]


def load_object(code: bytes, address_of: Callable[[str], int | None]) -> LoadedObject | None:
    """Return the code of an object file, ready to be called; None where LLVM has to load it.

    Parameters
    ----------
    code : bytes
    address_of : callable
        Returns where a function is that the object calls by name.
    """
    try:
        return LoadedObject(code, address_of)
    except (_UnknownKindError, OSError, struct.error):
        return None


def _sections(code: bytes) -> Iterator[_Section]:
    magic, bits, order, kind, machine, table, size, count, _ = _HEADER.unpack_from(code)
    expected = (_MAGIC, _64_BITS, _LITTLE_ENDIAN, _RELOCATABLE, _X86_64, _SECTION.size)
    if (magic, bits, order, kind, machine, size) != expected:
        raise _UnknownKindError
    for fields in _SECTION.iter_unpack(code[table : table + count * size]):
        yield _Section._make(fields)


def _content(code: bytes, section: _Section) -> bytes:
    return code[section.offset : section.offset + section.size]


def _text(code: bytes, start: int) -> bytes:
    return code[start : code.index(b"\0", start)]
