"""Whether the shop carries anything that fits a wish: `retrieval.answerability.model.fit` is the estimate."""
