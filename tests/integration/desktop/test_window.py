"""The window as a person has it who sees nothing and uses no mouse: read as a screen reader reads, keyboard alone."""

from __future__ import annotations

import json

import pytest

from tests.bed.await_ import until
from tests.integration.desktop.conftest import ME, Scene, begin

SIGN_IN = [["ask", ["username", "password"]], ["stage", "touch"], ["await", "touched"], ["finish", "", {}]]


def answers(scene: Scene) -> list[dict[str, str]]:
    assert scene.service is not None
    return [told["answers"] for told in scene.service.told if "answers" in told]


def test_signing_in_by_keyboard_alone_up_to_the_end_of_the_session(scene: Scene) -> None:
    service = scene.serve(login=SIGN_IN)
    begin(scene.desktop)
    scene.desktop.await_focus("Benutzername")
    scene.desktop.write("m.muster")
    scene.desktop.press("Return")
    scene.desktop.await_focus("Passwort")
    scene.desktop.write("geheim")
    scene.desktop.press("Return")
    scene.desktop.await_text("Jetzt die Taste am YubiKey berühren")
    assert answers(scene) == [{"username": "m.muster", "password": "geheim"}]
    service.say("touched")
    scene.desktop.await_text("Verbunden bis ")
    assert "berühren" not in (scene.desktop.await_focus("Verlängern").description)


def test_every_stage_reaches_a_screen_reader_by_the_focused_widget(scene: Scene) -> None:
    scene.serve(login=[["stage", "touch"], ["hold"]])
    begin(scene.desktop)
    touch = scene.desktop.await_focus("Abbrechen")
    until(lambda: "Jetzt die Taste am YubiKey berühren" in scene.desktop.await_focus("Abbrechen").description)
    assert touch.role in {"push button", "button"}  # AT-SPI called it so until 2.54


def test_everything_that_can_be_pressed_or_typed_into_has_a_name(scene: Scene) -> None:
    scene.serve(login=[["ask", ["username", "password", "new-password", "activation", "otp", "pin"]]])
    begin(scene.desktop)
    scene.desktop.await_text("PIN")
    fields = [widget.name for widget in scene.desktop.seen() if widget.role in {"text", "password text"}]
    assert fields == [
        "Benutzername",
        "Passwort",
        "Neues Passwort",
        "Neues Passwort noch einmal",
        "Aktivierungscode aus Ihrem Brief",
        "Taste am YubiKey drücken",
        "PIN des Sicherheitsschlüssels",
    ]


@pytest.mark.parametrize(
    ("kind", "label", "answer"),
    [
        ("username", "Benutzername", "m.muster"),
        ("password", "Passwort", "geheim"),
        ("activation", "Aktivierungscode aus Ihrem Brief", "ABCD-EFGH"),
        ("otp", "Taste am YubiKey drücken", "ccccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded"),
        ("pin", "PIN des Sicherheitsschlüssels", "123456"),
    ],
)
def test_every_kind_of_question_is_answered_by_keyboard_alone(scene: Scene, kind: str, label: str, answer: str) -> None:
    scene.serve(login=[["ask", [kind]], ["hold"]])
    begin(scene.desktop)
    scene.desktop.await_focus(label)
    scene.desktop.write(answer)
    scene.desktop.press("Return")
    assert until(lambda: answers(scene)) == [{kind: answer}]


def test_the_first_sign_in_is_explained_and_answered_by_keyboard_alone(scene: Scene) -> None:
    scene.serve(login=[["ask", ["activation", "new-password"]], ["hold"]])
    begin(scene.desktop)
    first = scene.desktop.await_focus("Aktivierungscode aus Ihrem Brief")
    assert "Ihre erste Anmeldung" in first.description
    scene.desktop.write("ABCD-EFGH")
    scene.desktop.press("Return")
    for label in ("Neues Passwort", "Neues Passwort noch einmal"):
        scene.desktop.await_focus(label)
        scene.desktop.write("drei drei drei")
        scene.desktop.press("Return")
    assert until(lambda: answers(scene)) == [{"activation": "ABCD-EFGH", "new-password": "drei drei drei"}]


def test_the_user_name_is_remembered_and_the_password_is_not(scene: Scene) -> None:
    service = scene.serve(login=SIGN_IN)
    begin(scene.desktop)
    scene.desktop.await_focus("Benutzername")
    scene.desktop.write("m.muster")
    scene.desktop.press("Tab")
    scene.desktop.write("geheim")
    scene.desktop.press("Return")
    scene.desktop.await_text("berühren")
    service.say("touched")
    scene.desktop.await_text("Verbunden bis ")
    remembered = until(lambda: list(scene.home.glob(".config/flexnet/user-names.json")))
    assert json.loads(remembered[0].read_text()) == {"kvsa": "m.muster"}
    scene.desktop.await_focus("Verlängern")
    scene.desktop.press("alt+m")
    scene.desktop.await_focus("Anmelden")
    scene.desktop.press("Return")
    assert scene.desktop.await_focus("Passwort").text == ""
    assert any(widget.text == "m.muster" for widget in scene.desktop.seen())


def test_a_code_typed_into_the_password_is_named_and_not_sent(scene: Scene) -> None:
    scene.serve(login=[["ask", ["password"]], ["hold"]])
    begin(scene.desktop)
    scene.desktop.await_focus("Passwort")
    scene.desktop.write("ccccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded")
    scene.desktop.press("Return")
    scene.desktop.await_text("Das war der Code des YubiKeys")
    assert answers(scene) == []
    assert scene.desktop.await_focus("Passwort").text == ""


def test_two_new_passwords_that_differ_are_asked_for_again(scene: Scene) -> None:
    scene.serve(login=[["ask", ["new-password"]], ["hold"]])
    begin(scene.desktop)
    scene.desktop.await_focus("Neues Passwort")
    scene.desktop.write("eins eins eins")
    scene.desktop.press("Return")
    scene.desktop.await_focus("Neues Passwort noch einmal")
    scene.desktop.write("zwei zwei zwei")
    scene.desktop.press("Return")
    scene.desktop.await_text("nicht überein")
    assert answers(scene) == []
    scene.desktop.await_focus("Neues Passwort")
    scene.desktop.write("drei drei drei")
    scene.desktop.press("Return")
    scene.desktop.write("drei drei drei")
    scene.desktop.press("Return")
    assert until(lambda: answers(scene)) == [{"new-password": "drei drei drei"}]


def test_a_field_left_empty_is_not_sent(scene: Scene) -> None:
    scene.serve(login=[["ask", ["password"]], ["hold"]])
    begin(scene.desktop)
    scene.desktop.await_focus("Passwort")
    scene.desktop.press("Return")
    scene.desktop.await_text("Bitte füllen Sie jedes Feld aus.")
    assert answers(scene) == []


def test_escape_cancels_at_the_service(scene: Scene) -> None:
    service = scene.serve(login=[["ask", ["password"]], ["hold"]])
    begin(scene.desktop)
    scene.desktop.await_focus("Passwort")
    scene.desktop.press("Escape")
    until(lambda: {"cancelled": True} in service.told, what="the cancelled login")
    scene.desktop.await_text("Nicht angemeldet")


def test_a_failure_shows_its_code_the_next_step_and_whom_to_call(scene: Scene) -> None:
    scene.serve(login=[["finish", "FN-301", {}]])
    begin(scene.desktop)
    scene.desktop.await_text("Die Anmeldung hat nicht geklappt")
    text = " ".join(widget.name for widget in scene.desktop.seen())
    assert "FN-301" in text
    assert "0391 627-7000" in text
    scene.desktop.await_focus("Erneut versuchen")
    scene.desktop.press("Escape")
    scene.desktop.await_text("Nicht angemeldet")


def test_an_expired_password_is_asked_for_in_the_same_login(scene: Scene) -> None:
    scene.serve(login=[["ask", ["password"]], ["ask", ["new-password"]], ["finish", "", {}]])
    begin(scene.desktop)
    scene.desktop.await_focus("Passwort")
    scene.desktop.write("alt alt alt")
    scene.desktop.press("Return")
    scene.desktop.await_focus("Neues Passwort")
    scene.desktop.write("neu neu neu")
    scene.desktop.press("Return")
    scene.desktop.write("neu neu neu")
    scene.desktop.press("Return")
    scene.desktop.await_text("Verbunden bis ")


def test_extending_tells_the_new_end(scene: Scene) -> None:
    scene.serve(state="online", owner_uid=ME, login=[["finish", "", {}]])
    begin(scene.desktop, "Verbunden bis ", "Verlängern")
    scene.desktop.await_text("Verlängert bis ")


def test_about_to_end_says_so(scene: Scene) -> None:
    scene.serve(state="online", owner_uid=ME, ends_in_s=600)
    scene.desktop.start_window()
    scene.desktop.await_text("Die Sitzung endet um ")


def test_the_mark_of_the_end_comes_by_the_clock_alone(scene: Scene) -> None:
    scene.serve(state="online", owner_uid=ME, ends_in_s=15 * 60 + 4)
    scene.desktop.start_window()
    scene.desktop.await_text("Verbunden bis ")
    scene.desktop.await_text("Die Sitzung endet um ")


def test_the_keyboard_goes_through_the_page_in_the_order_of_its_parts(scene: Scene) -> None:
    scene.serve(state="online", owner_uid=ME)
    scene.desktop.start_window()
    scene.desktop.await_focus("Verlängern")
    scene.desktop.press("Tab")
    scene.desktop.await_focus("Abmelden")
    scene.desktop.press("shift+Tab", "shift+Tab")
    until(lambda: "Einzelheiten" in [w.name for w in scene.desktop.seen() if w.focused], what="the details' focus")
    scene.desktop.press("Return")
    scene.desktop.await_text("m.muster")


def test_somebody_elses_session_shows_no_name_and_no_button(scene: Scene) -> None:
    scene.serve(state="online", owner_uid=70002)
    scene.desktop.start_window()
    scene.desktop.await_text("Eine andere Person")
    names = [widget.name for widget in scene.desktop.seen()]
    assert "m.muster" not in names
    assert not {"Abmelden", "Verlängern", "Anmelden"} & set(names)


def test_without_a_profile_it_says_what_to_do(scene: Scene) -> None:
    scene.serve(profiles=())
    scene.desktop.start_window()
    scene.desktop.await_text("Auf diesem Computer ist noch kein Zugang eingerichtet")


def test_without_the_service_it_says_so_and_comes_back_by_itself(scene: Scene) -> None:
    scene.desktop.start_window()
    scene.desktop.await_text("FN-607")
    service = scene.serve()
    scene.desktop.await_text("Nicht angemeldet")
    service.close()
    scene.desktop.await_text("FN-607")
    scene.serve(state="online", owner_uid=ME)
    scene.desktop.await_text("Verbunden bis ")


def test_a_service_that_dies_during_a_sign_in_does_not_leave_a_form(scene: Scene) -> None:
    scene.serve(login=[["ask", ["password"]], ["die"]])
    begin(scene.desktop)
    scene.desktop.await_focus("Passwort")
    scene.desktop.write("geheim")
    scene.desktop.press("Return")
    scene.desktop.await_text("FN-607")


def test_an_impostor_gets_nothing(scene: Scene) -> None:
    impostor = scene.serve(uid=65534)
    scene.desktop.start_window()
    scene.desktop.await_text("FN-613")
    assert impostor.told == []


def test_a_second_window_is_the_first_one(scene: Scene) -> None:
    scene.serve()
    scene.desktop.start_window()
    scene.desktop.await_text("Nicht angemeldet")
    assert scene.desktop.start_window().wait(10) == 0
    assert len([widget for widget in scene.desktop.seen() if widget.role == "frame"]) == 1


@pytest.mark.parametrize(("state", "words"), [("reconnecting", "wiederhergestellt"), ("waiting", "Wartet")])
def test_a_state_that_changes_is_never_a_stale_connected(scene: Scene, state: str, words: str) -> None:
    service = scene.serve(state="online", owner_uid=ME)
    scene.desktop.start_window()
    scene.desktop.await_text("Verbunden bis ")
    service.say(f"state {state} FN-108")
    scene.desktop.await_text(words)
    assert not scene.desktop.shows("Verbunden bis ")
