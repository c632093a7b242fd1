"""What the built-in language model is trained on, all of it ours: sentences by hand, put together by chance."""
