"""Named signals. They only kick work that a sweep of every few seconds would find anyway."""
from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

order_confirmed = _signals.signal("order-confirmed")
order_changed = _signals.signal("order-changed")
order_cancelled = _signals.signal("order-cancelled")
order_paid = _signals.signal("order-paid")
case_opened = _signals.signal("case-opened")
case_changed = _signals.signal("case-changed")
sms_received = _signals.signal("sms-received")
message_queued = _signals.signal("message-queued")
