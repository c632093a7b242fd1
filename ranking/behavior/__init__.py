"""Behaviour as merchants have it: exports of events read, cleaned and made pseudonymous, and acts recorded live.

Start reading at `ranking.behavior.importer.import_events`. Nothing is imported here: `recording` and `pseudonyms`,
which serve every chat, are light, while the importer loads all readers of files.
"""
