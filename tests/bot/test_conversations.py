from bot.conversations import Conversation, Conversations
from retrieval.search.query import Turn

GUILD = 10


def test_a_conversation_stays_in_its_guild_and_is_bounded() -> None:
    """Found by a message that answered in it; the last turns, of the last conversations."""
    conversations, conversation = Conversations(limit=3), Conversation()
    for number in range(9):
        conversation = conversation.with_turn(Turn(f"question {number}", "answer"), ["a", f"b{number}"])
        conversations.keep([(GUILD, 5)], conversation)
    found = conversations.find([(GUILD, 4), (GUILD, 5)])
    assert found is not None
    assert [turn.question for turn in found.turns] == [f"question {n}" for n in range(3, 9)]
    assert conversations.find([(GUILD + 1, 5)]) is None
    for message in (6, 7, 8):
        conversations.keep([(GUILD, message)], conversation)
    assert (conversations.knows((GUILD, 5)), conversations.knows((GUILD, 8))) == (False, True)
