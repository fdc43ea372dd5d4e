"""The tools as a server of the model context protocol, over standard input and output."""

from __future__ import annotations

from functools import wraps
from importlib.resources import files
from inspect import getdoc
from pathlib import Path

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool as Served
from mcp_types import ToolAnnotations

from archdsl.agents.folder import Folder, Refused
from archdsl.agents.tools import Result, Tool, tools
from archdsl.version import __version__


def made(root: Path) -> MCPServer[object]:
    """A server for the specs below a folder; its instructions are the page for agents."""
    guide = files("archdsl").joinpath("AGENTS.md").read_text(encoding="utf-8")
    return MCPServer(
        "archdsl",
        instructions=guide,
        version=__version__,
        log_level="ERROR",
        tools=[_served(each) for each in tools(Folder(root))],
    )


def _served(tool: Tool) -> Served:
    """A tool that takes no arguments but its own: one of another name would have no effect."""
    hints = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    made = Served.from_function(_refusing(tool), description=getdoc(tool), annotations=hints)
    arguments = made.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    return made.model_copy(update={"parameters": arguments.model_json_schema()})


def _refusing(tool: Tool) -> Tool:
    """A tool whose refusals a client sees, which it does not of errors that nobody expects."""

    @wraps(tool)
    async def refusing(**given: object) -> Result:
        try:
            return await tool(**given)
        except Refused as refused:
            raise ToolError(str(refused)) from None

    return refusing
