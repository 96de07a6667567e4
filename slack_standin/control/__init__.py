"""The control address: the same as StandIn, over HTTP, for programs in any language."""
