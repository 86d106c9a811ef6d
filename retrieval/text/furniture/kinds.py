"""The kinds of furniture."""

from __future__ import annotations

from enum import StrEnum


class FurnitureKind(StrEnum):
    """What a line of furniture is; the value is what a reader is told of a line that was left out."""

    SHARE = "share bar"
    NEWSLETTER = "newsletter"
    COMMENTS = "invitation to comment"
    APP = "app promotion"
    MEMBERSHIP = "subscription or donation"
    ADVERT = "advertisement"
    PRIVACY = "cookie or privacy notice"
    PROGRAMME = "programme promotion"
    EVENT = "quiz, event or shop"
    FOLLOW = "social media"
    LIVE = "live blog controls"
    PLAYER = "media player"
    PICTURE = "caption or picture credit"
    CONTACT = "invitation to write in"
    NAVIGATION = "navigation"
    RELATED = "link to another story"
    COPYRIGHT = "copyright notice"
    SYNDICATION = "where it was first published"
    DISCLOSURE = "disclosure"
    CREDIT = "credit"
    BIO = "about the author"
