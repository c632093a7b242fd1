"""The one tree of errors. Every message says what was wrong and what to do; it may be shown to a user as it is."""


class ShopError(Exception):
    """Root of everything this project raises on purpose."""


class ConfigError(ShopError):
    """A setting in `shop.toml` or the environment cannot be used."""


class FeedError(ShopError):
    """A feed, mapping or event file cannot be read at all (bad single rows go to a report instead)."""


class CatalogError(ShopError):
    """The catalog database cannot do what was asked."""


class CatalogChanged(CatalogError):
    """The catalog changed while an import was prepared against it: prepare it again."""


class ShopLocked(ShopError):
    """Another process owns the shop for writing."""


class EmbedderError(ShopError):
    """The embedder is missing, damaged, or not the one that made the index."""


class IndexDamaged(ShopError):
    """The vector index disagrees with the catalog."""


class ChromaUnavailable(IndexDamaged):
    """Approximate search cannot be used for the time being; nothing is known to be damaged."""


class ModelError(ShopError):
    """A model file is missing, damaged, or does not fit this catalog or embedder."""


class LanguageModelError(ShopError):
    """The configured language model cannot be used or did not answer."""


class NoLanguageModel(LanguageModelError):
    """No configured language model can be opened as things are: a key is missing, or a folder."""


class TokensSpent(LanguageModelError):
    """The conversation has used all the tokens of a language model that it may."""


class MissingRate(ShopError):
    """No exchange rate between two currencies is configured."""


class BackupError(ShopError):
    """A backup cannot be made, or an archive cannot be restored."""
