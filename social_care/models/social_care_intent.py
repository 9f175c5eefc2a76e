"""What a message wants: one list for messages, tickets and promises."""

INTENTS = [
    ("question", "Question"),
    ("complaint", "Complaint"),
    ("request", "Request"),
    ("praise", "Praise"),
    ("other", "Other"),
]
