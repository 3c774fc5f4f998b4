"""Every status with every action (Y-14)."""
from __future__ import annotations

import itertools

import pytest

from notify.states import TRANSITIONS, MessageAction, MessageStatus, sources, target

S, A = MessageStatus, MessageAction
ALLOWED = {
    S.QUEUED: {A.CLAIM, A.ACCEPT, A.FAIL, A.DELIVER},
    S.SENDING: {A.ACCEPT, A.REFUSE, A.FAIL, A.LOSE, A.DELIVER},
    S.UNKNOWN: {A.ACCEPT, A.REFUSE, A.FAIL, A.DELIVER, A.RESEND},
    S.ACCEPTED: {A.FAIL, A.DELIVER},
    S.DELIVERED: set(),
    S.FAILED: set(),
}


@pytest.mark.parametrize(("status", "action"), list(itertools.product(S, A)))
def test_every_status_takes_only_its_actions(status: MessageStatus, action: MessageAction) -> None:
    assert ((status, action) in TRANSITIONS) == (action in ALLOWED[status])
    assert (status in sources(action)) == (action in ALLOWED[status])


@pytest.mark.parametrize("action", list(A))
def test_an_action_leads_to_the_same_state_from_everywhere(action: MessageAction) -> None:
    assert {after for (_, done), after in TRANSITIONS.items() if done is action} == {target(action)}


def test_an_unknown_outcome_is_never_claimed_again_by_itself() -> None:
    assert sources(A.CLAIM) == (S.QUEUED,)
