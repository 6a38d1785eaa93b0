"""What a key press is: it counts for the face that is on the screen, whatever the server does meanwhile.

Each test reads the face_id from the page right before a press, keeps a model of what must be written, and compares the
list of corrections with it, line by line.
"""

import re
import signal
from urllib.parse import quote

import pytest

from fer_core.datasets.corrections.log import DROP, open_log
from tests.helpers.browser import LONG_MS, click_in_chart
from tests.helpers.labeller import Person, mix_keys, read_lines
from tests.helpers.samples import make_dataset


@pytest.fixture
def person(page, address, tmp_path):
    """Somebody on the Review page of 140 faces."""
    make_dataset(tmp_path, n_per_class=20)
    page.goto(f"{address}/review")
    page.get_by_text("0 of 140 decided").wait_for()
    return Person(page)


def test_fifty_keys_at_a_tenth_of_a_second_are_written_for_the_faces_that_were_on_the_screen(person):
    person.press_all(mix_keys(50))
    person.wait_until_saved()
    assert read_lines() == person.wanted
    n_done = len({person.wanted[i][0] for i in person.standing})
    person.page.get_by_text(f"{n_done} of 140 decided").wait_for()


def test_keys_are_kept_while_the_server_does_not_answer_for_five_seconds_and_the_page_says_so(person, server):
    person.press_all(mix_keys(10))
    server.process.send_signal(signal.SIGSTOP)
    try:
        person.press_all(mix_keys(50, seed=1))  # five seconds
        person.page.get_by_text(re.compile(r"Not saved yet: \d+")).wait_for()
    finally:
        server.process.send_signal(signal.SIGCONT)
    person.press_all(mix_keys(10, seed=2))
    person.wait_until_saved()
    assert read_lines() == person.wanted


def test_after_the_server_was_killed_and_started_again_keys_are_written_at_once(person, server):
    person.press_all(mix_keys(10))
    server.process.kill()
    server.process.wait(timeout=30)
    person.press_all(mix_keys(10, seed=1))
    person.page.get_by_text(re.compile(r"Not saved yet: \d+")).wait_for()
    server.start()
    person.wait_until_saved()
    person.press_all("65")
    person.wait_until_saved()
    assert read_lines() == person.wanted


def test_an_undoing_takes_back_what_has_not_reached_the_server(person, server):
    server.process.send_signal(signal.SIGSTOP)
    try:
        first = person.shown()
        person.press_all("75UU4")
        assert person.wanted[-1] == (first, "happy")
    finally:
        server.process.send_signal(signal.SIGCONT)
    person.wait_until_saved()
    assert read_lines() == person.wanted


def test_keys_are_sent_again_when_the_connection_was_lost(page, address, tmp_path):
    make_dataset(tmp_path, n_per_class=20)
    sockets, is_deaf = [], []

    def pass_on(socket):
        to_server = socket.connect_to_server()
        sockets.append(socket)
        socket.on_message(lambda message: None if is_deaf else to_server.send(message))
        to_server.on_message(lambda message: None if is_deaf else socket.send(message))

    page.route_web_socket(re.compile("_stcore/stream"), pass_on)
    page.goto(f"{address}/review")
    page.get_by_text("0 of 140 decided").wait_for()
    person = Person(page)
    person.press_all("1234")
    is_deaf.append(True)  # what is sent now is lost, and so is the answer to what was sent before
    person.press_all("567U0S123")
    sockets[-1].close()
    person.press_all("45")
    is_deaf.clear()
    person.press_all("67U")
    person.wait_until_saved()
    assert len(sockets) > 1
    assert read_lines() == person.wanted


def test_a_page_that_the_server_no_longer_hears_is_loaded_again_and_sends_what_was_not_saved(page, address, tmp_path):
    make_dataset(tmp_path, n_per_class=20)
    unheard = []  # the first connection stays open, and nothing that is sent on it arrives any more

    def pass_on(socket):
        to_server = socket.connect_to_server()
        is_first = not unheard
        unheard.append(False)
        socket.on_message(lambda message: None if is_first and unheard[0] else to_server.send(message))

    page.route_web_socket(re.compile("_stcore/stream"), pass_on)
    page.goto(f"{address}/review")
    page.get_by_text("0 of 140 decided").wait_for()
    person = Person(page)
    unheard[0] = True
    person.press_all("1234")
    page.wait_for_event("load", timeout=LONG_MS)
    person.wait_until_saved()
    assert read_lines() == person.wanted


def test_a_reload_of_the_page_sends_what_was_not_saved(person, server):
    server.process.send_signal(signal.SIGSTOP)
    try:
        person.press_all("123")
        person.page.evaluate("location.reload()")
    finally:
        server.process.send_signal(signal.SIGCONT)
    person.page.get_by_text("3 of 140 decided").wait_for()
    person.wait_until_saved()
    assert read_lines() == person.wanted


def test_fast_clicks_and_double_clicks_count_for_the_faces_they_were_made_on(person):
    for key in "7474":
        person.click(key)
    first = person.shown()
    person.labeller.locator("button[aria-keyshortcuts='3']").dblclick()
    person.wait_until_saved()
    *clicked, (face, label), (next_face, next_label) = read_lines()
    assert clicked == person.wanted
    assert (face, label, next_label) == (first, "fear", "fear")
    assert next_face not in {first, person.shown(), *(face for face, _ in clicked)}


def test_a_held_key_labels_one_face_and_keys_with_modifiers_none(person):
    face = person.shown()
    person.page.keyboard.down("5")
    for _ in range(10):
        person.page.keyboard.down("5")  # as often as it is called before `up`, the browser says that it is a repeat
    person.page.keyboard.up("5")
    for combination in ("Control+1", "Alt+1", "Meta+2", "Shift+S", "Control+u"):
        person.page.keyboard.press(combination)
    button = person.labeller.locator("button[aria-keyshortcuts='2']")
    button.focus()
    second = person.shown()
    for _ in range(5):
        person.page.keyboard.down("Enter")
    person.page.keyboard.up("Enter")
    person.wait_until_saved()
    assert read_lines() == [(face, "sad"), (second, "disgust")]


def test_keys_typed_into_a_box_label_nothing(person):
    box = person.page.get_by_role("textbox", name="Your name")
    box.click()
    box.press_sequentially("1730su")
    box.press("Enter")
    person.page.get_by_label("Split", exact=True).first.click()
    person.page.keyboard.type("5")
    person.page.keyboard.press("Escape")
    person.page.get_by_text("0 of 140 decided").click()
    person.press("4")
    person.wait_until_saved()
    assert read_lines() == person.wanted
    (made,) = open_log("tiny").standing.values()
    assert made.who.endswith("1730su")


def test_keys_label_again_once_a_list_was_chosen_and_the_page_says_when_they_go_to_a_box(person):
    page = person.page
    page.get_by_role("textbox", name="Your name").focus()
    page.get_by_text("Shortcuts are inactive while a text box has focus").wait_for()
    page.get_by_label("Split").click()
    page.get_by_role("option", name="train").click()
    page.get_by_text("0 of 49 decided").wait_for()
    person.press("3")
    person.wait_until_saved()
    assert read_lines() == person.wanted


def test_of_two_tabs_on_one_list_the_later_decision_wins_and_none_is_lost(person, address):
    other = Person(person.page.context.browser.new_page())
    other.page.goto(f"{address}/review")
    other.page.get_by_text("0 of 140 decided").wait_for()
    face = person.shown()
    assert other.shown() == face
    person.press_all("123")
    person.wait_until_saved()
    other.press("4")  # the face of before is still on this screen: it is that one that is decided on
    other.press_all("56U")
    other.wait_until_saved()
    later = [wanted if isinstance(wanted, tuple) else wanted + len(person.wanted) for wanted in other.wanted]
    assert read_lines() == [*person.wanted, *later]
    now = {c.face_id: c.expression for c in open_log("tiny").standing.values()}
    assert now[face] == "happy"


def test_on_a_freshly_opened_page_of_faces_no_face_is_chosen_and_a_digit_does_nothing(page, address, tmp_path):
    dataset = make_dataset(tmp_path)
    page.goto(f"{address}/data?data.section=Faces")
    page.get_by_text("Click a face").wait_for()
    for key in "50U":
        page.keyboard.press(key)
    page.keyboard.press("s")
    page.get_by_text("42 faces", exact=True).wait_for()
    click_in_chart(page, f"data.faces.0.{0}", 1.5 / 8, 0.05)
    person = Person(page)
    person.labeller.locator("img").wait_for()
    face = person.shown()
    page.keyboard.press("5")
    person.wait_until_saved()
    assert read_lines() == [(face, "sad")]
    assert face == dataset.table["face_id"].iloc[1]


def test_a_key_at_a_face_record_is_about_the_face_displayed_although_another_was_just_clicked(page, server, tmp_path):
    ids = make_dataset(tmp_path).table["face_id"]
    page.goto(f"{server.address}/data?data.section=Faces&face={quote(ids.iloc[0])}")
    person = Person(page)
    person.labeller.locator("img").wait_for()
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    server.process.send_signal(signal.SIGSTOP)
    try:
        click_in_chart(page, "data.faces.0.0", 2.5 / 8, 0.05)
        assert person.shown() == ids.iloc[0]
        page.keyboard.press("6")
    finally:
        server.process.send_signal(signal.SIGCONT)
    page.wait_for_function(
        "id => document.querySelector('[data-testid=stBidiComponentIsolated]')"
        "?.shadowRoot?.querySelector('.labeller')?.dataset.faceId === id",
        arg=ids.iloc[2],
    )
    page.keyboard.press("4")
    page.keyboard.press("u")
    page.keyboard.press("0")
    person.wait_until_saved()
    assert read_lines() == [(ids.iloc[0], "surprise"), (ids.iloc[2], "happy"), 1, (ids.iloc[2], DROP)]
