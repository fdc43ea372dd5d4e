"""Messages as they come in."""

from __future__ import annotations

from typing import Any

from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol


class Messages(LanguageServerProtocol):
    """The protocol, in which a request that cannot be read is answered too: somebody waits."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as an object; raises `JsonRpcException`."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise
