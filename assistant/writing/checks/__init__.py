"""What a reply's writer may type: the parts of `assistant.writing.grounding` and of `assistant.rendering`."""
