"""The Web API methods that the stand-in knows, by family; whatever is not in METHODS is an unknown_method."""

from collections.abc import Mapping

from slack_standin.api.methods import about, channels, chat, conversations, files, oauth, reactions, users, views
from slack_standin.api.methods.method import Method

_FAMILIES = (about, channels, chat, conversations, files, oauth, reactions, users, views)
METHODS: Mapping[str, Method] = {method.name: method for family in _FAMILIES for method in family.METHODS}
