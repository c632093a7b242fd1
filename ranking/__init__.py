"""From candidates and a shopper's profile to an order with reasons. Start at `ranking.ranker`."""
