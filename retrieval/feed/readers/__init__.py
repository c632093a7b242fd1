"""One reader for each kind of feed file, each streaming and bounded; `retrieval.feed.reader` picks among them."""
