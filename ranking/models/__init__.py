"""The user-product matchers, by name.

A matcher of your own joins by the entry point group `shopping_assistant.matchers`: a name, and a class that meets
`ranking.models.protocol.Matcher` and can be made from its settings as keywords.
"""
