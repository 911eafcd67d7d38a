from __future__ import annotations

import os
import signal
import threading

import pytest

from tests.unit.daemon.running import Running


def test_timers_ring_in_the_order_of_their_deadlines(running: Running) -> None:
    rung: list[str] = []
    running.loop.after(0.03, lambda: rung.append("late"))
    running.loop.after(0.01, lambda: rung.append("early"))
    running.until(lambda: len(rung) == 2)
    assert rung == ["early", "late"]


def test_a_deadline_that_has_passed_rings_at_once(running: Running) -> None:
    rung: list[float] = []
    running.loop.at(0.0, lambda: rung.append(running.loop.now_s()))
    running.until(lambda: rung)


def test_a_cancelled_timer_stays_silent(running: Running) -> None:
    rung: list[str] = []
    running.loop.after(0.01, lambda: rung.append("cancelled")).cancel()
    running.loop.after(0.02, lambda: rung.append("other"))
    running.until(lambda: rung)
    assert rung == ["other"]


def test_a_timer_may_arm_another(running: Running) -> None:
    rung: list[int] = []

    def again() -> None:
        rung.append(len(rung))
        if len(rung) < 3:
            running.loop.after(0.001, again)

    running.loop.after(0.001, again)
    running.until(lambda: len(rung) == 3)


def test_another_thread_posts_in_order(running: Running) -> None:
    seen: list[tuple[int, int]] = []

    def post_them() -> None:
        for number in range(100):
            running.loop.post(lambda number=number: seen.append((number, threading.get_ident())))  # type: ignore[misc]

    thread = threading.Thread(target=post_them)
    thread.start()
    running.until(lambda: len(seen) == 100)
    thread.join()
    assert seen == [(number, threading.get_ident()) for number in range(100)]


def test_a_descriptor_is_watched_until_it_is_not(running: Running) -> None:
    reader, writer = os.pipe()
    got: list[bytes] = []
    watch = running.loop.on_readable(reader, lambda: got.append(os.read(reader, 1)))
    os.write(writer, b"ab")
    running.until(lambda: len(got) == 2)
    watch.remove()
    watch.remove()
    os.write(writer, b"c")
    passed: list[bool] = []
    running.loop.after(0.02, lambda: passed.append(True))
    running.until(lambda: passed)
    assert got == [b"a", b"b"]
    os.close(reader)
    os.close(writer)


def test_a_watch_may_remove_itself(running: Running) -> None:
    reader, writer = os.pipe()
    calls: list[int] = []

    def once() -> None:
        calls.append(1)
        watch.remove()

    watch = running.loop.on_writable(writer, once)
    passed: list[bool] = []
    running.loop.after(0.02, lambda: passed.append(True))
    running.until(lambda: passed)
    assert calls == [1]
    os.close(reader)
    os.close(writer)


def test_a_signal_is_told_on_the_loop(running: Running) -> None:
    threads: list[int] = []
    running.loop.on_signal(signal.SIGUSR1, lambda: threads.append(threading.get_ident()))
    os.kill(os.getpid(), signal.SIGUSR1)
    running.until(lambda: threads)
    assert threads == [threading.get_ident()]


def test_a_callback_that_raises_is_told_and_the_loop_goes_on(running: Running) -> None:
    def break_down() -> None:
        raise ZeroDivisionError

    after: list[int] = []
    running.loop.post(break_down)
    running.loop.after(0.01, lambda: after.append(1))
    with pytest.raises(ZeroDivisionError):
        running.until(lambda: after)
    running.mistakes.clear()
    running.until(lambda: after)


def test_a_loop_with_nothing_to_do_sleeps(running: Running) -> None:
    before = os.times().user
    passed: list[int] = []
    running.loop.after(0.3, lambda: passed.append(1))
    running.loop.after(0.3, running.loop.quit)
    running.loop.run()
    assert passed
    assert os.times().user - before < 0.1


def test_a_loop_that_was_told_to_end_before_it_ran_does_not_run(running: Running) -> None:
    running.loop.quit()
    running.loop.run()
