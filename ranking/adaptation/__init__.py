"""The embedder's own understanding of queries, trained on the shop's catalog and on what its shoppers chose."""
