"""Telethon's errors as ours: an error's type says what happens next."""

from typing import Final

from telethon import errors

from connectors.telegram.door import AccountLost, ChannelLost
from schemas.errors import MarqabError, SourceDown

AGAIN: Final = "Log in again with `marqab telegram login`."
FATAL: Final[dict[type[BaseException], str]] = {
    errors.AuthKeyDuplicatedError: "Telegram has ended the session because it was used from two addresses at once. "
    "Run only one marqab with it. " + AGAIN,
    errors.AuthKeyUnregisteredError: "Telegram does not know the session (any more). " + AGAIN,
    errors.AuthKeyInvalidError: "Telegram refuses the session's key. " + AGAIN,
    errors.AuthKeyNotFound: "Telegram does not know the session's key (404). " + AGAIN,
    errors.SessionRevokedError: "The session was ended from another device. " + AGAIN,
    errors.SessionExpiredError: "The session has expired. " + AGAIN,
    errors.SessionPasswordNeededError: "The account asks for its second password. " + AGAIN,
    errors.UserDeactivatedError: "The Telegram account was deleted. Use another account.",
    errors.UserDeactivatedBanError: "Telegram has banned the account. Use another account, or write to Telegram.",
    errors.PhoneNumberBannedError: "Telegram has banned the phone number. Use another account.",
    errors.ApiIdInvalidError: "Telegram does not accept api_id and api_hash. Check MARQAB_TELEGRAM_API_ID and "
    "MARQAB_TELEGRAM_API_HASH against my.telegram.org.",
    errors.ApiIdPublishedFloodError: "The api_id was published somewhere and Telegram has closed it. Get one of your "
    "own from my.telegram.org.",
}
"""After these the account (or the program's registration) is of no use until somebody acts; never retried."""
LOST: Final[dict[type[BaseException], str]] = {
    errors.ChannelPrivateError: "the channel is private, or the account was removed from it",
    errors.ChannelBannedError: "Telegram has closed the channel",
    errors.UsernameNotOccupiedError: "nobody has this name (any more): the channel was renamed or closed",
    errors.UsernameInvalidError: "this is no possible channel name",
    errors.ChannelPublicGroupNaError: "the channel is not available",
}
STALE: Final = (errors.ChannelInvalidError, errors.ChannelIdInvalidError, errors.PeerIdInvalidError)
"""The access hash is not (or no longer) this account's."""


def ours(error: BaseException, doing: str) -> MarqabError:
    """What this error means for us.

    Args:
        error: from Telethon, asyncio or the operating system.
        doing: what was being done, for the sentence.
    """
    if isinstance(error, MarqabError):
        return error
    for kind, sentence in FATAL.items():
        if isinstance(error, kind):
            return AccountLost(sentence)
    for kind, sentence in LOST.items():
        if isinstance(error, kind):
            return ChannelLost(sentence)
    if isinstance(error, STALE):
        return ChannelLost("Telegram no longer accepts the channel's access hash", stale=True)
    if isinstance(error, errors.UnauthorizedError):
        return AccountLost(f"Telegram refuses the session ({error}). {AGAIN}")
    if isinstance(error, TimeoutError):
        return SourceDown(f"Telegram does not answer ({doing})")
    return SourceDown(f"{doing} failed: {error or type(error).__name__}")
