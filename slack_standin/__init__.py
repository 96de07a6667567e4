"""A stand-in for Slack on loopback, as strict as Slack, for any bot to run on. It knows nothing about the bot."""

from slack_standin.block_kit.validation import validate_blocks, validate_message
from slack_standin.control.server import serve_control
from slack_standin.delivery.transport import Answer, Delivery
from slack_standin.model.change_feed import Change
from slack_standin.model.clock import Clock
from slack_standin.model.manifest_validation import manifest_problems
from slack_standin.model.messages import Message
from slack_standin.model.persistence import UnreadableState
from slack_standin.model.views import View
from slack_standin.model.workspace import Channel, Person, Workspace
from slack_standin.standin import StandIn

__all__ = [
    "Answer",
    "Change",
    "Channel",
    "Clock",
    "Delivery",
    "Message",
    "Person",
    "StandIn",
    "UnreadableState",
    "View",
    "Workspace",
    "manifest_problems",
    "serve_control",
    "validate_blocks",
    "validate_message",
]
