"""From a merchant's feed to the candidates for a wish. Imports nothing of ours; start at `retrieval.retriever`."""
