"""A stand-in for Slack on loopback, as strict as Slack, for any bot to run on. It knows nothing about the bot."""

from slack_standin.blocks import validate_blocks, validate_message
from slack_standin.clock import Clock
from slack_standin.delivery import Answer, Delivery
from slack_standin.feed import Change
from slack_standin.keeping import Unreadable
from slack_standin.manifest_rules import manifest_problems
from slack_standin.messages import Message
from slack_standin.standin import StandIn
from slack_standin.views import View
from slack_standin.workspace import Channel, Person, Workspace

__all__ = [
    "Answer",
    "Change",
    "Channel",
    "Clock",
    "Delivery",
    "Message",
    "Person",
    "StandIn",
    "Unreadable",
    "View",
    "Workspace",
    "manifest_problems",
    "validate_blocks",
    "validate_message",
]
