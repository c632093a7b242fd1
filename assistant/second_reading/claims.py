"""The form that a language model fills in about one message.

In: JSON of a model. Out: `Claims`, of the right shape; whether they are true is `checking`'s matter.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_CLAIMS = 12


class Claim(BaseModel):
    """Words of the shopper and what they mean."""

    model_config = ConfigDict(extra="ignore")

    quote: str = Field(description="the shopper's own words, copied letter by letter")
    attribute: str = Field(description="category, department, brand, an attribute of the shop, or word")
    value: str = Field(description="one of the shop's values of that attribute, as the shop spells it")
    refused: bool = Field(default=False, description="true where the shopper does not want it")


class Claims(BaseModel):
    """What a shopper's message says, as far as the program asks."""

    model_config = ConfigDict(extra="ignore")

    intent: str | None = Field(default=None, description="one of the intents offered, or null where none is")
    claims: list[Claim] = Field(default_factory=list, description="what the words in doubt mean; empty where unsure")

    @model_validator(mode="before")
    @classmethod
    def _is_the_form(cls, given: Any) -> Any:
        if isinstance(given, dict) and not {"intent", "claims"} & set(given):
            raise ValueError("neither intent nor claims: not this form")
        return given
