"""What a client has sent: read in a thread of its own, which knows whether more is there."""

from __future__ import annotations

import os
import select

CHUNK = 2**16


class Input:
    """The bytes of a file descriptor, as a file that is read by one thread."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._buffer = bytearray()
        self._is_waiting = False

    @property
    def is_exhausted(self) -> bool:
        """Whether all was read that has come so far, and what was read is handled.

        Whoever handles a message reads on afterwards: so the reader waits, and in vain.
        """
        if not self._is_waiting:
            return False
        try:
            return not select.select([self.descriptor], [], [], 0)[0]
        except OSError:  # Windows can select sockets only.
            return True

    def readline(self) -> bytes:
        """The bytes up to the end of a line; less at the end of the input."""
        while (end := self._buffer.find(b"\n") + 1) == 0 and self._fill():
            pass
        return self._taken(end or len(self._buffer))

    def read(self, count: int) -> bytes:
        """So many bytes; less at the end of the input."""
        while len(self._buffer) < count and self._fill():
            pass
        return self._taken(count)

    def _fill(self) -> bool:
        self._is_waiting = True
        found = os.read(self.descriptor, CHUNK)
        self._is_waiting = False
        self._buffer += found
        return bool(found)

    def _taken(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken
