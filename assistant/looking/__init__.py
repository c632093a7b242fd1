"""What the shopper looks at while they chat: a product's or a category's page, and the cart."""
