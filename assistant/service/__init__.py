"""Customer service: questions about orders, and handing a conversation to a person. Start at `desk.ServiceDesk`."""
