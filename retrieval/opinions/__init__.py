"""What buyers say of a product in its reviews: aspects, praise and complaints. Imports nothing outside retrieval."""
