from . import (
    test_access,
    test_account,
    test_conversation,
    test_error_texts,
    test_first_response,
    test_ingest,
    test_outbox,
    test_reply,
    test_ticket,
    test_tours,
)
