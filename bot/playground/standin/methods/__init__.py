"""The Web API methods that the stand-in knows, by family; whatever is not in METHODS is an unknown_method."""

from collections.abc import Mapping

from bot.playground.standin.methods import about, chat, conversations, reactions, users, views
from bot.playground.standin.methods.method import Method

METHODS: Mapping[str, Method] = {
    method.name: method for family in (about, chat, conversations, reactions, users, views) for method in family.METHODS
}
