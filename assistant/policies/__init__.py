"""Questions about the shop's rules: which passage answers, and whether any does. Start at `search.find_answer`."""
