"""A small trained classifier of single messages: whether they are a shop's business, and with which intent."""
