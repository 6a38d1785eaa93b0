"""What the tests in a real browser share."""

# One call, so that a chart that is drawn anew in between is not missed.
PLACE_OF_CHART = """key => {
    const area = document.querySelector(`.st-key-${key} .nsewdrag`);
    if (!area || !area.getBoundingClientRect().width) return null;
    area.scrollIntoView({block: "center"});
    const {x, y, width, height} = area.getBoundingClientRect();
    return [x, y, width, height];
}"""
LONG_MS = 240_000  # a training on a busy machine


def click_in_chart(page, key, x, y):
    """Clicks in a Plotly chart's plotting area at shares of its width and height, once the page is drawn."""
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    place = page.wait_for_function(PLACE_OF_CHART, arg=key.replace(".", "-")).json_value()
    left, top, width, height = place
    page.mouse.move(left + x * width, top + y * height)
    page.mouse.click(left + x * width, top + y * height)
