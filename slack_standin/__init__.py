"""A stand-in for Slack on loopback, as strict as Slack, for any bot to run on. It knows nothing about the bot."""

from bot.playground.standin.blocks import validate_blocks, validate_message
from bot.playground.standin.clock import Clock
from bot.playground.standin.delivery import Answer, Delivery
from bot.playground.standin.feed import Change
from bot.playground.standin.keeping import Unreadable
from bot.playground.standin.manifest_rules import manifest_problems
from bot.playground.standin.messages import Message
from bot.playground.standin.standin import StandIn
from bot.playground.standin.views import View
from bot.playground.standin.workspace import Channel, Person, Workspace

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
