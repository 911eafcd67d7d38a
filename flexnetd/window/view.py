"""What the window shows, as one frozen value: `page.py` makes it, `widgets.py` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """The sign at the top, told apart by its shape: the name of an icon of packaging/desktop/icons."""

    OFF = "flexnet-off-symbolic"
    ON = "flexnet-on-symbolic"
    ENDING = "flexnet-ending-symbolic"
    BUSY = "flexnet-busy-symbolic"
    KEY = "flexnet-key-symbolic"
    PROBLEM = "flexnet-problem-symbolic"
    OTHER = "flexnet-other-symbolic"


class Act(Enum):
    """What a button does."""

    SIGN_IN = "sign-in"
    RENEW = "renew"
    SIGN_OUT = "sign-out"
    SUBMIT = "submit"
    CANCEL = "cancel"
    BACK = "back"
    RETRY = "retry"
    OPEN_PAGE = "open-page"
    EXAMINE = "examine"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Field:
    """An entry. `again` is the label of a second entry that must say the same; "" for none. `typed_by_key`: the
    YubiKey types here and ends with Enter."""

    name: str
    label: str
    hidden: bool
    text: str = ""
    again: str = ""
    typed_by_key: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """`target` is the page of OPEN_PAGE. `main`: the one that Enter means."""

    act: Act
    label: str
    main: bool = False
    target: str = ""


class CardKind(Enum):
    """Of what a card tells: the name of an icon of packaging/desktop/icons."""

    NOTICE = "flexnet-notice-symbolic"
    DUTY = "flexnet-problem-symbolic"
    IN_ORDER = "flexnet-on-symbolic"
    NOT_KNOWN = "flexnet-off-symbolic"


@dataclass(frozen=True, slots=True)
class Card:
    """Something to know beside what the page is about: a title, and lines under it."""

    kind: CardKind
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """`headline` is what happened, or what to do now; `context` what it is about, where that needs saying. `remark` is
    said in small letters. `help` says whom to call, a line each, and which code to mention. `notices` stand above the
    head and `cards` under it. `details` are pairs of label and value."""

    title: str
    mark: Mark
    headline: str
    body: tuple[str, ...] = ()
    context: str = ""
    remark: str = ""
    spinning: bool = False
    form: tuple[Field, ...] = ()
    form_number: int = 0
    complaint: str = ""
    attempt: int = 0
    details: tuple[tuple[str, str], ...] = ()
    details_label: str = ""
    buttons: tuple[Button, ...] = ()
    notices: tuple[Card, ...] = ()
    cards: tuple[Card, ...] = ()
    help: tuple[str, ...] = ()
    profiles: tuple[tuple[str, str], ...] = ()
    """Names and labels to choose from; empty where there is nothing to choose."""
    chosen: int = 0

    @property
    def spoken(self) -> str:
        """What a screen reader says of a new page."""
        return " ".join(filter(None, (self.context, self.headline, *self.body, self.remark, *self.told_code)))

    @property
    def told_code(self) -> tuple[str, ...]:
        """Whom to call is said when something failed; else it would be said with every page."""
        return self.help if self.mark is Mark.PROBLEM else ()
