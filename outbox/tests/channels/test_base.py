import pytest

from outbox import policy
from outbox.channels.base import clean_reply


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("250 2.0.0 Ok: queued as 4XyZ1", "250 2.0.0 Ok: queued as 4XyZ1"),
        (b"550 5.1.1 <maria@example.org> unknown", "550 5.1.1 <<address>> unknown"),
        ("550 no user Maria here", "550 no user <address> here"),
        ("554 spam: see https://x.example/acsr/stop/abc/ now", "554 spam: see <link> now"),
        ("554 text 1234-5678 refused", "554 text <number> refused"),
        ("400 bad number +49 170 1234567", "400 bad number <number>"),
        ("550 one\r\nline\x00 only", "550 one line only"),
        (b"550 \xff\xfe", "550 \ufffd\ufffd"),
    ],
)
def test_a_reply_is_kept_without_what_is_private(reply, kept):
    assert clean_reply(reply, "maria@example.org") == kept


def test_a_long_reply_is_cut():
    assert len(clean_reply("x" * 5000)) == policy.REPLY_LENGTH
