"""What stands beside signing in: duties, notices, the cause; and a service that answers nothing."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bed.await_ import until
from tests.bed.desktop.desktop import Desktop
from tests.integration.desktop.conftest import ME, Scene, begin

WIDEST_PX = 600
"""Of the window as it opens, with its shadow."""


def test_a_maintenance_is_shown_with_its_end_and_what_still_works(scene: Scene) -> None:
    now = int(time.time())
    texts = {"de": "Neue Server.", "en": "New servers."}
    scene.serve(notices=[["m1", "maintenance", now - 60, now + 3600, ["Portal"], ["KIM"], texts]])
    scene.desktop.start_window()
    scene.desktop.await_text("Wartung bis ")
    assert scene.desktop.shows("Neue Server.")
    assert scene.desktop.shows("KIM")


def test_a_word_without_end_does_not_widen_the_window(scene: Scene) -> None:
    now = int(time.time())
    scene.serve(notices=[["m1", "message", now - 60, now + 3600, [], [], {"de": "W" * 900}]])
    scene.desktop.start_window()
    scene.desktop.await_text("WWW")
    scene.desktop.await_focus("Anmelden")
    assert scene.desktop.width_px("FlexNet") < WIDEST_PX


def test_duties_that_are_not_kept_are_read_with_what_to_do(scene: Scene) -> None:
    duties = [["firewall", "fail", "firewall-off", {}], ["restart", "pass", "fulfilled", {}]]
    scene.serve(login=[["finish", "FN-206", {"check": "firewall"}]], posture=duties)
    begin(scene.desktop)
    scene.desktop.await_text("Dieser Computer erfüllt eine Sicherheitsanforderung nicht: Firewall")
    assert scene.desktop.shows("Firewall: es ist keine Firewall eingeschaltet")
    assert scene.desktop.shows("Bitte schalten Sie die Firewall ein")
    assert not scene.desktop.shows("Neustart")
    assert "FN-206" in scene.desktop.await_focus("Erneut versuchen").description


def test_the_cause_is_looked_for_by_keyboard_alone_and_without_the_service(scene: Scene) -> None:
    scene.desktop.start_window()
    scene.desktop.await_text("FN-607")
    scene.desktop.await_focus("Erneut versuchen")
    scene.desktop.press("Tab")
    scene.desktop.await_focus("Ursache suchen")
    scene.desktop.press("Return")
    scene.desktop.await_text("Etwas ist nicht in Ordnung", 60)
    assert scene.desktop.shows("FlexNet-Dienst: nicht in Ordnung")
    scene.desktop.press("Escape")
    scene.desktop.await_text("FN-607")


def test_where_no_icon_is_shown_the_window_says_so_until_one_can_be(scene: Scene) -> None:
    scene.serve(state="online", owner_uid=ME)
    scene.desktop.start_window()
    scene.desktop.await_text("kein FlexNet-Symbol")
    scene.session_service("watcher")
    until(lambda: not scene.desktop.shows("kein FlexNet-Symbol"), what="the remark's end")
    assert scene.desktop.shows("Verbunden bis ")


def test_a_service_that_answers_nothing_does_not_hold_up_the_window(scene: Scene) -> None:
    service = scene.serve(login=[["ask", ["password"]], ["hold"]])
    scene.desktop.start_window()
    scene.desktop.await_focus("Anmelden")
    service.freeze()
    scene.desktop.press("Return")
    scene.desktop.await_focus("Abbrechen")  # the window has gone on: it says what it does, and can be told to stop
    scene.desktop.await_text("Anmeldung läuft")
    service.thaw()
    scene.desktop.await_focus("Passwort")


def test_while_the_service_stands_still_everything_that_is_known_can_be_read(scene: Scene) -> None:
    service = scene.serve(state="online", owner_uid=ME)
    scene.desktop.start_window()
    scene.desktop.await_focus("Verlängern")
    service.freeze()
    scene.desktop.press("shift+Tab", "Return")
    scene.desktop.await_text("m.muster")


def choose(desktop: Desktop, file: Path) -> None:
    """In the dialogue of GTK, which takes a path as soon as one is typed."""
    until(lambda: desktop.window_id("Datei des Betreibers"), what="the dialogue")
    desktop.write(str(file))
    desktop.press("shift+End", "Delete")  # newer GTK completes a folder's name and, typed quickly, leaves a part of it
    until(lambda: any(w.text == str(file) for w in desktop.seen()), what="the path in the dialogue")
    desktop.press("Return")


def test_a_file_of_the_operator_is_chosen_by_keyboard_alone(scene: Scene) -> None:
    service = scene.serve(profiles=())
    file = scene.home / "kvsa.flexnet"
    file.write_text("a signed profile")
    begin(scene.desktop, "Auf diesem Computer ist noch kein Zugang eingerichtet", "Datei des Betreibers öffnen")
    choose(scene.desktop, file)
    until(lambda: {"imported": "a signed profile"} in service.told, what="the file at the service")


def test_a_file_that_is_not_the_operators_is_refused_with_what_to_do(scene: Scene) -> None:
    scene.serve(profiles=(), refuse={"ImportProfile": ("FN-424", {"file": "kvsa.flexnet"})})
    file = scene.home / "kvsa.flexnet"
    file.write_text("signed by somebody")
    begin(scene.desktop, "Auf diesem Computer ist noch kein Zugang eingerichtet", "Datei des Betreibers öffnen")
    choose(scene.desktop, file)
    scene.desktop.await_text("FN-424")
    scene.desktop.await_focus("Datei des Betreibers öffnen")
